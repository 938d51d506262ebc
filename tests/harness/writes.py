"""Sending every form where it does not belong, and looking at what it changed.

Each request stands in a savepoint of its own, which is taken back. A request that ran no writing
statement changed nothing; for one that did, the rows of every table are compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from noroshi.directory.models import Team
from tests.harness import database
from tests.harness.database import Snapshot
from tests.harness.doors import Example, Part, Place, Write, nobody
from tests.harness.examples import EXAMPLES
from tests.harness.readers import WHOLE, Reader
from tests.harness.routes import Route
from tests.harness.sweep import FEW, Answer, Sweep, absent, absent_place

# Who may not: another team of the circle and one outside it, the own team in another role, an
# administrator, a suspended team, nobody. By default those are enough.
WRONG = ("bob", "charlie", "otto", "eve", "adam", "dora", "public")
WRONG_PROGRAMS = (
    "token bob",
    "token otto",
    "token adam",
    "token team a",
    "token alice expired",
    "alice's browser",
)
# Who ask besides for what is not there, and one of them also with nothing and with more.
COMPARING = ("otto", "bob", "token otto", "token bob")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
EXTRA = "is_released"
_UNKNOWN = re.compile(r"[A-Z]{1,2}-[0-9A-Z]{8}")  # the id of what a request made
_TABLE = re.compile(r'(?:INTO|UPDATE|FROM) "?(\w+)')


@dataclass
class Writes:
    """The sweep that asks, the database before it, and what was counted."""

    sweep: Sweep
    readers: Mapping[str, Reader]
    before: Snapshot | None = None
    wrote: dict[str, int] = field(default_factory=dict)  # routes whose right form changed rows
    requests: int = 0

    def fault(self, route: Route, reader: Reader, words: str) -> None:
        self.sweep.fault(route, reader, words)

    def send(
        self,
        route: Route,
        reader: Reader,
        method: str,
        url: str,
        body: Any,
        may_change: frozenset[str] | None = frozenset(),
    ) -> Answer:
        """One request, taken back; ``may_change`` are tables that it may write, ``None`` all."""
        self.requests += 1
        with transaction.atomic():
            answer = self.sweep.ask(route, reader, method, url, body)
            written = list(self.sweep.statements)
            if may_change is not None and written:
                self._compare(route, reader, f"{method} {url}", may_change)
            transaction.set_rollback(True)
        self.sweep.statements[:] = written
        return answer

    def _compare(
        self, route: Route, reader: Reader, where: str, may_change: frozenset[str]
    ) -> None:
        touched = {table for sql in self.sweep.statements for table in _TABLE.findall(sql)}
        if touched <= may_change or self.before is None:
            return
        changed = database.changes(self.before, database.snapshot()).keys() - may_change
        if changed:
            self.fault(route, reader, f"{where} changes {', '.join(sorted(changed))}")

    def unchanged(
        self,
        route: Route,
        reader: Reader,
        method: str,
        place: Place,
        write: Write,
        body: Any,
        other_body: Any = None,
        why: str = "",
        compare: bool = True,
    ) -> Answer:
        """Nothing is written, and where something is hidden, it is answered as what is not there."""
        url, may = route.url(place.filled), write.anybody
        answer = self.send(route, reader, method, url, _encoded(route, write, body), may)
        hidden = self.sweep.hidden_parts(place, reader)
        if not compare or (not hidden and other_body is None):
            return answer
        other = absent_place(place, hidden)
        again = _encoded(route, write, body if other_body is None else other_body)
        nothing = self.send(route, reader, method, route.url(other), again, may)
        self.sweep.compare(
            route,
            reader,
            f"{method} {url}{why}",
            answer.without(*place.filled.values(), *_known_texts(body)),
            nothing.without(*other.values(), *_known_texts(other_body or body)),
        )
        return answer


def _known_texts(body: Mapping[str, Any]) -> list[str]:
    """The ids and texts in a body, which whoever sent it knows already; not its short words."""
    texts = []
    for value in body.values():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and re.fullmatch(r"[A-Z]{1,2}-[0-9A-Z]{8}|\d{4,}", text):
                texts.append(text)
    return texts


def _encoded(route: Route, write: Write, body: Mapping[str, Any]) -> Any:
    """A form for a page, JSON for an operation that is not sent a file; files begin anew."""
    if not route.is_api or write.multipart:
        for value in body.values():
            if isinstance(value, SimpleUploadedFile):
                value.seek(0)
        return body
    return json.dumps(dict(body)).encode() if body else None


# ---- the cases -----------------------------------------------------------------------------


def sweep_write(writes: Writes, route: Route, example: Example) -> None:
    """Every case of one route that takes a form."""
    write = example.write
    assert write is not None
    method, by = route.method or "POST", writes.readers[write.by]
    right = _place(writes, route, example, write.at(writes.sweep.made))
    usual = _check_that_it_writes(writes, route, write, right)
    wrong = list(_readers_without_rights(writes, route, write))
    for reader in wrong:
        body, compares = write.body(writes.sweep.made), WHOLE or reader.name in COMPARING
        writes.unchanged(
            route, reader, method, right, write, body, why=" with the right form", compare=compares
        )
    for reader in wrong if WHOLE else _closest_reader(writes, right, wrong):
        more = {**write.body(writes.sweep.made), EXTRA: "on"}
        writes.unchanged(
            route, reader, method, right, write, {}, why=" with nothing", compare=WHOLE
        )
        writes.unchanged(route, reader, method, right, write, more, why=" with more")
    for reader in _readers_with_rights(writes, route, by):
        for place in [
            *_hidden_places(writes, route, example, reader),
            *_crossed_places(writes, route, example, reader),
        ]:
            body = write.body(writes.sweep.made)
            writes.unchanged(route, reader, method, place, write, body, why=" with the right form")
    _send_foreign_ids(writes, route, write, right, by)
    _leave_out_each_field(writes, route, write, right, by)
    _add_what_is_not_listed(writes, route, write, right, by, usual)


def _check_that_it_writes(writes: Writes, route: Route, write: Write, right: Place) -> int:
    """The right form by the right person changes rows, or every other case proves nothing.

    Returns how it is answered.
    """
    by = writes.readers[write.by]
    body = _encoded(route, write, write.body(writes.sweep.made))
    answer = writes.send(route, by, route.method or "POST", route.url(right.filled), body, None)
    if writes.sweep.statements:
        writes.wrote[route.key] = len(writes.sweep.statements)
    if bool(writes.sweep.statements) is bool(write.why_silent):
        says = "is said to be silent and writes" if write.why_silent else "writes nothing"
        writes.fault(route, by, f"the right form {says} ({answer.status}): mend its example")
    return answer.status


def _readers_without_rights(writes: Writes, route: Route, write: Write) -> Iterator[Reader]:
    """Those who may not; whoever may write is left out."""
    names = writes.readers if WHOLE else WRONG_PROGRAMS if route.is_api else WRONG
    return (writes.readers[name] for name in names if name not in write.allowed)


def _closest_reader(writes: Writes, right: Place, wrong: list[Reader]) -> list[Reader]:
    """One of those who may not: who sees the thing and only lacks the right, if there is one."""
    compare = [reader for reader in wrong if reader.name in COMPARING]
    near = [reader for reader in compare if not writes.sweep.hidden_parts(right, reader)]
    return (near or compare)[:1]


def _readers_with_rights(writes: Writes, route: Route, by: Reader) -> list[Reader]:
    """Whoever may write here, and somebody with the same role in another team."""
    other = writes.readers["token bob" if route.is_api else "bob"]
    return [by] if by is other else [by, other]


def _place(writes: Writes, route: Route, example: Example, filled: Mapping[str, str]) -> Place:
    """The place with these parts, with who may know of them; else one that hides nothing."""
    for place in writes.sweep.places(route, example):
        if place.filled == filled:
            return place
    return Place(tuple(Part(name, value) for name, value in filled.items()))


def _hidden_places(writes: Writes, route: Route, example: Example, reader: Reader) -> list[Place]:
    """A few places in each way of being hidden from whoever has the rights elsewhere."""
    tried: dict[tuple[str, ...], list[Place]] = {}
    for place in writes.sweep.places(route, example):
        way = tuple(part.name for part in writes.sweep.hidden_parts(place, reader))
        if way and "secret" not in place.filled:
            tried.setdefault(way, []).append(place)
    return [place for places in tried.values() for place in places[: 99 if WHOLE else FEW]]


def _crossed_places(writes: Writes, route: Route, example: Example, reader: Reader) -> list[Place]:
    """An own parent with somebody else's child, and with an own child of another parent."""
    places = [
        place
        for place in writes.sweep.places(route, example)
        if len(place.parts) > 1 and place.parts[1].sees is not nobody
    ]
    sees = {place: writes.sweep.hidden_parts(place, reader) for place in places}
    crossed: dict[bool, Place] = {}
    for own in places:
        if own.parts[0] in sees[own]:
            continue
        for other in places:
            parent, child, rest = own.parts[0], other.parts[1], own.parts[2:]
            if (parent.id, child.id) not in {
                (place.parts[0].id, place.parts[1].id) for place in places
            }:
                hidden = child in sees[other]
                foreign = Part(child.name, child.id, nobody)
                crossed.setdefault(hidden, Place((parent, foreign, *rest)))
    return list(crossed.values())


