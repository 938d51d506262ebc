"""Every form is filled in and sent with JavaScript off: what htmx makes quicker works without it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from playwright.sync_api import FilePayload, Locator, Page

from noroshi.core import clock
from noroshi.directory.models import Person
from noroshi.inventory.models import Import
from noroshi.sharing import system
from tests.browser.conftest import House
from tests.harness.browser import Window, opened
from tests.harness.doors import Write
from tests.harness.examples import EXAMPLES
from tests.harness.pages import Seen, key_of, targets
from tests.harness.people import PASSWORD
from tests.harness.routes import Route, all_routes

pytestmark = pytest.mark.django_db

PASSKEY = "a passkey is asked for by script in every browser; tests/directory has one"
APP = "an app's codes are asked for only by turns, see the test of the app"
ELSEWHERE = {
    "account/passkey": PASSKEY,
    "settings/security/again/passkey": PASSKEY,
    "settings/security/passkeys/new": PASSKEY,
    "settings/security/passkeys/<pk>/remove": PASSKEY,
    "account/second": APP,
    "settings/security/again": APP,
    "settings/security/again/code": APP,
    "settings/security/app": APP,
    "settings/security/app/remove": APP,
    "settings/security/codes": APP,
    "settings/security/codes/new": APP,
    "vulnerabilities/<public_id>/instruct/readers": "is asked of what is TLP:RED, see test_red.py",
    "account/sample/<person_id>": "there are no sample people here, see the test of theirs",
}
# What a form asks for only by turns, see the test of whom a warning names.
LEFT_OUT = {"named"}
# Where a form stands that is neither on its own page nor on that of the thing above it.
STANDS_ON = {"settings/theme": "teams/", "settings/language": "teams/", "account/logout": "teams/"}


def a_job_has_died(house: House) -> None:
    """The import under way has stood still for an hour."""
    entry = house.made.thing("import under way")
    system.rows(Import, "an hour goes by").filter(public_id=entry.id).update(
        created_at=clock.now() - timedelta(hours=1)
    )


BEFORE = {"systems/imports/<import_id>/resume": a_job_has_died}


def without_javascript(house: House) -> Window:
    """A window for everybody."""
    page = opened(house.browser, house.site, java_script_enabled=False)
    return Window(page, house.site, house.made.world.people)


def forms() -> Iterator[tuple[Route, Write]]:
    """Every route that takes a form, but those that have a test of their own here."""
    for route in all_routes():
        if not route.is_api and "api/" not in route.path and route.key not in ELSEWHERE:
            write = EXAMPLES[route.key].write
            if write is not None:
                yield route, write


def test_every_form_on_every_page_is_among_those_that_are_sent(pages: list[Seen]) -> None:
    sent = {route.key for route, _write in forms()} | set(ELSEWHERE)
    targets = {key_of(path) for seen in pages for path in seen.posts}
    assert targets - sent == set()
    assert len(targets) > 35


def test_every_form_can_be_filled_in_and_sent_without_javascript(house: House) -> None:
    Person.objects.update(language="en")
    faults, sent = [], 0
    window = without_javascript(house)
    for route, write in forms():
        page = window.of(write.by)
        with transaction.atomic():
            if route.key in BEFORE:
                BEFORE[route.key](house)
            fault = send(house, page, route, write)
            transaction.set_rollback(True)
        faults += [f"{route.key}: {fault}"] if fault else []
        sent += 1
    window.page.context.close()
    assert not faults, "\n".join(faults)
    assert sent >= 45


def test_every_search_and_every_filter_works_without_javascript(
    house: House, pages: list[Seen]
) -> None:
    Person.objects.update(language="en")
    forms: dict[str, tuple[str, Seen]] = {}
    for seen in pages:
        for path in seen.gets:
            forms.setdefault(key_of(path), (path, seen))
    window = without_javascript(house)
    for path, seen in forms.values():
        page = window.of(seen.person)
        page.goto(house.site.url + seen.url)
        own = f"form[method=get][action='{path}'], main form[method=get]:not([action])"
        form = page.locator(own).first
        words = form.locator("input[type=search], input[type=text]")
        with page.expect_navigation(timeout=5_000) as gone:
            if words.count():
                words.first.fill("kanaria")
                words.first.press("Enter")
            else:
                form.locator("summary").first.click()
                form.locator("input[type=checkbox], input[type=radio]").last.check()
                form.locator("button:visible").first.click()
        assert gone.value is not None
        assert gone.value.status == 200, path
        asked_of = urlsplit(page.url)
        assert (asked_of.path, bool(asked_of.query)) == (path, True)
    window.page.context.close()
    assert len(forms) >= 6


def test_whom_a_red_warning_names_is_found_and_ticked_without_javascript(house: House) -> None:
    Person.objects.update(language="en")
    page = opened(house.browser, house.site, house.made.world.alice, java_script_enabled=False)
    page.goto(f"{house.site.url}/warnings/new")
    page.locator("[name=label][value=red]").check()
    page.locator("[name=title]").fill("A title")
    page.locator("[name=text]").fill("What happens")
    page.locator("[name=todo]").fill("What to do")
    page.locator("[name=find]").fill("Bessho")
    with transaction.atomic():
        page.locator("button[value=find]").click()
        page.get_by_label("Bob Bessho").check()
        page.locator("button[value=save]").click()
        assert urlsplit(page.url).path.startswith("/warnings/W-")
        assert "Bob Bessho" in page.locator("main").inner_text()
        transaction.set_rollback(True)
    page.context.close()


def test_who_reads_a_warning_is_shown_without_javascript(house: House) -> None:
    Person.objects.update(language="en")
    page = opened(house.browser, house.site, house.made.world.alice, java_script_enabled=False)
    page.goto(f"{house.site.url}/warnings/new")
    page.locator("[name=label][value=amber]").check()
    page.locator("[name=circle]").select_option(house.made.thing("circle x").id)
    page.locator("aside.audience button").click()
    assert urlsplit(page.url).path == "/warnings/preview"
    assert "2 teams" in page.locator(".audience").inner_text()
    assert page.locator("[name=circle]").input_value() == house.made.thing("circle x").id
    page.context.close()


def test_an_app_is_set_up_used_and_removed_without_javascript(house: House) -> None:
    Person.objects.update(language="en")
    page = opened(house.browser, house.site, java_script_enabled=False)

    def go(path: str) -> None:
        page.goto(house.site.url + path)

    def give(name: str, value: str) -> None:
        field = page.locator(f"main [name={name}]")
        field.fill(value)
        field.press("Enter")
        page.wait_for_load_state()

    def code(secret: str) -> str:
        left = 30 - time.time() % 30
        if left < 5:  # the code would end before a slow machine has sent it
            time.sleep(left)
        return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))

    def enter() -> None:
        go("/account/login")
        page.locator("[name=login]").fill("ann@a.example")
        give("password", PASSWORD)

    def stands_on(path: str) -> bool:
        return urlsplit(page.url).path == path

    with transaction.atomic():
        enter()
        assert stands_on("/")
        go("/settings/security/app")
        assert stands_on("/settings/security/again")
        give("password", PASSWORD)
        secret = page.locator("dl.sum dd").first.inner_text().strip()
        give("code", code(secret))
        assert stands_on("/settings/security/codes")
        page.locator("main form button").click()
        first = page.locator("pre.cmd").inner_text().split()[0]
        go("/settings/security/codes/new")
        page.locator("main form button").click()
        page.locator("main form button").click()
        second = page.locator("pre.cmd").inner_text().split()[0]
        page.context.clear_cookies()
        enter()
        assert stands_on("/account/second")
        give("code", first)
        assert page.locator(".errors").count() == 1  # another stands in its place
        give("code", second)
        assert stands_on("/")
        go("/settings/security/app/remove")
        assert stands_on("/settings/security/again")
        transaction.set_rollback(True)
    page.context.close()


def test_a_sample_person_is_chosen_without_javascript(house: House, settings: Any) -> None:
    settings.NOROSHI_SAMPLE = True
    page = opened(house.browser, house.site, java_script_enabled=False)
    page.goto(f"{house.site.url}/account/login")
    page.locator("form[action*='/account/sample/'] button").first.click()
    assert urlsplit(page.url).path == "/"
    page.context.close()


# Which of the page's forms takes these fields there, what must be opened for it, and its button.
_FIND = """([path, body]) => {
  const at = (url) => new URL(url, location).pathname;
  const forms = [...document.querySelectorAll("form[method=post]")];
  for (const [number, form] of forms.entries()) {
    const buttons = [...form.querySelectorAll("button:not([type=button])")];
    const elsewhere = buttons.find((one) => one.hasAttribute("formaction") && at(one.formAction) === path);
    if (!elsewhere && at(form.getAttribute("action") ?? "") !== path) continue;
    const fields = Object.keys(body).map((name) => form.querySelector(`[name="${name}"]`));
    if (fields.includes(null)) continue;
    const button = elsewhere
      ?? buttons.find((one) => one.name && String(body[one.name]) === one.value)
      ?? buttons.find((one) => !one.hasAttribute("formaction"));
    return {
      number,
      button: [...form.querySelectorAll("button")].indexOf(button),
      menu: Boolean(form.closest("details:not([open])")),
      dialog: form.closest("dialog:not([open])")?.id ?? "",
      kinds: Object.fromEntries(fields.map((one) => [one.name, one.type])),
    };
  }
  return null;
}"""


def send(house: House, page: Page, route: Route, write: Write) -> str:
    """Fill in the form of this route and send it; what went wrong, or nothing."""
    path = route.url(write.at(house.made))
    values = write.body(house.made)
    body = {name: values[name] for name in values if values[name] and name not in LEFT_OUT}
    form_facts = form_on(house, page, route, path, body)
    if form_facts is None:
        return f"no page holds its form ({path}, {write.by}, {sorted(body)})"
    form = page.locator("form[method=post]").nth(form_facts["number"])
    if form_facts["menu"]:
        form.locator("xpath=ancestor::details[1]").locator("summary").click()
    if form_facts["dialog"]:
        page.locator(f"a[href='#{form_facts['dialog']}']").first.click()
    for name, value in body.items():
        fill(form, name, form_facts["kinds"][name], value)
    with page.expect_navigation() as gone:
        form.locator("button").nth(form_facts["button"]).click(timeout=3_000)
    answer = gone.value
    if answer is None or answer.status != 200:
        heading = page.locator("h1").first.inner_text()
        return f"{answer.status if answer else 'no'} answer: {heading}"
    if page.locator("main .errors, form .errors").count():
        return f"refused: {page.locator('.errors').first.inner_text()}"
    return ""


def form_on(
    house: House, page: Page, route: Route, path: str, body: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The form that is sent to ``path``, on its own page or on its thing's."""
    above = path.rpartition("/")[0]
    frame = STANDS_ON.get(route.key)
    values = {name: value if isinstance(value, str) else "" for name, value in body.items()}
    for place in (f"/{frame}",) if frame else (path, above, f"{above}/edit", f"{above}/new"):
        answer = page.context.request.get(house.site.url + place, max_redirects=0)
        if answer.status == 200 and path in targets(answer.text(), place, "post"):
            page.goto(house.site.url + place)
            form_facts: dict[str, Any] | None = page.evaluate(_FIND, [path, values])
            if form_facts:
                return form_facts
    return None


def fill(form: Locator, name: str, kind: str, value: Any) -> None:
    """Put a value into its field, whatever kind of field it is."""
    fields = form.locator(f"[name='{name}']")
    values = value if isinstance(value, list) else [value]
    if isinstance(value, SimpleUploadedFile):
        fields.set_input_files(
            FilePayload(name=value.name or "", mimeType="text/plain", buffer=value.read())
        )
    elif kind == "checkbox":
        for box in fields.all():
            box.set_checked((box.get_attribute("value") or "on") in values, force=True)
    elif kind == "radio":
        form.locator(f"[name='{name}'][value='{value}']").check(force=True)
    elif kind.startswith("select"):
        fields.select_option(value)
    elif kind not in {"hidden", "submit"}:
        fields.fill(str(value))
