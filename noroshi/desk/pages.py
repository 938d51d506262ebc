"""Today, quick search, and the answers that belong to no area."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is missing or old: say so and offer to go back."""
    return render(request, "403.html", {"csrf": True}, status=403)
