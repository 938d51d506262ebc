"""Whole pages: the frame around everything, error pages, the gallery."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from noroshi.core.errors import NotFound
from noroshi.ui import gallery, pages
from tests.ui.conftest import ESCAPED, HOSTILE

ERRORS = (400, 403, 404, 409, 429, 500, 503)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("status", ERRORS)
def test_an_error_page_says_what_happened_and_what_to_do(status: int, language: str) -> None:
    with translation.override(language):
        html = render_to_string(f"{status}.html", {"sentence": HOSTILE, "where": HOSTILE})
        bare = render_to_string(f"{status}.html")  # as Django does for 500, without a request
    assert f'<html lang="{language}">' in html
    assert ESCAPED in html
    assert "<script>alert" not in html
    assert html.count("<h1>") == 1
    assert 'href="/"' in bare
    japanese = re.search(r"[ぁ-ん]", re.sub(r"日本語", "", bare))
    assert bool(japanese) == (language == "ja")


@pytest.mark.parametrize("name", gallery.PAGES)
def test_a_page_has_one_heading_one_main_and_a_way_to_skip(name: str) -> None:
    response = pages.component_page(RequestFactory().get("/"), name)
    html = response.content.decode()
    assert html.count("<h1") == 1
    assert html.count("<main") == 1
    assert name == "report" or 'class="skip" href="#main"' in html
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_the_page_of_all_components_shows_each_of_them() -> None:
    html = pages.components(RequestFactory().get("/")).content.decode()
    for mark in (
        "tlp",
        "status",
        "sev",
        "who",
        "when",
        "notice",
        "errors",
        "empty",
        "progress",
        "board",
        "line",
        "field",
        "chart",
        "audience",
        "dialog",
        "sum",
    ):
        assert re.search(rf'class="{mark}\b', html), mark


def test_a_name_from_the_url_never_becomes_a_template() -> None:
    with pytest.raises(NotFound):
        pages.component_page(RequestFactory().get("/"), "../shell")


def test_the_gallery_has_no_address_outside_development() -> None:
    from noroshi.ui.urls import urlpatterns

    assert urlpatterns == []


@pytest.mark.parametrize(
    ("label", "name"), [("AMBER_STRICT", "paper-amber-strict"), ("RED", "paper-red")]
)
def test_a_report_has_its_label_on_every_sheet(label: str, name: str) -> None:
    html = render_to_string("ui/print.html", {"label": label})
    assert name in html
    assert html.count('class="tlp large"') == 2
    css = Path(pages.__file__).parent / "static/ui/css/print.css"
    assert f".{name} body" in css.read_text()
