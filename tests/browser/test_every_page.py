"""Every page of the route table in Chromium: read by axe, narrow and wide, in both languages and themes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from noroshi.directory.models import Person
from tests.browser.conftest import House
from tests.harness.browser import CONTRAST, Contrast, Watch, axe_faults, opened, shape_faults
from tests.harness.pages import Seen

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("width", "language", "theme"), [(1280, "ja", "light"), (390, "en", "dark")]
)
def test_no_page_has_a_fault_that_a_browser_can_find(
    house: House, pages: list[Seen], width: int, language: str, theme: str
) -> None:
    Person.objects.update(language=language, theme=theme)
    watch, contrast, faults = Watch(), Contrast(), []
    windows: dict[str, Page] = {}
    for seen in pages:
        if seen.person not in windows:
            person = house.made.world.people.get(seen.person)
            page = opened(
                house.browser, house.site, person, width=width, watch=watch, axe=True,
                reduced_motion="reduce",
            )  # fmt: skip
            for name, value in (("noroshi_language", language), ("noroshi_theme", theme)):
                page.context.add_cookies([{"name": name, "value": value, "url": house.site.url}])
            windows[seen.person] = page
        page = windows[seen.person]
        page.goto(house.site.url + seen.url, wait_until="load")
        assert page.get_attribute("html", "lang") == language, seen
        told = [*shape_faults(page), *axe_faults(page)]
        is_paper = "paper" in (page.get_attribute("html", "class") or "")
        for each in ("light",) if is_paper else ("light", "dark"):
            told += contrast.faults(page, each)
        faults += [f"/{seen.key}: {fault}" for fault in told]
    for page in windows.values():
        page.context.close()
    assert not faults, "\n".join(faults)
    assert watch.said == []
    assert len(pages) > 55
    assert len(contrast.looks) > 60


def test_axe_would_find_text_that_is_too_pale_in_one_theme_alone(house: House) -> None:
    page = opened(house.browser, house.site, axe=True, bypass_csp=True, reduced_motion="reduce")
    page.goto(house.site.url + "/account/login")
    page.add_style_tag(content="h1 { color: light-dark(#000, #333) !important }")
    contrast = Contrast()
    assert contrast.faults(page, "light") == []
    assert [one.partition(":")[0] for one in contrast.faults(page, "dark")] == [CONTRAST]
    page.context.close()
