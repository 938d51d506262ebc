"""Every page of the route table in Chromium: read by axe, narrow and wide, in both languages and themes."""

from __future__ import annotations

import pytest

from noroshi.directory.models import Person
from tests.browser.conftest import House
from tests.harness.browser import (
    CONTRAST,
    Contrast,
    Watch,
    Window,
    axe_faults,
    opened,
    shape_faults,
)
from tests.harness.pages import Seen

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def contrast() -> Contrast:
    """One for all pages here: a look that was read is as readable on a narrow page."""
    return Contrast()


@pytest.mark.parametrize(
    ("width", "language", "theme"), [(1280, "ja", "light"), (390, "en", "dark")]
)
def test_no_page_has_a_fault_that_a_browser_can_find(
    house: House, pages: list[Seen], contrast: Contrast, width: int, language: str, theme: str
) -> None:
    Person.objects.update(language=language, theme=theme)
    watch, faults = Watch(), []
    page = opened(
        house.browser, house.site, width=width, watch=watch, axe=True, reduced_motion="reduce"
    )
    window = Window(page, house.site, house.made.world.people)
    for seen in pages:
        window.of(seen.person, noroshi_language=language, noroshi_theme=theme)
        page.goto(house.site.url + seen.url, wait_until="load")
        assert page.get_attribute("html", "lang") == language, seen
        page_faults = [*shape_faults(page), *axe_faults(page)]
        is_paper = "paper" in (page.get_attribute("html", "class") or "")
        for each in ("light",) if is_paper else ("light", "dark"):
            page_faults += contrast.faults(page, each)
        faults += [f"/{seen.key}: {fault}" for fault in page_faults]
    page.context.close()
    assert not faults, "\n".join(faults)
    assert watch.faults == []
    assert len(pages) > 55
    assert len(contrast.looks) > 60


def test_axe_would_find_text_that_is_too_pale_in_one_theme_alone(house: House) -> None:
    page = opened(house.browser, house.site, axe=True, bypass_csp=True, reduced_motion="reduce")
    page.goto(house.site.url + "/account/login")
    page.add_style_tag(content="h1 { color: light-dark(#000, #333) !important }")
    contrast = Contrast()
    assert contrast.faults(page, "light") == []
    assert [fault.partition(":")[0] for fault in contrast.faults(page, "dark")] == [CONTRAST]
    page.context.close()
