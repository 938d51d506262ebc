"""Asking every door as every reader, and looking for what they may not read.

A fault is a sentence that names the route, the reader and what was wrong. Nothing here decides
who may read: the words' own rule does, and hidden must look exactly like not there.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpResponseBase
from pypdf import PdfReader

from noroshi.directory.viewer import Viewer
from tests.harness.canaries import Canaries, Sees, new_word
from tests.harness.doors import Example, Part, Place
from tests.harness.readers import WHOLE, Reader
from tests.harness.routes import Route

ASKING = ("public", "otto", "eve", "bob", "charlie", "adam", "dora")  # who try words and ids
HEADING = ("public", "bob")  # who ask for headers alone: HEAD is GET without its body
# Who see what another reader sees: of what they may see, a few of each are enough.
ALIKE = ("mana", "token team a", "token alice writes")
_TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value=|"X-CSRFToken": )"[^"]+"')


# ---- what an answer shows ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as anybody could compare it: status, headers, body."""

    status: int
    headers: str
    body: str

    @property
    def text(self) -> str:
        return f"{self.headers}\n{self.body}"

    def without(self, *parts: str, instead: str = "…") -> Answer:
        """The same with these ids or words replaced, as whoever asked knows them already."""
        headers, body = self.headers, self.body
        for part in sorted(filter(None, parts), key=len, reverse=True):
            for form in {part, quote(part), quote(quote(part)), part.lower(), part.upper()}:
                headers, body = headers.replace(form, instead), body.replace(form, instead)
        return Answer(self.status, headers, body)


def answer_of(response: HttpResponseBase) -> Answer:
    raw = (
        b"".join(response.streaming_content)  # type: ignore[attr-defined]
        if response.streaming
        else response.content  # type: ignore[attr-defined]
    )
    response.close()
    if raw and response.headers.get("Content-Type", "") == "application/pdf":
        body = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(raw)).pages)
    else:
        body = raw.decode("utf-8", "replace")
    headers = "\n".join(
        f"{name}: {value}"
        for name, value in sorted(response.headers.items())
        if name != "Content-Length"
    )
    cookies = "\n".join(f"Set-Cookie: {name}" for name in sorted(response.cookies))
    return Answer(response.status_code, f"{headers}\n{cookies}", _TOKEN.sub(r"\1", body))


def absent(text: str) -> str:
    """Something of the same form that is not there."""
    prefix, dash, rest = text.partition("-")
    if dash and prefix.isupper():
        return f"{prefix}-{'0' * len(rest)}"
    if text.isdecimal():
        return "9" * (len(text) + 3)
    return f"{text[:-6]}{'0' * 6}"


# ---- the sweep ------------------------------------------------------------------------------


@dataclass
class Knowledge:
    """Who may know of what while nothing changes; found out once for each reader and thing."""

    made: Canaries
    _viewers: dict[str, Viewer] = field(default_factory=dict)
    _hidden: dict[str, dict[str, str]] = field(default_factory=dict)
    _sees: dict[tuple[str, Sees], bool] = field(default_factory=dict)

    def viewer(self, reader: Reader) -> Viewer:
        """Who reads, as it stood when this reader first came."""
        if reader.name not in self._viewers:
            self._viewers[reader.name] = reader.viewer()
        return self._viewers[reader.name]

    def sees(self, reader: Reader, rule: Sees) -> bool:
        """May this reader know of what stands under this rule?"""
        key = (reader.name, rule)
        if key not in self._sees:
            self._sees[key] = rule(self.viewer(reader))
        return self._sees[key]

    def hidden_from(self, reader: Reader) -> dict[str, str]:
        """The words that this reader may not read, and what carries them."""
        if reader.name not in self._hidden:
            self._hidden[reader.name] = {
                canary.word: canary.what
                for canary in self.made.words
                if not any(self.sees(reader, rule) for rule in canary.lets_in)
            }
        return self._hidden[reader.name]


