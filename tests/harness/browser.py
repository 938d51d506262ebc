"""Our site with a real browser in front of it, and a watch on what a page must not do."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import (  # type: ignore[import-untyped]  # ships no types
    AXE_SCRIPT,
)
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import connections
from django.test import Client, override_settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from noroshi.directory.models import Person

# Tells what the page's own policy stopped, before anything on the page can run.
_LISTENER = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error("policy: " + event.violatedDirective + " " + event.blockedURI);
});
"""


@dataclass
class Watch:
    """Collects whatever pages did that they must not do, each with the page on which it was."""

    faults: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext, home: str) -> None:
        """Watch every page of this context. Nothing reaches another host, see ``chromium``."""
        host = urlsplit(home).netloc

        def note_request(request: Any) -> None:
            if urlsplit(request.url).netloc != host and not request.url.startswith("data:"):
                self.faults.append(f"{request.frame.url}: asked {request.url}")

        context.add_init_script(_LISTENER)
        context.on(
            "request", note_request
        )  # a route would see it too, and switch the browser's cache off
        context.on("page", self._page)

    def _page(self, page: Page) -> None:
        def dialog(box: Any) -> None:
            self.faults.append(f"{page.url}: {box.type} {box.message}")
            box.dismiss()

        def console(message: Any) -> None:
            if message.type in {"error", "warning"} and "status of 4" not in message.text:
                self.faults.append(f"{page.url}: {message.text}")

        page.on("dialog", dialog)
        page.on("console", console)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("popup", lambda opened: self.faults.append(f"{page.url}: opened {opened.url}"))
        page.on("download", lambda file: self.faults.append(f"{page.url}: sent {file.url}"))


@dataclass
class Site:
    """The program on a port of its own."""

    url: str
    folder: Path


class _Server(ThreadedWSGIServer):
    """Requests take turns on the one connection that all have, and none closes it."""

    def set_app(self, application: Any) -> None:
        turn = threading.Lock()

        def in_turn(environ: Any, start_response: Any) -> Any:
            with turn:
                return application(environ, start_response)

        super().set_app(in_turn)

    def _close_connections(self) -> None:
        """It is the test's."""


