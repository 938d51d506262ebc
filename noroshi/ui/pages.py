"""The pages that show every component, for those who build pages; only while developing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from noroshi.ui import gallery


@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    return render(request, "ui/gallery/all.html", gallery.everything())


@require_GET
def component_page(request: HttpRequest, name: str) -> HttpResponse:
    """One whole page made of the components: today, list, thing, compose, phone, report."""
    return render(request, f"ui/gallery/{gallery.page(name)}.html", gallery.everything())