@dataclass
class Sweep:
    """Asks doors, and notes requests, the words that were met, and every fault."""

    made: Canaries
    knowledge: Knowledge | None = None  # of another sweep, where nothing changed since
    requests: int = 0
    faults: list[str] = field(default_factory=list)
    met: dict[str, int] = field(default_factory=dict)  # how often each word was seen rightly
    statements: list[str] = field(default_factory=list)  # filled by ``database.writing``
    # Nothing changes while a sweep asks, so each of these is found out once.
    _places: dict[str, list[Place]] = field(default_factory=dict)
    _absent: dict[tuple[str, str, str], Answer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._knows = self.knowledge or Knowledge(self.made)

    def viewer(self, reader: Reader) -> Viewer:
        """Who reads, as it stood when the sweep first met this reader."""
        return self._knows.viewer(reader)

    def hidden_from(self, reader: Reader) -> dict[str, str]:
        """The words that this reader may not read now, and what carries them."""
        return self._knows.hidden_from(reader)

    def places(self, route: Route, example: Example) -> list[Place]:
        """The places of a route."""
        if route.key not in self._places:
            self._places[route.key] = example.places(self.made)
        return self._places[route.key]

    def hidden_parts(self, place: Place, reader: Reader) -> list[Part]:
        """The parts of a path that this reader may not know of."""
        return [part for part in place.parts if not self._knows.sees(reader, part.sees)]

    def fault(self, route: Route, reader: Reader, words: str) -> None:
        sentence = f"{route.key or '/'} as {reader.name}: {words}"
        if sentence not in self.faults:
            self.faults.append(sentence)

    def ask(
        self,
        route: Route,
        reader: Reader,
        method: str,
        url: str,
        body: Any = None,
        opens: frozenset[str] = frozenset(),
        repeats: str = "",
        **more: Any,
    ) -> Answer:
        """One request; its answer is searched for every word that its reader may not read.

        ``asked`` is a word that the request itself holds: an answer may repeat it.
        """
        self.requests += 1
        self.statements.clear()
        answer = answer_of(reader.ask(method, url, body, **more))
        where = f"{method} {url}"
        if answer.status >= 500:
            self.fault(route, reader, f"{where} answers {answer.status}")
        if method == "HEAD" and answer.body:
            self.fault(route, reader, f"{where} has a body")
        if method in ("GET", "HEAD") and self.statements:
            self.fault(route, reader, f"{where} writes: {self.statements[0][:80]}")
        hidden = self.hidden_from(reader)
        if "kanaria" in answer.text.lower():
            for word in set(re.findall(r"kanaria[0-9a-f]{10}", answer.text.lower())):
                what = hidden.get(word)
                if what is None:
                    self.met[word] = self.met.get(word, 0) + 1
                elif word != repeats and what not in opens:
                    self.fault(route, reader, f"{where} shows “{what}”")
        return answer

    def same(
        self,
        route: Route,
        reader: Reader,
        method: str,
        first: str,
        second: str,
        parts: Iterable[str],
        absent_parts: Iterable[str],
        body: Any = None,
        other_body: Any = None,
        opens: frozenset[str] = frozenset(),
        repeats: str = "",
    ) -> Answer:
        """Ask for something hidden and for something absent: both must be answered the same.

        Where nothing is sent, what is not there is asked for once: many hidden things of one kind
        have the same absent one beside them.
        """
        hidden = self.ask(route, reader, method, first, body, opens, repeats)
        key = (reader.name, method, second)
        nothing = self._absent.get(key) if body is None else None
        if nothing is None:
            nothing = self.ask(route, reader, method, second, other_body or body, opens)
            nothing = nothing.without(*absent_parts)
            if body is None:
                self._absent[key] = nothing
        self.compare(route, reader, f"{method} {first}", hidden.without(*parts), nothing)
        return hidden

    def compare(
        self, route: Route, reader: Reader, where: str, hidden: Answer, nothing: Answer
    ) -> None:
        if hidden != nothing:
            self.fault(
                route,
                reader,
                f"{where} ({hidden.status}, {len(hidden.body)} characters) is answered otherwise "
                f"than what is not there ({nothing.status}, {len(nothing.body)})"
                f"{first_difference(hidden, nothing)}",
            )


def first_difference(first_answer: Answer, other: Answer) -> str:
    """Where two answers part, in words."""
    for place, (first, second) in enumerate(zip(first_answer.text, other.text, strict=False)):
        if first != second:
            return f": …{first_answer.text[max(0, place - 30) : place + 50]!r} against …{other.text[max(0, place - 30) : place + 50]!r}"
    return ""


def absent_place(place: Place, hidden: Iterable[Part]) -> dict[str, str]:
    """The same path with everything hidden replaced by what is not there."""
    return {**place.filled, **{part.name: absent(part.id) for part in hidden}}


FEW = 2
EVERY = 10_000


def sweep_paths(sweep: Sweep, route: Route, example: Example, reader: Reader) -> None:
    """Every place of a route: 0 words, and hidden as absent.

    A page that only reads is tried with every thing; one with a form, which ``writes`` sends, with
    one in each way of being hidden; whoever is stopped at the gate tries a few.
    """
    tried: dict[tuple[str, ...], int] = {}
    for place in sweep.places(route, example):
        if "secret" in place.filled and reader.name not in ("public", "otto", "charlie"):
            continue  # whoever holds the secret is its person, whoever is signed in
        hidden = sweep.hidden_parts(place, reader)
        way = tuple(part.name for part in hidden)
        tried[way] = tried.get(way, 0) + 1
        if tried[way] > _limit(sweep, example, reader, hidden):
            continue
        url = route.url(place.filled)
        with_head = not route.is_api and tried[way] == 1 and (WHOLE or reader.name in HEADING)
        for method in ("GET", "HEAD") if with_head else ("GET",):
            if not hidden:
                sweep.ask(route, reader, method, url, opens=place.opens)
                continue
            other = absent_place(place, hidden)
            sweep.same(
                route,
                reader,
                method,
                url,
                route.url(other),
                place.filled.values(),
                other.values(),
                opens=place.opens,
            )


def _limit(sweep: Sweep, example: Example, reader: Reader, hidden: list[Part]) -> int:
    """How many places of one way this reader asks for."""
    if example.slow and not hidden:
        return 1
    if WHOLE:
        return EVERY
    if example.write is not None:
        return 1
    stopped = not (sweep.viewer(reader).is_signed_in or reader.name == "public")
    alike = reader.name in ALIKE and not hidden
    return FEW if stopped or alike else EVERY


def sweep_query(sweep: Sweep, route: Route, example: Example, reader: Reader) -> None:
    """Words and ids in the query: what is hidden must be found as little as what is not there."""
    for place in sweep.places(route, example):
        if sweep.hidden_parts(place, reader):
            continue
        url = route.url(place.filled)
        fixed = {name: value[1:] for name, value in example.asks.items() if value[0] == "="}
        if fixed:
            sweep.ask(route, reader, "GET", f"{url}?{urlencode(fixed)}")
        for name, kind in example.asks.items():
            if kind[0] != "=":
                _sweep_name(sweep, route, reader, url, name, kind)
        return


def _sweep_name(sweep: Sweep, route: Route, reader: Reader, url: str, name: str, kind: str) -> None:
    values = _values(sweep, reader, kind)
    if not values:
        return
    other = new_word() if kind.startswith("word") else absent(values[0])
    nothing = sweep.ask(route, reader, "GET", f"{url}?{urlencode({name: other})}").without(other)
    for value in values:
        answer = sweep.ask(route, reader, "GET", f"{url}?{urlencode({name: value})}", repeats=value)
        sweep.compare(route, reader, f"GET {url}?{name}={value}", answer.without(value), nothing)


def _values(sweep: Sweep, reader: Reader, kind: str) -> list[str]:
    """Words or an id of this kind that the reader may not know: one word of each sort, or one id."""
    if kind.startswith("word"):
        # "warning red draft" and "warning red released" are one sort
        sorts = {what.split()[0]: word for word, what in sweep.hidden_from(reader).items()}
        names = kind.split()[1:] or list(sorts)
        return [sorts[name] for name in names if name in sorts]
    viewer = sweep.viewer(reader)
    hidden = [thing.id for thing in sweep.made.things[kind] if not thing.sees(viewer)]
    return hidden[:1]
