"""What the signed-in shell shows on every page: the navigation with its counts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context for the base template."""
    return {"viewer": getattr(request, "viewer", None)}
