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
    pairs = [(name, value) for name, given in fields.items() for value in _listed(given)]
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)


def upload(
    client: Client, path: str, fields: Values, field: str, files: Iterable[tuple[str, bytes]]
) -> Any:
    """The form with files. Names stand as they are in ``filename``, and quoted in ``filename*``."""
    parts = [
        _part(f'name="{name}"', value.encode())
        for name, given in fields.items()
        for value in _listed(given)
    ]
    for number, (name, raw) in enumerate(files):
        plain = as_bytes(name).replace(b'"', b"%22").replace(b"\r", b"%0D").replace(b"\n", b"%0A")
        said = b'name="%s"; filename="%s"' % (field.encode(), plain)
        if number % 2:
            said = b"name=\"%s\"; filename*=UTF-8''%s" % (field.encode(), _quoted(name).encode())
        parts.append(_part(said, raw))
    body = b"".join(parts) + f"--{BORDER}--\r\n".encode()
    return client.post(path, body, content_type=f"multipart/form-data; boundary={BORDER}")


def _part(said: str | bytes, raw: bytes) -> bytes:
    head = said.encode() if isinstance(said, str) else said
    return b"--%s\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (
        BORDER.encode(),
        head,
        raw,
    )


def _quoted(text: str) -> str:
    return quote_from_bytes(as_bytes(text), safe="")


def _listed(given: str | Iterable[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)
