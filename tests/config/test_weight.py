"""The bytes of the first pages as our own program sends them, and of their styles and scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from noroshi.ui.components import badges
from tests.harness.browser import signed_in
from tests.harness.people import World, make_world

pytestmark = pytest.mark.django_db

SENT = 60_000  # bytes of a page and everything that it loads, as they travel
RAW = 60_000  # bytes of all styles, and of all scripts
LOADED = re.compile(r'<(?:link|script|use|img)\b[^>]*?\b(?:href|src)="(/static/[^"#]+)')


@pytest.fixture
def collected(_own_folder: None, settings: Any) -> Iterator[None]:
    """Static files as an instance has them: hashed and compressed."""
    badges._sprite.cache_clear()  # the program looks up the place of the icons only once
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    # not the library's own copies of htmx, which no page loads
    call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=["django_htmx"])
    yield
    badges._sprite.cache_clear()


@pytest.fixture
def people(db: None) -> World:
    return make_world()


def weigh(client: Client, path: str) -> tuple[int, dict[str, int]]:
    """The bytes that travel for a page and all that it loads, and how long its parts are unpacked."""
    sent, raw = 0, {}
    page = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert page.status_code == 200
    assert page["Content-Encoding"] == "gzip"
    for loaded in sorted(set(LOADED.findall(client.get(path).content.decode()))):
        packed = client.get(loaded, headers={"Accept-Encoding": "gzip"})
        sent += len(packed.getvalue())
        raw[loaded] = len(client.get(loaded).getvalue())
        assert "immutable" in packed["Cache-Control"], loaded
    return sent + len(page.content), raw


def test_the_first_pages_travel_in_sixty_kilobytes(collected: None, people: World) -> None:
    for path, client in (("/account/login", Client()), ("/", signed_in(people.alice))):
        sent, raw = weigh(client, path)
        assert 20_000 < sent <= SENT, path
        styles = sum(size for name, size in raw.items() if name.endswith(".css"))
        scripts = sum(size for name, size in raw.items() if name.endswith(".js"))
        assert 30_000 < styles <= RAW, path
        assert 30_000 < scripts <= RAW, path
        assert [name for name in raw if "icons" in name]
        assert not [name for name in raw if name.endswith((".woff", ".woff2", ".ttf", ".otf"))]
