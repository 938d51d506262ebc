"""Everything works by keyboard: every control is reached, seen and left, with the keys that say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import APIResponse, Page, Route

from noroshi.directory.areas import areas
from noroshi.directory.models import Person
from tests.browser.conftest import House
from tests.harness.browser import Watch, Window, opened
from tests.harness.people import PASSWORD

pytestmark = pytest.mark.django_db

# What a person can act on: every visible control, and of radio buttons the one that Tab comes to.
_HELP = """
const SELECTOR = "a[href], button, input, select, textarea, summary, [tabindex='0']";
window.controls = () => {
  const groups = new Set();
  return [...document.querySelectorAll(SELECTOR)].filter((one) => {
    if (one.disabled || one.type === "hidden" || !one.checkVisibility()) return false;
    if (one.closest("details:not([open])") && one.tagName !== "SUMMARY") return false;
    if (one.type !== "radio") return true;
    const group = [...one.form.elements].filter((other) => other.name === one.name);
    if (groups.has(one.name) || (group.some((other) => other.checked) && !one.checked)) return false;
    groups.add(one.name);
    return true;
  });
};
window.named = (one) => `${one.tagName} ${one.name || one.getAttribute("href") || ""} ` +
  (one.getAttribute("aria-label") || one.textContent || one.value || "").trim().replace(/\\s+/g, " ").slice(0, 40);
const ringed = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
  && !style.outlineColor.endsWith(", 0)");
window.stop = () => {
  const one = document.activeElement, label = one.closest("label");
  if (one === document.body) return null;
  const box = (label ?? one).getBoundingClientRect();
  const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
  const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
  const there = document.elementFromPoint(x, y);
  return {
    number: controls().indexOf(one), name: named(one),
    ring: ringed(getComputedStyle(one)) || ringed(getComputedStyle(one, "::after"))
      || Boolean(label && ringed(getComputedStyle(label))),
    bare: Boolean(there && ((label ?? one).contains(there) || there.contains(one))),
  };
};
"""


@pytest.fixture
def page(house: House) -> Iterator[Page]:
    """Alice's window, in English."""
    Person.objects.update(language="en")
    watch = Watch()
    page = opened(house.browser, house.site, watch=watch, reduced_motion="reduce")
    page.add_init_script(_HELP)
    Window(page, house.site, house.made.world.people).of("alice")
    yield page
    page.context.close()
    assert watch.faults == []


@pytest.fixture
def go(page: Page, house: House) -> Callable[[str], None]:
    """``go("/")`` opens a page."""

    def open_page(path: str) -> None:
        page.goto(house.site.url + path)

    return open_page


def at(page: Page, selector: str) -> bool:
    """Is the focus on this?"""
    return bool(page.evaluate("(it) => document.activeElement.matches(it)", selector))


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until the focus is on this."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if at(page, selector):
            return
    raise AssertionError(f"Tab does not come to {selector}")


def path_of(page: Page) -> str:
    return urlsplit(page.url).path


def test_every_control_is_reached_and_seen_in_the_order_of_the_page_and_left_again(
    page: Page, house: House, go: Callable[[str], None]
) -> None:
    thing = house.made.thing
    faults = []
    for path in (
        "/",
        "/vulnerabilities",
        f"/vulnerabilities/{thing('assessment circle in a').id}",
        f"/warnings/{thing('warning amber released').id}",
        "/warnings/new",
    ):
        go(path)
        faults += [f"{path}: {fault}" for fault in walk(page)]
    page.context.clear_cookies()
    go("/account/login")
    faults += [f"/account/login: {fault}" for fault in walk(page)]
    assert not faults, "\n".join(faults)


def walk(page: Page) -> list[str]:
    """The faults of the way that Tab goes from the top of the page to its end."""
    page.evaluate("document.activeElement.blur()")
    names = page.evaluate("controls().map(named)")
    stops: list[dict[str, Any]] = []
    faults = []
    for _ in range(len(names) * 2):
        page.keyboard.press("Tab")
        stop = page.evaluate("stop()")
        if stop is None or (stop["number"] == 0 and len(stops) > 1):
            break
        if stops and stop["number"] == stops[-1]["number"]:
            continue  # within a field for a time: the year, the month and so on, with a ring of the browser's
        stops.append(stop)
        if not stop["ring"]:
            faults.append(f"no ring at {stop['name']}")
        if not stop["bare"]:
            faults.append(f"something lies over {stop['name']}")
    assert len(names) > 4
    if [stop["number"] for stop in stops] != list(range(len(names))):
        faults.append(f"Tab goes to {[stop['name'] for stop in stops]}, on the page are {names}")
    return faults


def test_the_link_at_the_top_goes_past_the_navigation(
    page: Page, go: Callable[[str], None]
) -> None:
    go("/vulnerabilities")
    page.keyboard.press("Tab")
    assert at(page, ".skip")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert at(page, "main a, main button, main input")


