"""Sends a stored file: as an attachment, never inside our pages (rule 9)."""

from __future__ import annotations

from django.http import FileResponse

from noroshi.core.files.names import clean_name
from noroshi.core.files.store import open_file

# The same text as ``config.headers.FILE_POLICY``, which stands above this module.
POLICY = "default-src 'none'; sandbox"


def download(sha256: str, name: str) -> FileResponse:
    """The stored bytes as ``name``, whatever they claim to be; raises ``NotFound``."""
    response = FileResponse(
        open_file(sha256),
        as_attachment=True,
        filename=clean_name(name),
        content_type="application/octet-stream",
    )
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
