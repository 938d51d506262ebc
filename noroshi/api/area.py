"""The API, as it declares itself: each area says which modules here hold its operations."""

from __future__ import annotations

from noroshi.directory.areas import Area

AREA = Area(urls="api/v1/")
