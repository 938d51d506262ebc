"""Every kind of thing that the code knows is declared by its area, with all that people meet of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import resolve
from django.utils import translation

from noroshi.core import jobs
from noroshi.directory.areas import Kind, areas, installed, kinds
from tests.areas import sources

GUIDE = Path(__file__).resolve().parents[2] / "docs/guide"
KINDS = list(kinds())

# Prefixes that two kinds have shared from the start: numbers that were given stay.
SHARED = {"E": {"letter", "entry"}, "K": {"token", "component"}}
# Areas that have addresses and no place in the navigation.
NO_NAV = {"noroshi.api": "programs call it; who writes one is sent to /api/v1/docs by the manual"}


def named(kind: Kind) -> str:
    return kind.name


def test_every_kind_that_an_action_names_is_declared() -> None:
    declared = {kind.name for kind in KINDS}
    assert not [
        f"{where} names the kind {name}, which no area.py declares."
        for name, where in sources.kinds_named().items()
        if name not in declared
    ]


def test_every_prefix_of_an_id_is_declared_and_no_other() -> None:
    assert {kind.prefix for kind in KINDS} == sources.prefixes_made().keys()


def test_no_more_kinds_share_a_prefix() -> None:
    by_prefix: dict[str, set[str]] = {}
    for kind in KINDS:
        by_prefix.setdefault(kind.prefix, set()).add(kind.name)
    assert not [
        f"The numbers of {' and '.join(sorted(names))} all begin with {prefix}: choose another."
        for prefix, names in by_prefix.items()
        if len(names) > 1 and not names <= SHARED.get(prefix, set())
    ]


def test_no_two_kinds_have_one_name() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=named)
def test_a_kind_is_found_in_exactly_one_way_or_says_why_not(kind: Kind) -> None:
    ways = [kind.labelled, kind.search is not None, bool(kind.not_searched)]
    assert ways.count(True) == 1
    assert kind.not_searched or kind.page, f"{kind.name} is found and has no page to lead to."


def test_kinds_that_say_they_are_labelled_are_put_into_search_and_no_others() -> None:
    declared, put = {kind.name for kind in KINDS if kind.labelled}, sources.kinds_put()
    assert not [
        f"{name} is labelled in area.py, and no action of its area calls search.put for it."
        for name in declared - put
    ]
    assert not [
        f"{name} is put into search and not labelled in area.py." for name in put - declared
    ]


def test_a_notice_calls_every_kind_by_a_word_of_its_own() -> None:
    words = {kind.name: kind.mail_word for kind in KINDS if kind.mail_word}
    mailed = sources.kinds_mailed()
    assert not [
        f"{name} is mailed and has no mail_word in area.py." for name in mailed - words.keys()
    ]
    assert not [
        f"{name} has a mail_word and no notice tells of it." for name in words.keys() - mailed
    ]
    for language in ("en", "ja"):
        with translation.override(language):
            in_mails = [str(word) for word in words.values()]
        assert len(set(in_mails)) == len(in_mails)
        assert "message" not in in_mails and "お知らせ" not in in_mails


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.page], ids=named)
def test_the_guide_speaks_of_every_kind_that_has_a_page(kind: Kind, language: str) -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in GUIDE.joinpath(language).iterdir())
    with translation.override(language):
        word = str(kind.word)
    # Japanese has no spaces between words; in English "note" is not told by "notice".
    sentence = re.search(
        rf"\b{re.escape(word)}s?\b" if language == "en" else word, pages, re.IGNORECASE
    )
    assert sentence, f"docs/guide/{language} says nothing of “{word}”."


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.page], ids=named)
def test_the_page_of_a_kind_is_there_and_it_has_an_icon(kind: Kind) -> None:
    address = kind.url(f"{kind.prefix}-00000000")
    assert resolve(address).view_name == kind.page
    icons = sources.PACKAGE.joinpath("ui/static/ui/icons.svg").read_text()
    assert f'id="{kind.icon}"' in icons


def test_no_two_places_of_the_navigation_share_a_key() -> None:
    keys = [entry.key for area in areas() for entry in area.nav if entry.key]
    assert not [f"The key {key} leads to two places." for key in keys if keys.count(key) > 1]


# ---- areas ---------------------------------------------------------------------------


def test_areas_come_in_the_order_of_the_settings(settings: object) -> None:
    apps = [app for app in settings.INSTALLED_APPS if app in installed()]  # type: ignore[attr-defined]
    assert list(installed()) == apps
    assert apps[0] == "noroshi.directory"


@pytest.mark.parametrize("name", list(installed()))
def test_jobs_and_listeners_are_functions_of_a_jobs_module(name: str) -> None:
    area = installed()[name]
    paths = [jobs.path_of(entry.job) for entry in area.listens]
    paths += [jobs.path_of(entry.job) for entry in area.schedules]
    assert all(path.startswith(f"{name}.jobs.") for path in paths)


def test_whoever_listens_listens_to_an_event_that_an_area_declares() -> None:
    declared = set(sources.events_declared().values())
    assert {listener.event for area in areas() for listener in area.listens} <= declared


def test_no_two_events_have_one_name() -> None:
    called = sources.events_declared()
    names = [event.name for event in called.values()]
    assert not [
        f"{constant} is called {event.name} like another event: who listens to one hears both."
        for constant, event in called.items()
        if names.count(event.name) > 1
    ]


def test_every_module_with_operations_is_named_by_an_area() -> None:
    named = {name for area in areas() for name in area.operations}
    assert not [
        f"noroshi/api/{module}.py is never served: name it in the operations of its area.py."
        for module in sorted(sources.modules_of_operations() - named)
    ]


def test_an_area_with_pages_has_a_place_in_the_navigation_or_says_why_not() -> None:
    hidden = {name for name, area in installed().items() if area.urls is not None and not area.nav}
    assert not [
        f"Nobody finds the pages of {name}: its area.py has urls and no nav."
        for name in sorted(hidden - NO_NAV.keys())
    ]
    assert not NO_NAV.keys() - hidden
