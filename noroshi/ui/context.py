"""What every page needs to know about how it is to look."""

from __future__ import annotations

from django.http import HttpRequest

THEMES = ("light", "dark")


def appearance(request: HttpRequest) -> dict[str, str]:
    """``theme``: the person's choice, or nothing, then the system's is followed."""
    theme = request.COOKIES.get("theme", "")
    return {"theme": theme if theme in THEMES else ""}