def test_shortcuts_go_where_the_list_of_them_says(
    page: Page, house: House, go: Callable[[str], None]
) -> None:
    alice = house.made.viewer("alice")
    entries = [entry for area in areas() for entry in area.nav if entry.seen_by(alice)]
    go("/")
    page.keyboard.press("?")
    keys = page.locator("#keys dt").all_inner_texts()
    places = dict(
        page.evaluate(
            "[...document.querySelectorAll('.nav [data-key]')].map((one) => [one.dataset.key, one.pathname])"
        )
    )
    assert places.keys() == {entry.key for entry in entries} - {""}
    assert len(places) >= 3
    assert {f"g {key}" for key in places} == {text for text in keys if text.startswith("g ")}
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()
    for key, path in places.items():
        with page.expect_navigation():
            page.keyboard.press("g")
            page.keyboard.press(key)
        assert path_of(page) == path


def test_search_is_opened_and_left_again(page: Page, go: Callable[[str], None]) -> None:
    go("/vulnerabilities")
    page.keyboard.press("j")
    row = page.evaluate("document.activeElement.href")
    page.keyboard.press("/")
    page.keyboard.type("kan?j")
    assert page.locator(".quick input").input_value() == "kan?j"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.href") == row
    page.keyboard.press("/")
    page.keyboard.type("kanaria")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert path_of(page) == "/search"


def test_a_row_is_gone_to_and_opened(page: Page, go: Callable[[str], None]) -> None:
    go("/vulnerabilities")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert (
        page.evaluate(
            "controls().filter((one) => one.matches('main .title')).indexOf(document.activeElement)"
        )
        == 0
    )
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert path_of(page).startswith("/vulnerabilities/V-")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_menu_and_its_dialog_open_and_give_the_focus_back(
    page: Page, go: Callable[[str], None], key: str
) -> None:
    go("/")
    tab_to(page, ".me summary")
    page.keyboard.press(key)
    assert page.locator(".me[open]").count() == 1
    page.keyboard.press("Tab")
    assert at(page, ".me div a")
    page.keyboard.press("Escape")
    assert page.locator(".me[open]").count() == 0
    assert at(page, ".me summary")
    page.keyboard.press(key)
    tab_to(page, "a[href='#keys']")
    page.keyboard.press(key)
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()
    assert at(page, ".me summary")


def test_a_menu_that_is_left_lies_over_nothing(page: Page, go: Callable[[str], None]) -> None:
    go("/")
    tab_to(page, ".me summary")
    page.keyboard.press("Enter")
    tab_to(page, ".nav a")
    assert page.locator(".me[open]").count() == 0


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_a_dialog_holds_the_focus_and_gives_it_back(
    page: Page, house: House, go: Callable[[str], None], key: str
) -> None:
    go(f"/warnings/{house.made.thing('warning amber released').id}")
    for closes in ("Escape", key):
        tab_to(page, "a[href='#withdraw']")
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.closest('dialog')?.id") == "withdraw"
        for _ in range(5):
            page.keyboard.press("Tab")
            assert at(page, "#withdraw, #withdraw *, body")  # the body: it is at the browser's own
        if closes == key:
            tab_to(page, "#withdraw [data-closes]")
        page.keyboard.press(closes)
        assert not page.locator("#withdraw").is_visible()
        assert at(page, "a[href='#withdraw']")
        go(f"/warnings/{house.made.thing('warning amber released').id}")


def test_somebody_signs_in(page: Page, go: Callable[[str], None]) -> None:
    page.context.clear_cookies()
    go("/account/login")
    tab_to(page, "[name=login]")
    page.keyboard.type("ann@a.example")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert path_of(page) == "/"


def test_an_assessment_is_made_and_sent(
    page: Page, house: House, go: Callable[[str], None]
) -> None:
    row = house.made.thing("assessment red in a").id
    go(f"/vulnerabilities/{row}")
    tab_to(page, f"main a[href$='{row}/assess']")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    for name in page.evaluate(
        "[...new Set([...document.querySelectorAll('#points [type=radio]')].map((one) => one.name))]"
    ):
        tab_to(page, f"[name={name}]")
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.keyboard.press("ArrowRight")  # what the tables propose is asked anew
    tab_to(page, "[name=text]")
    page.keyboard.type("An attacker gets in from the internet.")
    tab_to(page, "[name=priority]")
    page.keyboard.press("ArrowRight")
    tab_to(page, "[name=reason]")
    page.keyboard.type("It is open to everybody.")
    tab_to(page, "button.primary")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert path_of(page) == f"/vulnerabilities/{row}"
    assert "An attacker gets in from the internet." in page.locator("main").inner_text()


def test_what_is_chosen_while_an_answer_comes_is_asked_too(
    page: Page, house: House, go: Callable[[str], None]
) -> None:
    here = f"/vulnerabilities/{house.made.thing('assessment red in a').id}/assess"
    go(here)
    waiting: list[tuple[Route, APIResponse]] = []
    page.route(f"**{here}", lambda route: waiting.append((route, route.fetch())), times=1)
    tab_to(page, "#points [type=radio]")
    page.keyboard.press("ArrowRight")
    while not waiting:
        page.wait_for_timeout(20)
    with page.expect_request(
        lambda request: request.method == "POST", timeout=3_000
    ) as request_info:
        page.keyboard.press("ArrowRight")
        route, answer = waiting[0]
        route.fulfill(response=answer)
    request_info.value.response()  # nothing is under way when the test is rolled back
