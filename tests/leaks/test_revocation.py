"""H4: what is taken away is gone from the next request on: 0 late.

Everything is in the middle when it happens: pages are open, tokens in use, mails wait to be sent,
links lie in mailboxes, imports are under way. Two transactions at once are in
``tests/sharing/test_racing_a_release.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.base import ContentFile

from noroshi.desk import middleware
from noroshi.directory import actions as directory
from noroshi.directory.models import ApiToken, Role, Standing
from noroshi.directory.viewer import viewer_for
from noroshi.exchange.mail import jobs as post
from noroshi.inventory.jobs import run_import
from noroshi.inventory.models import Component, Import
from noroshi.measures import actions as measures
from noroshi.sharing import outbox, system
from noroshi.sharing.channels import Passage
from noroshi.sharing.models import EntryState, OutboxEntry, Receipt, ReleaseReader
from noroshi.vulnerabilities import actions as vulnerabilities
from noroshi.vulnerabilities.jobs import run_import as take_advisories
from noroshi.vulnerabilities.models import Advisory
from noroshi.warnings import actions as warnings
from tests.directory.examples import password_link
from tests.harness import database
from tests.harness.canaries import Canaries, Thing
from tests.harness.examples import EXAMPLES
from tests.harness.readers import Reader
from tests.harness.routes import Route, all_routes
from tests.harness.smtp import PostOffice, running
from tests.harness.sweep import Sweep
from tests.harness.writes import Writes
from tests.leaks.conftest import Walked, report
from tests.vulnerabilities.canaries import document

STATES = ("released", "withdrawn")
CIRCLE = frozenset(
    {f"warning {kind} {state}" for kind in ("amber", "amber+strict") for state in STATES}
    | {"warning green embargoed", "warning clear embargoed"}
)
GREEN = frozenset(f"warning green {state}" for state in STATES)
RED = frozenset(f"warning red {state}" for state in STATES)
OWN = frozenset({"system of b", "warning amber draft of b", "instruction of b"})
ADDRESSES = {
    "warning": "warnings/{id}",
    "system": "systems/{id}",
    "instruction": "measures/{id}",
}
SEVERAL = 3  # of the things of a route, which are open in tabs


@dataclass(frozen=True)
class Event:
    """Something that takes rights away from Bob, and which things of others and of the team go with them.

    ``out`` says that Bob is signed out and Bob's token ends; all of it is then gone.
    """

    what: str
    happens: Callable[[Canaries], Any]
    gone: frozenset[str] = CIRCLE | GREEN | RED | OWN
    out: bool = False

    def __str__(self) -> str:
        return self.what

    def gone_from(self, made: Canaries) -> list[Thing]:
        """What is gone, of the kinds that there are in this house."""
        return [made.thing(what) for what in sorted(self.gone) if made.things[what.split()[0]]]


def _about_bob(made: Canaries) -> dict[str, Any]:
    return {
        "person": made.person("bob"),
        "team": made.world.teams["b"],
        "by": made.viewer("mia"),
    }


def _standing(standing: Standing) -> Callable[[Canaries], None]:
    return lambda made: directory.set_standing(
        team=made.world.teams["b"], standing=standing, by=made.viewer("adam")
    )


def _out_of_circle(made: Canaries) -> None:
    others = [made.world.teams[slug] for slug in "ad"]
    directory.set_circle_teams(circle=made.world.circles["x"], teams=others, by=made.viewer("adam"))


EVENTS = (
    Event("suspended", lambda made: directory.suspend_person(**_about_bob(made)), out=True),
    Event("leaves", lambda made: directory.leave(**_about_bob(made)), out=True),
    Event(
        "is an operator from now on",
        lambda made: directory.set_roles(roles=[Role.OPERATOR], **_about_bob(made)),
        CIRCLE | GREEN | OWN,
    ),
    Event("the team is suspended", _standing(Standing.SUSPENDED), CIRCLE | GREEN | RED),
    Event("the team leaves the association", _standing(Standing.LEFT)),
    Event("the team leaves the circle", _out_of_circle, CIRCLE),
)


# ---- what is open when it happens ----------------------------------------------------------


@dataclass
class Open:
    """Addresses that showed a reader something, found once for the one world of these tests."""

    by_reader: dict[str, list[tuple[Route, str]]] = field(default_factory=dict)

    def of(self, walked: Walked, reader: Reader) -> list[tuple[Route, str]]:
        if reader.name not in self.by_reader:
            self.by_reader[reader.name] = list(_showing(walked, reader))
        return self.by_reader[reader.name]


OPEN = Open()


def _showing(walked: Walked, reader: Reader) -> Iterator[tuple[Route, str]]:
    sweep = Sweep(walked.made)
    for route in all_routes():
        if route.method not in ("", "GET") or route.is_api is not bool(reader.token):
            continue
        if "secret" in route.names:
            continue
        places = sweep.places(route, EXAMPLES[route.key])
        for place in [place for place in places if not sweep.hidden_parts(place, reader)][:SEVERAL]:
            url = route.url(place.filled)
            answer = sweep.ask(route, reader, "GET", url)
            if answer.status == 200 and "kanaria" in answer.body:
                yield route, url


def late(walked: Walked, reader: Reader, event: Event) -> list[str]:
    """Whatever is still open too late: words that are gone, and pages of things that are."""
    sweep, faults = Sweep(walked.made), []
    for route, url in OPEN.of(walked, reader):
        answer = sweep.ask(route, reader, "GET", url)
        if event.out and (answer.status in (200, 404) or "kanaria" in answer.text):
            faults.append(f"{url} is answered {answer.status} to whoever is out")
    prefix = "/api/v1/" if reader.token else "/"
    for thing in event.gone_from(walked.made):
        kind = thing.kind
        if reader.token and kind == "instruction":
            continue
        address = ADDRESSES[kind].format(id=thing.id)
        (route,) = [
            candidate
            for candidate in all_routes()
            if candidate.key
            in (f"{kind}s/<{kind}_id>", f"{kind}s/<public_id>", "measures/<public_id>")
            and candidate.key.startswith(address.partition("/")[0])
            and not candidate.is_api
        ]
        status = sweep.ask(route, reader, "GET", f"{prefix}{address}").status
        if status not in ((401, 302) if event.out else (404,)):
            faults.append(f"{thing.what} is answered {status}")
    return [*sweep.faults, *faults]


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with running(settings) as office:
        yield office


def late_mails(walked: Walked, office: PostOffice, event: Event, name: str = "bob") -> list[str]:
    """Mails that were queued before and leave all the same."""
    gone = {thing.id for thing in event.gone_from(walked.made)}
    queued = system.rows(OutboxEntry, "a test delivers").filter(person=walked.made.person(name))
    for entry in queued:
        post.deliver(entry.public_id)
    faults = []
    for mail in office.received:
        thing_id = str(mail["References"]).strip("<").partition("@")[0]
        if event.out or thing_id in gone:
            faults.append(f"a mail about {thing_id} left for {mail['To']}")
    return faults


# ---- one person, one event -------------------------------------------------------------------


@pytest.mark.parametrize("event", EVENTS, ids=str)
def test_from_the_next_request_on_bob_reads_nothing_of_what_was_taken(
    walked: Walked, event: Event
) -> None:
    bob, program = walked.people["bob"], walked.programs["token bob"]
    assert len(OPEN.of(walked, bob)) > 20
    assert len(OPEN.of(walked, program)) > 15
    event.happens(walked.made)
    assert not late(walked, bob, event)
    assert not late(walked, program, event)


@pytest.mark.parametrize("event", EVENTS, ids=str)
def test_what_waits_to_be_mailed_does_not_go_to_whoever_lost_it(
    walked: Walked, event: Event, office: PostOffice
) -> None:
    entries = system.rows(OutboxEntry, "a test looks").filter(person=walked.made.person("bob"))
    waited = entries.exists()
    event.happens(walked.made)
    assert not late_mails(walked, office, event)
    assert EntryState.QUEUED not in set(entries.values_list("state", flat=True))
    # What Bob may still read does go.
    assert bool(office.received) is (waited and not event.out)


@pytest.mark.parametrize("event", EVENTS, ids=str)
def test_a_form_that_was_open_and_a_link_that_was_mailed_change_nothing(
    walked: Walked, event: Event
) -> None:
    event.happens(walked.made)
    sweep = Sweep(walked.made)
    writes = Writes(sweep, walked.everybody(), database.snapshot())
    about = (
        ["amber released"]
        if "warning green released" not in event.gone
        else ["amber released", "green released"]
    )
    with database.writing() as sweep.statements:
        for route in all_routes():
            write = EXAMPLES[route.key].write
            if write is None or "warnings/" not in route.key or "answer" not in route.key:
                continue
            reader = walked.programs["token bob"] if route.is_api else walked.people["bob"]
            for key in about:
                secret, thing = walked.made.secrets[f"bob's link {key}"], f"warning {key}"
                parts = {
                    name: secret if name == "secret" else walked.made.thing(thing).id
                    for name in route.names
                }
                body: Any = {"state": "affected"}
                if route.is_api:
                    body = b'{"state": "affected"}'
                answer = writes.send(route, reader, route.method or "POST", route.url(parts), body)
                assert answer.status not in (200, 201, 204), (route.key, answer.status)
                if "secret" in route.names:
                    answer = sweep.ask(route, walked.people["public"], "GET", route.url(parts))
                    assert answer.status in (404, 409)
                    assert "kanaria" not in answer.text
    assert writes.requests >= 3
    assert not sweep.faults, report(sweep)


def test_rights_that_a_session_keeps_are_found(
    walked: Walked, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob, event = walked.people["bob"], EVENTS[5]
    OPEN.of(walked, bob)
    make_viewer, before = viewer_for, bob.viewer()
    event.happens(walked.made)
    monkeypatch.setattr(
        middleware,
        "viewer_for",
        lambda person: (
            before if getattr(person, "pk", 0) == before.person_id else make_viewer(person)
        ),
    )
    assert "warning amber released is answered 200" in late(walked, bob, event)


def test_a_mail_that_is_not_asked_again_is_found(
    walked: Walked, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = EVENTS[3]
    waits = system.rows(OutboxEntry, "a test looks").filter(person=walked.made.person("bob"))
    assert waits.filter(kind="warning.released").exists()
    event.happens(walked.made)
    monkeypatch.setattr(outbox, "passage_now", lambda entry, channel: Passage.NOTICE)
    assert late_mails(walked, office, event)


# ---- passwords, tokens, links ----------------------------------------------------------------


def test_a_new_password_ends_every_session_and_the_link_that_set_it(walked: Walked) -> None:
    ann, sweep = walked.people["ann"], Sweep(walked.made)
    pages = [route for route in all_routes() if not route.is_api and not route.names]
    opened = [
        route
        for route in pages
        if EXAMPLES[route.key].write is None
        and sweep.ask(route, ann, "GET", route.url({})).status == 200
    ]
    assert len(opened) > 10
    secret = password_link(walked.made)["secret"]
    directory.set_password_by_link(secret=secret, password="staple battery 77 horse")
    answers = {route.key: sweep.ask(route, ann, "GET", route.url({})) for route in opened}
    assert {key for key, answer in answers.items() if answer.status == 200} == {
        "health",
        "api/v1/openapi.json",
        "api/v1/docs",
    }
    link = next(route for route in pages_with_secret() if route.key.startswith("account/password"))
    assert (
        sweep.ask(link, walked.people["public"], "GET", link.url({"secret": secret})).status == 409
    )


def pages_with_secret() -> list[Route]:
    return [route for route in all_routes() if "secret" in route.names]


def all_refused(walked: Walked, reader: Reader) -> bool:
    """Is every operation that showed something answered with 401 now?"""
    sweep = Sweep(walked.made)
    opened = OPEN.of(walked, reader)
    assert len(opened) > 10
    return {sweep.ask(route, reader, "GET", url).status for route, url in opened} == {401}


def test_a_token_that_is_revoked_in_use_opens_nothing_more(walked: Walked) -> None:
    program = walked.programs["token bob"]
    OPEN.of(walked, program)
    token = ApiToken.objects.get(public_id=walked.made.thing("token bob").id)
    directory.revoke_token(token=token, by=walked.made.viewer("bob"))
    assert all_refused(walked, program)


@pytest.mark.parametrize("what", ["manager no more", "suspended", "team left"])
def test_a_teams_token_ends_with_the_rights_of_whoever_made_it(walked: Walked, what: str) -> None:
    made, program = walked.made, walked.programs["token team b"]
    OPEN.of(walked, program)
    mia, team, adam = made.person("mia"), made.world.teams["b"], made.viewer("adam")
    if what == "manager no more":
        directory.set_roles(person=mia, team=team, roles=[Role.CSIRT], by=adam)
    elif what == "suspended":
        directory.suspend_person(person=mia, team=team, by=adam)
    else:
        directory.set_standing(team=team, standing=Standing.LEFT, by=adam)
    assert all_refused(walked, program)


@pytest.mark.parametrize("what", ["withdrawn", "sent again", "operator suspended", "operator left"])
def test_a_link_in_the_mailbox_of_an_operator_ends_at_once(
    walked: Walked, what: str, office: PostOffice
) -> None:
    made, sweep = walked.made, Sweep(walked.made)
    row, secret = made.rows["instruction open"], made.secrets["otto's link"]
    row.refresh_from_db()
    file_id = next(file.id for file in made.things["file"] if file.parent == row.public_id)
    routes = [route for route in pages_with_secret() if route.key.startswith("measures/answer")]
    urls = [(route, route.url({"secret": secret, "file_id": file_id})) for route in routes]
    public = walked.people["public"]
    assert [
        sweep.ask(
            route, public, "GET", url, opens=frozenset({"instruction open", "system given"})
        ).status
        for route, url in urls
    ] == [200, 200]
    person: dict[str, Any] = {
        "person": made.person("otto"),
        "team": made.world.teams["a"],
        "by": made.viewer("mana"),
    }
    {
        "withdrawn": lambda: measures.withdraw(
            instruction=row, text="不要", by=made.viewer("alice")
        ),
        "sent again": lambda: measures.send_link_again(instruction=row, by=made.viewer("alice")),
        "operator suspended": lambda: directory.suspend_person(**person),
        "operator left": lambda: directory.leave(**person),
    }[what]()
    writes = Writes(sweep, walked.everybody(), database.snapshot())
    with database.writing() as sweep.statements:
        for route, url in urls:
            assert writes.send(route, public, "GET", url, None).status in (404, 409)
            assert writes.send(route, public, "POST", url, {"what": "started"}).status in (405, 409)
    assert not sweep.faults, report(sweep)
    for entry in system.rows(OutboxEntry, "a test delivers").filter(thing_id=row.public_id):
        post.deliver(entry.public_id)
    assert not [mail for mail in office.received if secret in mail.as_string()]


# ---- imports under way -----------------------------------------------------------------------


def test_an_import_goes_no_further_than_the_rights_of_whoever_began_it(walked: Walked) -> None:
    made = walked.made
    waiting = Import.objects.visible_to(made.viewer("alice")).get(
        public_id=made.thing("import under way").id
    )
    batch = vulnerabilities.start_import(
        team=made.world.teams["a"],
        by=made.viewer("alice"),
        uploads=[ContentFile(document(21, "言葉", "AMBER"), "late.json")],
    )
    before = system.rows(Component, "a test counts").count()
    directory.suspend_person(
        person=made.person("alice"), team=made.world.teams["a"], by=made.viewer("mana")
    )
    run_import(waiting.public_id)
    take_advisories(batch.public_id)
    assert system.rows(Component, "a test counts").count() == before
    assert not system.rows(Advisory, "a test looks").filter(tracking_id="ACME-2026-021")


# ---- racing a release ------------------------------------------------------------------------


def _release_page(walked: Walked) -> tuple[Route, str, str]:
    """The page that Alice looks at before her draft leaves: its address, and what it says she saw."""
    route = next(route for route in all_routes() if route.key == "warnings/<public_id>/release")
    url = route.url({"public_id": walked.made.thing("warning amber draft").id})
    page = Sweep(walked.made).ask(route, walked.people["alice"], "GET", url)
    match = re.search(r'name="seen" value="([0-9a-f]+)"', page.body)
    assert match, page.status
    return route, url, match[1]


def _recipients(walked: Walked) -> set[str]:
    rows = system.rows(ReleaseReader, "a test reads the register").filter(
        release__thing_id=walked.made.thing("warning amber draft").id
    )
    return {mail.partition("@")[0] for mail in rows.values_list("person__mail", flat=True)}


@pytest.mark.parametrize("event", EVENTS, ids=str)
def test_whoever_loses_their_rights_between_preview_and_release_is_not_released_to(
    walked: Walked, event: Event
) -> None:
    alice, sweep = walked.people["alice"], Sweep(walked.made)
    route, url, seen = _release_page(walked)
    event.happens(walked.made)
    # 409: who reads it is another than was seen; 400: nobody outside is left to release it to
    assert sweep.ask(route, alice, "POST", url, {"seen": seen}).status in (400, 409)
    assert not _recipients(walked)
    if event.what in ("suspended", "leaves", "is an operator from now on"):  # Mia is there yet
        _route, _url, seen = _release_page(walked)
        assert sweep.ask(route, alice, "POST", url, {"seen": seen}).status == 302
        assert "mia" in _recipients(walked)
    assert "bob" not in _recipients(walked)
    assert not system.rows(OutboxEntry, "a test looks").filter(
        thing_id=walked.made.thing("warning amber draft").id, person=walked.made.person("bob")
    )


@pytest.mark.parametrize("event", EVENTS, ids=str)
def test_the_register_keeps_whom_it_reached_and_the_mail_does_not_go_to_whoever_left(
    walked: Walked, event: Event, office: PostOffice
) -> None:
    made = walked.made
    row = warnings.release(warning=made.rows["warning amber draft"], by=made.viewer("alice"))
    assert {"bob", "mia"} <= _recipients(walked)
    then = _recipients(walked)
    event.happens(made)
    for entry in system.rows(OutboxEntry, "a test delivers").filter(thing_id=row.public_id):
        post.deliver(entry.public_id)
    assert _recipients(walked) == then
    assert not office.to("bob@b.example")
    receipts = system.rows(Receipt, "a test reads").filter(
        reader__release__thing_id=row.public_id, reader__person=made.person("bob")
    )
    assert list(receipts.values_list("what", flat=True)) == ["withheld"]