def _send_foreign_ids(writes: Writes, route: Route, write: Write, right: Place, by: Reader) -> None:
    """An id in the body of something that one may not know of is as one that is nothing's."""
    made, method = writes.sweep.made, route.method or "POST"
    for name, reference in write.refers.items():
        kind, is_stored = reference.removeprefix("="), reference.startswith("=")
        viewer = writes.sweep.viewer(by)
        hidden = [thing.id for thing in made.things[kind] if not thing.sees(viewer)]
        if not hidden and kind == "team":  # everybody knows the teams: another's is not one's own
            others = Team.objects.exclude(pk__in=viewer.team_ids)
            hidden = [others.values_list("public_id", flat=True)[0]]
        if not hidden:
            writes.fault(route, by, f"no {kind} is hidden, so {name} cannot be tried")
            continue
        body = write.body(made)
        foreign, nothing = (
            _body_naming(body, name, hidden[0]),
            _body_naming(body, name, absent(hidden[0])),
        )
        why = f" with a foreign {name}"
        if is_stored:
            answers = [
                _UNKNOWN.sub(
                    "…",
                    writes.send(
                        route,
                        by,
                        method,
                        route.url(right.filled),
                        _encoded(route, write, named_body),
                        None,
                    ).text,
                )
                for named_body in (foreign, nothing)
            ]
            if answers[0] != answers[1]:
                writes.fault(
                    route, by, f"{method}{why} is answered otherwise than what is not there"
                )
        else:
            writes.unchanged(route, by, method, right, write, foreign, nothing, why=why)


