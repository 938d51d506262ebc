"""H3: what is derived from things says no more than the things: counts, mails, jobs, log lines."""

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings as instance
from django.db import transaction
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from noroshi.config.logs import LineFormatter
from noroshi.directory.models import Letter, Person
from noroshi.directory.viewer import viewer_for
from noroshi.exchange.mail import jobs as post
from noroshi.sharing import outbox, system
from noroshi.sharing.channels import MAIL, Passage, passage
from noroshi.sharing.models import EntryState, OutboxEntry
from noroshi.warnings import queries as warnings
from tests.harness.canaries import add_more
from tests.harness.doors import Place
from tests.harness.examples import EXAMPLES, JOBS
from tests.harness.readers import Reader
from tests.harness.routes import Route, all_routes, enqueued_paths
from tests.harness.smtp import PostOffice, running, text_of
from tests.harness.sweep import Answer, Sweep, first_difference
from tests.leaks.conftest import Lines, Walked, report

WORD = re.compile(r"kanaria[0-9a-f]{10}")
FRAGMENT = {"HX-Request": "true"}  # a fragment of a page


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# ---- counts, tabs, facets, "similar" -------------------------------------------------------


def first_pages(sweep: Sweep, reader: Reader, begins: str) -> dict[str, Answer]:
    """The answers that a reader gets from every page and list without an id in its address."""
    return {
        route.key: sweep.ask(route, reader, "GET", route.url({}))
        for route in all_routes()
        if not route.names
        and route.method in ("", "GET")
        and route.is_api is bool(reader.token)
        and route.key.startswith(begins)
    }


def differing(walked: Walked, *names: str, begins: str = "") -> list[str]:
    """The pages that are another after team A worked, by reader."""
    readers = [walked.everybody()[name] for name in names]
    sweep = Sweep(walked.made)
    before = {reader.name: first_pages(sweep, reader, begins) for reader in readers}
    with rolled_back():
        add_more(walked.made)
        after = {reader.name: first_pages(Sweep(walked.made), reader, begins) for reader in readers}
    differences = []
    for reader in readers:
        for key, page in before[reader.name].items():
            route, then = _route(key), after[reader.name][key]
            # what is another each time, such as the picture of a new key, tells nothing
            if page != then and page == sweep.ask(route, reader, "GET", route.url({})):
                differences.append(f"{key or '/'} as {reader.name}{first_difference(page, then)}")
    return differences


def _route(key: str) -> Route:
    return next(route for route in all_routes() if route.key == key)


def test_what_is_not_for_a_reader_changes_no_number_that_they_see(walked: Walked) -> None:
    assert not differing(walked, "charlie", "otto", "eve", "token charlie", "token otto")


