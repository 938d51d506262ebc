"""A real browser adds a passkey and signs in with it, under the strict content policy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from noroshi.directory.models import Person
from tests.harness.people import PASSWORD, make_world

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def alice(transactional_db: None) -> Person:
    """Alice, who has a password and reads English."""
    person = make_world().alice
    person.language = "en"
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def page(alice: Person, live_server: LiveServer) -> Iterator[Page]:
    """A page whose device has a fingerprint reader.

    Comes after all rows are made: Playwright keeps an event loop in this thread, and Django would
    open a second connection under it that nobody closes.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell"), args=["--no-sandbox"]
        )
        context = browser.new_context(locale="en-GB")
        opened = context.new_page()
        device = context.new_cdp_session(opened)
        device.send("WebAuthn.enable")
        device.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        yield opened
        browser.close()


@pytest.mark.filterwarnings("ignore:No directory at")  # the server starts before the test's folder
def test_alice_adds_a_passkey_and_comes_back_with_a_touch(
    alice: Person, live_server: LiveServer, page: Page
) -> None:
    blocked: list[str] = []
    page.on("console", lambda m: blocked.append(m.text) if "Content Security" in m.text else None)
    home = live_server.url.replace("127.0.0.1", "localhost")  # no passkeys for an address

    page.goto(f"{home}/account/login?next=/settings/security/passkeys/new")
    page.get_by_label("Mail address").fill(alice.mail)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name of this key").fill("Blue key")
    page.get_by_label("Sign in with this key alone").check()
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("The key is added.").wait_for()

    page.goto(f"{home}/account/logout")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{home}/account/login?next=/settings/security/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("link", name="Remove Blue key").wait_for()
    assert page.url == f"{home}/settings/security/"
    assert blocked == []