def _body_naming(body: Mapping[str, Any], name: str, thing_id: str) -> dict[str, Any]:
    """The same body naming another thing, among others where it names several."""
    value = body.get(name)
    return {**body, name: [*value, thing_id] if isinstance(value, list) else thing_id}


def _leave_out_each_field(
    writes: Writes, route: Route, write: Write, right: Place, by: Reader
) -> None:
    """Each field left out: a page or a refusal, and what is refused is not written."""
    url, method = route.url(right.filled), route.method or "POST"
    for name in write.body(writes.sweep.made):
        body = {key: value for key, value in write.body(writes.sweep.made).items() if key != name}
        answer = writes.send(route, by, method, url, _encoded(route, write, body), None)
        if answer.status >= 400 and writes.sweep.statements:
            writes.send(route, by, method, url, _encoded(route, write, body), write.anybody)


def _add_what_is_not_listed(
    writes: Writes, route: Route, write: Write, right: Place, by: Reader, usual: int
) -> None:
    """A field or file that the form does not list is refused also to whoever may write.

    Where the right form is refused, because a device would have to sign, it may be refused as that.
    """
    url, method = route.url(right.filled), route.method or "POST"
    extra: list[Any] = ["on"]
    if not route.is_api or write.multipart:
        extra.append(SimpleUploadedFile("extra.txt", b"x"))
    for value in extra:
        body = {**write.body(writes.sweep.made), EXTRA: value}
        answer = writes.send(route, by, method, url, _encoded(route, write, body))
        if answer.status != 400 and not (write.why_silent and answer.status == usual >= 400):
            kind = "field" if value == "on" else "file"
            writes.fault(
                route, by, f"{method} {url} with an unlisted {kind} is answered {answer.status}"
            )


# ---- methods -------------------------------------------------------------------------------


def sweep_methods(
    writes: Writes, route: Route, example: Example, taken: Iterable[str], reader: Reader
) -> None:
    """A method that the address does not take: refused and nothing written, hidden as absent."""
    write = example.write or Write()
    places = writes.sweep.places(route, example)
    chosen: dict[bool, Place] = {}
    for place in places:
        chosen.setdefault(bool(writes.sweep.hidden_parts(place, reader)), place)
    for method in METHODS:
        if method in taken:
            continue
        for hidden, place in chosen.items():
            answer = writes.unchanged(route, reader, method, place, write, {})
            if not hidden and answer.status not in (404, 405):
                writes.fault(
                    route, reader, f"{method} {route.url(place.filled)} is answered {answer.status}"
                )


def taken_methods(route: Route, routes: Iterable[Route]) -> frozenset[str]:
    """The methods that an address takes: by the example of a page, by the operations of the API."""
    if route.is_api:
        return frozenset(
            other.method for other in routes if other.path == route.path and other.is_api
        )
    example = EXAMPLES[route.key]
    return frozenset({"GET", *(["POST"] if example.write else [])})
