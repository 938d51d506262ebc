"""The pages of the gallery in a browser: read by axe, used by keyboard, narrow, without JavaScript."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import (  # type: ignore[import-untyped]  # ships no types
    Axe,
)
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from playwright.sync_api import Browser, Page, sync_playwright

from noroshi.ui.gallery import PAGES

ALL = ("", *(f"/{name}" for name in PAGES))


@pytest.fixture(autouse=True)
def still() -> None:
    """Time goes on here: a browser waits."""


@pytest.fixture
def address() -> Iterator[str]:
    """A server with our real middleware and no database: components never query."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    server.set_app(StaticFilesHandler(WSGIHandler()))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library names it
        """Says nothing of the pages that were asked for."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell")
        )
        yield browser
        browser.close()


def visit(
    browser: Browser,
    address: str,
    path: str,
    width: int = 1280,
    language: str = "ja",
    theme: str = "light",
    **options: bool,
) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 844}, **options)  # type: ignore[arg-type]
    for name, value in (("noroshi_language", language), ("noroshi_theme", theme)):
        context.add_cookies([{"name": name, "value": value, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/_components{path}")
    return page


def faults(page: Page) -> list[tuple[str, str]]:
    violations = Axe().run(page).response["violations"]
    return [(fault["id"], node["html"]) for fault in violations for node in fault["nodes"]]


@pytest.mark.parametrize("path", ALL)
def test_axe_finds_nothing_in_both_themes_and_languages(
    browser: Browser, address: str, path: str
) -> None:
    for theme, language, width in (("light", "ja", 1280), ("dark", "en", 390)):
        page = visit(browser, address, path, width, language, theme, bypass_csp=True)
        assert page.get_attribute("html", "lang") == language
        assert path == "/report" or page.get_attribute("html", "data-theme") == theme
        assert faults(page) == []
        page.context.close()


def test_axe_would_find_text_that_is_too_pale(browser: Browser, address: str) -> None:
    page = visit(browser, address, "/thing", bypass_csp=True)
    page.add_style_tag(content="h1 { color: #ccc !important }")
    assert [fault for fault, _ in faults(page)] == ["color-contrast"]


@pytest.mark.parametrize("path", ALL)
def test_no_page_scrolls_sideways(browser: Browser, address: str, path: str) -> None:
    page = visit(browser, address, path)
    for width in (1024, 900, 840, 640, 390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


def test_the_content_policy_is_never_broken(browser: Browser, address: str) -> None:
    messages: list[str] = []
    page = visit(browser, address, "/today")
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    for path in ALL:
        page.goto(f"{address}/_components{path}")
        page.wait_for_load_state("networkidle")
        assert messages == [], path


def test_a_list_is_worked_through_by_keyboard(browser: Browser, address: str) -> None:
    page = visit(browser, address, "/list")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert "V-142" in page.evaluate("document.activeElement.closest('tr').textContent")
    assert not page.locator(".bulk").is_visible()
    page.keyboard.press("x")
    assert page.locator(".bulk").is_visible()
    assert page.locator(".picked").text_content() == "1 件を選択"
    page.keyboard.press("k")
    assert "V-139" in page.evaluate("document.activeElement.closest('tr').textContent")
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()


def test_shortcuts_keep_still_while_somebody_types(browser: Browser, address: str) -> None:
    page = visit(browser, address, "/list")
    page.keyboard.press("/")
    page.keyboard.type("gj?x/")
    assert page.locator(".quick input").input_value() == "gj?x/"
    assert not page.locator("#keys").is_visible()


def test_the_theme_changes_at_once_and_is_sent_to_be_kept(browser: Browser, address: str) -> None:
    page = visit(browser, address, "/signin")
    with page.expect_request("**/settings/theme") as sent:
        page.locator("[data-theme-form] button").first.click()
    assert sent.value.method == "POST"
    assert 'name="theme"\r\n\r\ndark' in (sent.value.post_data or "")
    assert page.get_attribute("html", "data-theme") == "dark"


def test_the_audience_asks_again_when_the_label_changes(browser: Browser, address: str) -> None:
    page = visit(browser, address, "/compose")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.locator("[name=tlp][value=GREEN]").check()
    assert "tlp=GREEN" in (sent.value.post_data or "")
    # The gallery takes no POST: an answer that did not come must not look like the present one.
    page.locator(".stale").wait_for(state="visible")


def test_a_dialog_opens_and_closes(browser: Browser, address: str) -> None:
    page = visit(browser, address, "/thing")
    page.locator("main a[href='#back']").click()
    assert page.evaluate("document.getElementById('back').open")
    page.locator("#back [data-closes]").click()
    assert not page.evaluate("document.getElementById('back').open")


def test_without_javascript_everything_is_reached(browser: Browser, address: str) -> None:
    page = visit(browser, address, "/thing", 390, java_script_enabled=False)
    assert not page.locator("#back").is_visible()
    page.locator("main a[href='#back']").click()
    assert page.locator("#back button").is_visible()
    page.locator("#back [data-closes]").click()
    assert not page.locator("#back").is_visible()
    page.locator("[popovertarget=nav]").click()
    assert page.locator(".nav a").first.is_visible()
    page.goto(f"{address}/_components/signin")
    assert page.locator("form[action='/settings/theme'] button").get_attribute("value") == "dark"


def test_targets_are_large_enough_on_touch(browser: Browser, address: str) -> None:
    page = visit(browser, address, "/phone", 390, has_touch=True, is_mobile=True)
    heights = page.evaluate(
        "[...document.querySelectorAll('.btn')].filter(b => b.checkVisibility()).map(b => b.offsetHeight)"
    )
    assert len(heights) >= 4
    assert min(heights) >= 44
