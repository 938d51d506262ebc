"""Sending forms as a hostile program does, byte by byte, not as a browser would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote_from_bytes

from django.test import Client

from tests.harness.texts import as_bytes

BORDER = "----hostile"

Values = Mapping[str, str | Iterable[str]]


def post(client: Client, path: str, fields: Values) -> Any:
    """The form sent as it stands, lone surrogates and all; the answer is never an exception."""
    return client.post(path, as_form(fields), content_type="application/x-www-form-urlencoded")


def as_form(fields: Values) -> str:
    """The body of a form without files."""
    pairs = [(name, value) for name, values in fields.items() for value in _as_list(values)]
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)


def upload(
    client: Client, path: str, fields: Values, field: str, files: Iterable[tuple[str, bytes]]
) -> Any:
    """The form with files. Names stand as they are in ``filename``, and quoted in ``filename*``."""
    parts = [
        _section(f'name="{name}"', value.encode())
        for name, values in fields.items()
        for value in _as_list(values)
    ]
    for number, (name, raw) in enumerate(files):
        plain = as_bytes(name).replace(b'"', b"%22").replace(b"\r", b"%0D").replace(b"\n", b"%0A")
        disposition = b'name="%s"; filename="%s"' % (field.encode(), plain)
        if number % 2:
            disposition = b"name=\"%s\"; filename*=UTF-8''%s" % (
                field.encode(),
                _quoted(name).encode(),
            )
        parts.append(_section(disposition, raw))
    body = b"".join(parts) + f"--{BORDER}--\r\n".encode()
    return client.post(path, body, content_type=f"multipart/form-data; boundary={BORDER}")


def _section(disposition: str | bytes, raw: bytes) -> bytes:
    head = disposition.encode() if isinstance(disposition, str) else disposition
    return b"--%s\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (
        BORDER.encode(),
        head,
        raw,
    )


def _quoted(text: str) -> str:
    return quote_from_bytes(as_bytes(text), safe="")


def _as_list(values: str | Iterable[str]) -> list[str]:
    return [values] if isinstance(values, str) else list(values)
