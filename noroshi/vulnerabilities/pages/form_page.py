"""The page of a form."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def form_page(request: HttpRequest, template: str, form: Any, **context: Any) -> HttpResponse:
    """The page of a form; 400 when it was sent and is not right."""
    return render(
        request, template, {"form": form, **context}, status=400 if form.is_bound else 200
    )
