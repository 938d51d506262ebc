"""Fixtures of the tests of components: a still clock, a language, a way to render."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation
from pytest_django import Settings

HOSTILE = """<script>alert(1)</script>"onmouseover='x' & {{ 7 }}"""
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;&quot;onmouseover=&#x27;x&#x27; &amp; {{ 7 }}"

Render = Callable[..., str]


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """It is Tuesday 24 November 2026, 14:10 in Tokyo, and people read English."""
    moment = datetime(2026, 11, 24, 5, 10, tzinfo=UTC)
    with (
        time_machine.travel(moment, tick=False),
        timezone.override("Asia/Tokyo"),
        translation.override("en"),
    ):
        yield


@pytest.fixture(autouse=True)
def own_addresses(settings: Settings) -> None:
    """Components are tested without the areas that stand above them."""
    settings.ROOT_URLCONF = "tests.ui.urls"


@pytest.fixture
def japanese() -> Iterator[None]:
    with translation.override("ja"):
        yield


@pytest.fixture
def render() -> Render:
    """``render("{% tlp label %}", label=…)``, for a request to ``url``."""

    def rendered(source: str, url: str = "/list", **values: object) -> str:
        request = RequestFactory().get(url)
        context = Context({"request": request, "csrf_token": "token", **values})
        return str(Template(source).render(context))

    return rendered