@contextmanager
def serving(blocker: Any, **settings: Any) -> Iterator[Site]:
    """Serve what stands in the tests' database, which is emptied at the end.

    The server has the test's own connection on every database, as Django does it for SQLite in
    memory alone: it sees what the test wrote, and what it writes is rolled back with the test.
    """
    with (
        tempfile.TemporaryDirectory() as name,
        pytest.MonkeyPatch.context() as patched,
        blocker.unblock(),
    ):
        folder = Path(name)
        (folder / "static").mkdir()
        # and refuse to read rows, see ``chromium``
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        plain = {
            "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        }
        changed = {
            "NOROSHI_VAR": folder / "var",
            "STATIC_ROOT": folder / "static",
            "STORAGES": plain,
            "ACCOUNT_RATE_LIMITS": False,  # one address asks for everybody here
            "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
            **settings,
        }
        with override_settings(**changed):
            server = LiveServer("127.0.0.1", start=False)
            server.thread.server_class = _Server
            server.thread.connections_override = {
                connection.alias: connection for connection in connections.all()
            }
            server.start()
            try:
                yield Site(server.url, folder)
            finally:
                server.stop()
                call_command("flush", verbosity=0, interactive=False)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, without a window."""
    own_connections = connections.all()
    with sync_playwright() as playwright:
        # It keeps an event loop in this thread, in which Django would open other connections.
        for connection in own_connections:
            connections[connection.alias] = connection
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell"),
            args=["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"],
        )
        yield browser
        browser.close()


def opened(
    browser: Browser,
    site: Site,
    person: Person | None = None,
    *,
    width: int = 1280,
    watch: Watch | None = None,
    axe: bool = False,
    **options: Any,
) -> Page:
    """A window in which this person is signed in, nobody without one."""
    context = browser.new_context(viewport={"width": width, "height": 844}, **options)
    if axe:
        context.add_init_script(AXE_SCRIPT)
    if watch is not None:
        watch.over(context, site.url)
    if person is not None:
        context.add_cookies([{"name": "sessionid", "value": session_of(person), "url": site.url}])
    return context.new_page()


@dataclass
class Window:
    """One window in which people follow each other; the browser's cache of the site stays."""

    page: Page
    site: Site
    people: Mapping[str, Person]
    _sessions: dict[str, str] = field(default_factory=dict)

    def of(self, name: str, **cookies: str) -> Page:
        """The window with this person signed in, nobody of another name, and these cookies alone."""
        if name in self.people:
            if name not in self._sessions:
                self._sessions[name] = session_of(self.people[name])
            cookies["sessionid"] = self._sessions[name]
        self.page.context.clear_cookies()
        self.page.context.add_cookies(
            [{"name": key, "value": value, "url": self.site.url} for key, value in cookies.items()]
        )
        return self.page


def session_of(person: Person) -> str:
    """The key of a new session of this person."""
    return str(signed_in(person).cookies["sessionid"].value)


def signed_in(person: Person) -> Client:
    """A browser without a window, of somebody who has just given the password."""
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()
    return client


CONTRAST = "color-contrast"
_AXE = """const violations = async (context, options) =>
  (await axe.run(context, {resultTypes: ["violations"], ...options})).violations.flatMap(
    (fault) => fault.nodes.map((node) => `${fault.id}: ${node.html.slice(0, 200)}`));"""
_RUN_AXE = f"""() => {{ {_AXE}
  return violations(document, {{rules: {{"{CONTRAST}": {{enabled: false}}}}}});
}}"""
# Text is as readable as its colour, size and weight on the colours behind it: axe reads one element
# of each such look.
_RUN_CONTRAST = f"""async ([theme, known]) => {{ {_AXE}
  document.documentElement.dataset.theme = theme;
  const grounds = new Map();
  const ground = (element) => {{
    if (!element) return "";
    if (!grounds.has(element)) {{
      const {{backgroundColor, backgroundImage, opacity}} = getComputedStyle(element);
      const own = `${{backgroundColor}} ${{backgroundImage}} ${{opacity}}`;
      const sheer = own === "rgba(0, 0, 0, 0) none 1";
      grounds.set(element, sheer ? ground(element.parentElement) : own + "|" + ground(element.parentElement));
    }}
    return grounds.get(element);
  }};
  const seen = new Set(known), looks = [], elements = [];
  for (const element of document.querySelectorAll("body, body *")) {{
    const says = element.matches("input, select, textarea") || [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!says || !element.checkVisibility()) continue;
    const {{color, fontSize, fontWeight}} = getComputedStyle(element);
    const look = `${{color}} ${{fontSize}} ${{fontWeight}} ${{ground(element)}}`;
    if (seen.has(look)) continue;
    seen.add(look);
    looks.push(look);
    elements.push(element);
  }}
  if (!elements.length) return [[], []];
  return [looks, await violations({{include: elements}}, {{runOnly: ["{CONTRAST}"]}})];
}}"""


def axe_faults(page: Page) -> list[str]:
    """The faults that axe finds on the page, each as rule and element; contrast is apart.

    The window was opened with ``axe=True``.
    """
    return list(page.evaluate(_RUN_AXE))


@dataclass
class Contrast:
    """Reads with axe the contrast of every look that no earlier page had."""

    looks: set[str] = field(default_factory=set)

    def faults(self, page: Page, theme: str) -> list[str]:
        """The looks that are too pale when the person has this theme."""
        looks, faults = page.evaluate(_RUN_CONTRAST, [theme, list(self.looks)])
        self.looks.update(looks)
        return list(faults)


def shape_faults(page: Page) -> list[str]:
    """One heading of the first order, no scrolling sideways, a language, a title."""
    facts = page.evaluate(
        """() => ({
          headings: document.querySelectorAll("h1").length,
          sideways: document.documentElement.scrollWidth - innerWidth,
          wide: [...document.querySelectorAll("body *")]
            .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && e.checkVisibility())
            .slice(0, 3).map(e => e.outerHTML.slice(0, 120)),
          lang: document.documentElement.lang,
          title: document.title.trim().length > 3,
        })"""
    )
    faults = []
    if facts["headings"] != 1:
        faults.append(f"{facts['headings']} h1")
    if facts["sideways"] > 0:
        faults.append(f"{facts['sideways']} px too wide: {facts['wide']}")
    if facts["lang"] not in {"ja", "en"} or not facts["title"]:
        faults.append("no language or no title")
    return faults
