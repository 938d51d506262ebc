"""Fixtures that every test may use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # ships no types

from noroshi.core import clock
from noroshi.directory.models import Person, Team
from noroshi.directory.viewer import Viewer
from tests.harness.copies import Copies
from tests.harness.people import World, world_again
from tests.template_database import migrated_database

# What the tests of this folder share takes seconds to make; elsewhere modules share at the most.
_TOGETHER = ("tests/browser",)
# Each case of these is long and shares nothing, so that two processes halve the sweep.
_APART = ("tests/leaks/test_canaries.py", "tests/leaks/test_writes.py")

# These have instances of their own, or none, so they would come last; and some of them take long.
_FIRST = ("tests/journeys/", "tests/upgrade/", "tests/config/", "tests/ui/", "tests/formats/")
# These read what all other cases of their folder noted.
_LAST = "tests/leaks/test_whole_sweeps.py"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins early, or at the end one process waits for the other."""
    items.sort(key=lambda item: (item.nodeid.startswith(_LAST), not item.nodeid.startswith(_FIRST)))


class _Together(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types for it
    """Tests that share something run in one process, which makes it once."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        if module in _APART:
            return nodeid
        folder = module.rpartition("/")[0]
        return folder if folder in _TOGETHER else module


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return _Together(config, log)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """The database of this process, instead of pytest-django's that runs every migration again."""
    with django_db_blocker.unblock(), migrated_database():
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Whoever runs a part of the sweep is not left to think that it was the whole."""
    run = {
        getattr(report, "nodeid", "")
        for reports in terminalreporter.stats.values()
        for report in reports
    }
    is_part = any(name.startswith(_APART) and name.endswith("]") for name in run)
    if is_part and not any(name.startswith(_LAST) for name in run):
        terminalreporter.write_line(
            "A part of the leak sweep was run: nobody looked whether every readable word was met."
        )


@pytest.fixture(scope="session", autouse=True)
def _connection_of_the_test_stays_open() -> Iterator[None]:
    """At the end of a request Django closes a connection that is within a transaction as broken.

    Here it is the test's own transaction: whoever closes an answer, as a server does, would end it.
    """
    close = BaseDatabaseWrapper.close_if_unusable_or_obsolete

    def outside_a_transaction(self: BaseDatabaseWrapper) -> None:
        if not self.in_atomic_block:
            close(self)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", outside_a_transaction)
        yield


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def copies(run_folder: Path) -> Copies:
    """The databases that are filled once for this run."""
    return Copies(run_folder / "copies")


@pytest.fixture(autouse=True)
def _own_folder(settings: object, tmp_path: Path) -> None:
    """Files of a test go to its own folder."""
    settings.NOROSHI_VAR = tmp_path / "var"  # type: ignore[attr-defined]  # pytest-django's wrapper
    settings.STATIC_ROOT = tmp_path / "static"  # type: ignore[attr-defined]
    (tmp_path / "static").mkdir()  # WhiteNoise warns where there is none
    settings.STORAGES = {  # type: ignore[attr-defined]  # no collectstatic in unit tests
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]


@pytest.fixture
def world(db: None) -> World:
    """Everybody (see ``tests.harness.people``)."""
    return world_again()


def _person(name: str) -> Callable[[World], Viewer]:
    @pytest.fixture(name=name)
    def viewer(world: World) -> Viewer:
        return world.viewer(name)

    viewer.__doc__ = f"{name} at the screen."
    return viewer


alice, ann, mana, otto, olga, eve = map(_person, ("alice", "ann", "mana", "otto", "olga", "eve"))
bob, mia, charlie, sora, adam, public = map(
    _person, ("bob", "mia", "charlie", "sora", "adam", "public")
)


@pytest.fixture
def one_moment() -> Iterator[None]:
    """Time stands still: what is remembered for readers is found anew each minute, with more queries."""
    with clock.set_to(clock.now()):
        yield


@pytest.fixture
def team_a(world: World) -> Team:
    return world.teams["a"]


@pytest.fixture
def sign_in(db: None) -> Callable[..., Client]:
    """``sign_in(world.alice)`` gives a browser in which she is signed in."""

    def enter(person: Person, language: str = "en") -> Client:
        Person.objects.filter(pk=person.pk).update(language=language)
        browser = Client()
        browser.force_login(
            Person.objects.get(pk=person.pk),
            backend="allauth.account.auth_backends.AuthenticationBackend",
        )
        return browser

    return enter