def test_a_count_that_forgets_who_reads_is_found(
    walked: Walked, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, alice = warnings.counts_for, walked.people["alice"].viewer()
    monkeypatch.setattr(warnings, "counts_for", lambda viewer: counted(alice))
    assert any(
        difference.startswith("warnings/ as charlie")
        for difference in differing(walked, "charlie", begins="warnings")
    )


# ---- parts of pages ------------------------------------------------------------------------


def routes_with_fragments() -> list[Route]:
    """Pages of the modules that answer htmx otherwise, which their source says."""
    return [
        route
        for route in all_routes()
        if not route.is_api
        and ".htmx" in inspect.getsource(import_module(inspect.unwrap(route.view).__module__))
        and route.key in EXAMPLES
    ]


def test_a_part_of_a_page_shows_no_more_than_the_page(walked: Walked) -> None:
    sweep = Sweep(walked.made)
    for route in routes_with_fragments():
        example = EXAMPLES[route.key]
        for name in ("bob", "otto"):
            reader, chosen = walked.people[name], dict[bool, Place]()
            for place in sweep.places(route, example):
                chosen.setdefault(bool(sweep.hidden_parts(place, reader)), place)
            for place in chosen.values():
                url = route.url(place.filled)
                sweep.ask(route, reader, "GET", url, opens=place.opens, headers=FRAGMENT)
        if example.write is not None:
            reader = walked.people[example.write.by]
            url, body = route.url(example.write.at(walked.made)), example.write.body(walked.made)
            with rolled_back():
                sweep.ask(route, reader, "POST", url, body, headers=FRAGMENT)
    assert not sweep.faults, report(sweep)
    assert sweep.requests > 50


# ---- mails ---------------------------------------------------------------------------------


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with running(settings) as office:
        yield office


def mail_faults(walked: Walked, office: PostOffice) -> list[str]:
    """Deliver everything that waits in the world, and read it: subject, headers, text."""
    waiting = list(
        system.rows(OutboxEntry, "a test delivers").select_related("label", "person").order_by("pk")
    )
    known = {canary.word: canary for canary in walked.made.words}
    faults = []
    for entry in waiting:
        before = len(office.received)
        post.deliver(entry.public_id)
        for mail in office.received[before:]:
            text = f"{mail.as_string()}\n{mail['Subject']}\n{text_of(mail)}"
            viewer = viewer_for(Person.objects.get(pk=entry.person_id))
            sealed = passage(entry.label.sensitivity, MAIL) is not Passage.WHOLE
            faults += [
                f"{entry.kind} to {entry.person.mail} holds “{known[word].what}”"
                for word in set(WORD.findall(text))
                if sealed or not known[word].sees(viewer)
            ]
            if entry.person.mail not in str(mail["To"]) or len(mail.get_all("To", [])) != 1:
                faults.append(f"{entry.kind} of {entry.person.mail} went to {mail['To']}")
    return faults


def test_a_mail_holds_nothing_that_its_reader_or_mail_may_not_carry(
    walked: Walked, office: PostOffice
) -> None:
    assert not mail_faults(walked, office)
    read = {word for mail in office.received for word in WORD.findall(f"{mail}{text_of(mail)}")}
    assert len(read) > 5  # what may be mailed is; or the rest proves nothing
    assert not office.to("sam@b.example")
    assert not office.to("leo@b.example")
    states = system.rows(OutboxEntry, "a test looks").values_list("state", flat=True)
    assert set(states) == {EntryState.SENT, EntryState.WITHHELD}


def test_a_mail_that_says_what_the_channel_may_not_carry_is_found(
    walked: Walked, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "passage", lambda sensitivity, channel: Passage.WHOLE)
    found = [
        fault for fault in mail_faults(walked, office) if fault.startswith("warning.released ")
    ]
    assert any("holds “warning red released”" in fault for fault in found)


def test_a_letter_about_an_account_names_nobody_but_its_reader(
    walked: Walked, office: PostOffice
) -> None:
    for letter in Letter.objects.all():
        post.deliver_letter(letter.public_id)
    met = {word for mail in office.received for word in WORD.findall(f"{mail}{text_of(mail)}")}
    assert office.received
    assert met <= {walked.made.about("name of somebody invited to team A").word}


# ---- jobs and the queue --------------------------------------------------------------------


def test_no_job_answers_with_a_word_and_none_waits_in_the_queue(walked: Walked) -> None:
    """The result of a job is stored in a table of its own, which no policy guards."""
    results = {}
    for name in enqueued_paths():
        thing_id = JOBS[name].id(walked.made)
        with rolled_back():
            results[name] = repr(import_string(name)(*([thing_id] if thing_id else [])))
    assert not {name: text for name, text in results.items() if WORD.search(text)}
    queued = [repr(SignedPackage.loads(row.payload)) for row in OrmQ.objects.all()]
    assert queued
    assert not [arguments for arguments in queued if WORD.search(arguments)]


# ---- the log -------------------------------------------------------------------------------


def secret_places(walked: Walked) -> list[tuple[Route, str, str]]:
    """Every route that a mailed secret opens, from the route table: its address and the secret."""
    return [
        (route, route.url(place.filled), place.filled["secret"])
        for route in all_routes()
        if "secret" in route.names
        for place in EXAMPLES[route.key].places(walked.made)[:3]
    ]


def lines_with_secrets(walked: Walked, log: list[str]) -> list[str]:
    """The lines that hold a secret after every secret was used rightly, wrongly and cut short."""
    places = secret_places(walked)
    sweep, public = Sweep(walked.made), walked.people["public"]
    for route, url, secret in places:
        before = len(log)
        for method in ("GET", "PUT"):
            sweep.ask(route, public, method, url)
        sweep.ask(route, public, "GET", url.replace(secret, f"{secret}%2F%0A{secret}"))
        assert len(log) > before, f"{route.key} wrote no line, so its secret was not tried"
    alice = walked.programs["token alice"]
    sweep.ask(places[0][0], alice, "GET", f"/api/v1/nothing/{alice.token}")
    secrets = {re.split(r"[~_]", secret, maxsplit=1)[1] for _route, _url, secret in places}
    secrets.add(alice.token.partition("_")[2])
    return [line for line in log if any(secret[:12] in line for secret in secrets)]


def test_no_line_of_the_log_holds_a_secret(walked: Walked, log: list[str]) -> None:
    assert len({route.key for route, _url, _secret in secret_places(walked)}) >= 4
    assert not lines_with_secrets(walked, log)
    assert any("/invitation/invite_…" in line for line in log)


def test_a_log_that_keeps_secrets_is_found(
    walked: Walked, log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LineFormatter, "format", logging.Formatter.format)
    assert lines_with_secrets(walked, log)


def test_every_line_of_the_log_goes_through_the_formatter_that_masks() -> None:
    configured: dict[str, Any] = instance.LOGGING
    assert {handler["formatter"] for handler in configured["handlers"].values()} == {"line"}
    assert import_string(configured["formatters"]["line"]["()"]) is LineFormatter
    assert isinstance(Lines().formatter, LineFormatter)
