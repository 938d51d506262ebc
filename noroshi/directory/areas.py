"""How an area declares itself: everything that the rest of Noroshi has to know of it.

Each area has a module ``area.py`` with one ``AREA = Area(...)``; they are gathered from
``INSTALLED_APPS``, in that order, which is the order of menus, lists and the API's document
(ADR 0010). Nobody names an area from above, so one can be taken out (``script/without``).

Stands here because this is the lowest floor that knows who reads; every area is above it or in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib import import_module
from typing import Any, Literal

from django.apps import apps
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule
from django.utils.translation import get_language

from noroshi.core import jobs
from noroshi.directory.models import Circle, Team
from noroshi.directory.viewer import Viewer
from noroshi.formats.dry_run import ReadDocument
from noroshi.ui.shapes import Chart, Row, Table, Text

Group = Literal["", "act", "share", "connect", "arrange"]
Job = Callable[[str], None]


# ---- kinds of things -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing: what history, search, mail and links know it by, and how it is found.

    Exactly one of three: ``labelled`` kinds put an entry into search (``sharing.search.put``);
    ``search`` finds those without a label, by number and by words, with the columns ``public_id``,
    ``name`` and ``name_en``; ``not_searched`` says why neither is needed. ``page`` is the name of
    the view that shows one by its number; ``mail_word`` is what a notice without content calls it.
    """

    name: str
    prefix: str
    word: Promise
    icon: str = ""
    page: str = ""
    mail_word: Promise | None = None
    labelled: bool = False
    search: Callable[[Viewer, str], QuerySet[Any]] | None = None
    not_searched: str = ""

    def url(self, public_id: str) -> str:
        """The address of the page that shows this one."""
        return reverse(self.page, args=[public_id])


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing without a label that quick search shows."""

    kind: Kind
    public_id: str
    title: str


def unlabelled(viewer: Viewer, words: str, most: int) -> list[Hit]:
    """Things without a label that the viewer may know of, by number or words; one query.

    What carries a label is asked of ``sharing.search``.
    """
    searched = {kind.name: kind for kind in kinds() if kind.search}
    english = (get_language() or "ja").startswith("en")
    title = Coalesce(NullIf("name_en", Value("")), "name") if english else F("name")
    queries = [
        kind.search(viewer, words)
        .order_by()
        .annotate(kind=Value(name), title=title)
        .values_list("kind", "public_id", "title")
        for name, kind in searched.items()
        if kind.search
    ]
    if not queries:
        return []
    rows = queries[0].union(*queries[1:]) if len(queries) > 1 else queries[0]
    return [
        Hit(searched[name], public_id, title)
        for name, public_id, title in rows.order_by("title", "public_id")[:most]
    ]


# ---- where one can go, and what waits there ------------------------------------------


def everybody(viewer: Viewer) -> bool:
    """Whoever is signed in."""
    return True


@dataclass(frozen=True, slots=True)
class NavEntry:
    """A place in the navigation. ``waits`` selects what waits there for this viewer; ``key``
    follows ``g``. A place of the ``association`` is not offered to a team that is alone."""

    group: Group
    label: Promise
    url: str
    icon: str
    key: str = ""
    seen_by: Callable[[Viewer], bool] = everybody
    waits: Callable[[Viewer], QuerySet[Any]] | None = None
    association: bool = False


# ---- Today ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Section:
    """A list, table or chart of Today, in the middle or in the rail; small ``order`` comes first."""

    title: Text
    body: Sequence[Row] | Table | Chart
    url: str = ""
    link: Text = ""
    count: Text = ""
    in_rail: bool = False
    order: int = 50

    @property
    def shape(self) -> str:
        """The component that draws the body: ``rows``, ``table`` or ``chart``."""
        return {Table: "table", Chart: "chart"}.get(type(self.body), "rows")


@dataclass(frozen=True, slots=True)
class NothingToDo:
    """The sentence where nothing waits for the reader, and one button to begin."""

    sentence: Text
    url: str = ""
    label: Text = ""


@dataclass(frozen=True, slots=True)
class Today:
    """The share of one area in Today: rows that wait for the reader, rows that wait for others."""

    mine: Sequence[Row] = ()
    others: Sequence[Row] = ()
    sections: Sequence[Section] = ()
    nothing: NothingToDo | None = None


# ---- events --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens in an area and that areas above may listen to, by a job each.

    A lower area declares its events in ``events.py`` and calls ``publish`` inside its transaction;
    the area above says in its own ``area.py`` which of its jobs listens.
    """

    name: str


@dataclass(frozen=True, slots=True)
class Listener:
    """A job that gets the id with which the event was published. ``of`` narrows to one kind."""

    event: Event
    job: Job
    of: str = ""


def publish(event: Event, thing_id: str, *, of: str = "") -> None:
    """Enqueue every job that listens, if and only if the surrounding transaction commits."""
    for listener in _listening(event, of):
        jobs.enqueue(jobs.path_of(listener.job), thing_id)


def publish_many(event: Event, thing_ids: Sequence[str]) -> None:
    """The same for each of these ids, in as many statements as for one."""
    for listener in _listening(event, ""):
        jobs.enqueue_many(jobs.path_of(listener.job), thing_ids)


def _listening(event: Event, of: str) -> Iterator[Listener]:
    return (
        listener
        for area in areas()
        for listener in area.listens
        if listener.event == event and listener.of in ("", of)
    )


# ---- the rest ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job that runs by itself every so many minutes."""

    minutes: int
    job: Callable[[], None]


@dataclass(frozen=True, slots=True)
class ReportFigures:
    """Numbers that an area adds to the reports for executives, and the sentence that says them.

    ``count`` gets the viewer, the team and the period from its first moment to the one after its
    last; the numbers are kept in the report under ``key``.
    """

    key: str
    count: Callable[[Viewer, Team, datetime, datetime], dict[str, int]]
    sentence: Callable[[Mapping[str, int]], str]


@dataclass(frozen=True, slots=True)
class SystemLink:
    """A link that an area adds to the page of a system; ``url`` gets the system's number."""

    label: Promise
    url: Callable[[str], str]
    seen_by: Callable[[Viewer], bool] = everybody


@dataclass(frozen=True, slots=True)
class Subject:
    """What work is about, as its page hands it to areas below: number, title, and a key such as
    the CVE id."""

    public_id: str
    key: str
    title: str


@dataclass(frozen=True, slots=True)
class SubjectLink:
    """A button that an area adds to the pages where the team works on something."""

    label: Promise
    url: Callable[[Subject], str]
    icon: str = ""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """The options of the command ``noroshi import``, and who it acts for."""

    team: Team
    by: Viewer
    system_name: str = ""
    circle: Circle | None = None
    sensitivity: str = ""  # of documents that carry no label


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a document: one word (``refused`` when it did not go in) and a sentence.

    ``remarks`` are such pairs on its rows. ``later`` is the number of an import whose outcome
    comes when its job has run; then there are no words yet.
    """

    word: str = ""
    sentence: str = ""
    remarks: Sequence[tuple[str, str]] = ()
    later: str = ""


@dataclass(frozen=True, slots=True)
class ConsoleImport:
    """Takes the documents that were read as ``draft`` in from the command line."""

    draft: type
    take: Callable[[ReadDocument, ImportOptions], Outcome]
    afterwards: Callable[[str, ImportOptions], Outcome] | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """One area, as it declares itself."""

    kinds: Sequence[Kind] = ()
    urls: str | None = None  # where its ``urls.py`` stands; none without pages
    nav: Sequence[NavEntry] = ()
    today: Callable[[Viewer, int], Today] | None = None  # gets the most rows of a list
    # A page instead of Today for those who have no turn there.
    start: Callable[[Viewer], str] | None = None
    listens: Sequence[Listener] = ()
    schedules: Sequence[Schedule] = ()
    operations: Sequence[str] = ()  # modules of ``noroshi.api`` with operations on its things
    report: ReportFigures | None = None
    on_systems: Sequence[SystemLink] = ()
    on_subjects: Sequence[SubjectLink] = ()
    console_imports: Sequence[ConsoleImport] = ()
    remarks: Callable[[], list[str]] | None = None  # sentences that ``noroshi check`` adds


@lru_cache(maxsize=1)
def installed() -> Mapping[str, Area]:
    """Every area by the name of its package, in the order of ``INSTALLED_APPS``."""
    return {
        config.name: import_module(f"{config.name}.area").AREA
        for config in apps.get_app_configs()
        if config.module is not None and module_has_submodule(config.module, "area")
    }


def areas() -> Iterable[Area]:
    """The areas themselves, in that order."""
    return installed().values()


def links_on_system(viewer: Viewer, system_id: str) -> list[dict[str, Text]]:
    """The links that areas above the inventory add to the page of a system, for this viewer."""
    return [
        {"label": link.label, "url": link.url(system_id)}
        for area in areas()
        for link in area.on_systems
        if link.seen_by(viewer)
    ]


def links_on_subject(subject: Subject) -> list[dict[str, Text]]:
    """The buttons that other areas add to the page of what the team works on."""
    return [
        {"label": link.label, "url": link.url(subject), "icon": link.icon}
        for area in areas()
        for link in area.on_subjects
    ]


def kinds() -> Iterable[Kind]:
    """Every kind of thing that there is here."""
    return (kind for area in areas() for kind in area.kinds)


def kind_named(name: str) -> Kind | None:
    """The kind of this name; none for one whose area was taken out."""
    return next((kind for kind in kinds() if kind.name == name), None)
