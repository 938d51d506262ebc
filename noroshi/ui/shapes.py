"""The values that components take: plain and frozen, filled by pages, never a model.

``Text`` is anything that can be shown: a string is escaped, the answer of another
component is not. A value from outside is therefore passed as it is, never pre-escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from django.utils.functional import Promise

Text = str | Promise | int | float
Moment = datetime | date
Tone = Literal["", "go", "ok", "warn", "bad"]

# ---- the shell -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NavItem:
    """One place to go. ``count`` is shown only when something waits; ``key`` follows ``g``."""

    label: Text
    url: str
    icon: str
    count: str = ""
    current: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class NavGroup:
    """Places that belong to one verb; the first group (Today) has no ``title``."""

    title: Text
    items: Sequence[NavItem]


# ---- lists ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the working list: ``title`` starts with the verb and is the whole target."""

    title: Text
    url: str
    meta: Sequence[Text] = ()
    due: Moment | None = None
    end: Text = ""
    icon: str = ""
    tone: Tone = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """``sort`` is the name used in ``?sort=``; without it the heading is not a link."""

    label: Text
    sort: str = ""
    number: bool = False
    nowrap: bool = False


@dataclass(frozen=True, slots=True)
class TableRow:
    """``title`` heads the row; ``cells`` answer the columns from the second one on."""

    title: Text
    cells: Sequence[Text] = ()
    url: str = ""
    sub: Text = ""
    value: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """``pick`` names the checkbox of each row's ``value``; ``sort`` is the order without ``?sort=``."""

    caption: Text
    columns: Sequence[Column]
    rows: Sequence[TableRow]
    pick: str = ""
    sort: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A saved way to look at a list, shown as a tab; a ``count`` in words is shown as it is."""

    label: Text
    url: str
    count: int | str | None = None
    current: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: Text
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Menu:
    """One filter: ``name`` is the query parameter, several values of it may be chosen."""

    name: str
    label: Text
    choices: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class Pager:
    """``text`` says what is shown; a URL that is empty has no page in that direction."""

    text: Text = ""
    newer: str = ""
    older: str = ""


# ---- one thing -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fact:
    label: Text
    value: Text | None
    sub: Text = ""
    mono: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """``detail`` says who and when (done), or what is missing (now, open)."""

    title: Text
    detail: Text = ""
    state: Literal["done", "now", "open"] = "open"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. ``own`` marks the reader's team's own note."""

    at: datetime
    text: Text
    icon: str = "edit"
    tone: Literal["", "key", "alarm", "fine"] = ""
    meta: Sequence[Text] = ()
    note: Text = ""
    own: bool = False
    lang: str = ""


# ---- who reads, who answered ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AudienceLine:
    """``ok`` reads it, ``warn`` reads it in another way, ``no`` does not; ``detail`` says why."""

    name: Text
    detail: Text = ""
    tone: Literal["ok", "warn", "no"] = "ok"


@dataclass(frozen=True, slots=True)
class AudienceGroup:
    title: Text
    lines: Sequence[AudienceLine]
    note: Text = ""


@dataclass(frozen=True, slots=True)
class AudiencePanel:
    """The readers of something. ``anybody`` is TLP:CLEAR; ``teams`` is None for named people."""

    people: int
    teams: int | None = None
    anybody: bool = False
    summary: Text = ""
    groups: Sequence[AudienceGroup] = ()
    more_url: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """``count`` is None where it is hidden from this reader (see ``hide_small``)."""

    label: Text
    count: int | None
    fill: str = "f3"


@dataclass(frozen=True, slots=True)
class Board:
    """Answers of the ``recipients``; the parts of the bar sum to them, or it is not drawn."""

    answers: Sequence[Answer]
    recipients: int
    note: Text = ""

    def __post_init__(self) -> None:
        total = sum(a.count or 0 for a in self.answers)
        hidden = any(a.count is None for a in self.answers)
        if total > self.recipients or (not hidden and total != self.recipients):
            raise ValueError(f"answers sum to {total}, recipients are {self.recipients}")


def hide_small(answers: Sequence[Answer], under: int = 5) -> tuple[Answer, ...]:
    """The answers with small groups hidden, so that no subtraction brings one back.

    Everybody knows how many received it, so the sum of the hidden groups is known too. One
    hidden group would be that sum; several whose sum is tiny, or the most that small groups
    can have, would be known as well. The next smallest group is hidden with them until none of this holds.
    """
    order = sorted(range(len(answers)), key=lambda i: answers[i].count or 0)
    hidden = [i for i in order if (answers[i].count or 0) < under]
    for index in order[len(hidden) :]:
        total = sum(answers[i].count or 0 for i in hidden)
        revealed = len(hidden) < 2 or total < under or total == (under - 1) * len(hidden)
        if not hidden or not revealed:
            break
        hidden.append(index)
    return tuple(
        replace(answer, count=None) if i in hidden else answer for i, answer in enumerate(answers)
    )


# ---- charts --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Series:
    name: Text
    values: Sequence[float]
    fill: str = "f1"


@dataclass(frozen=True, slots=True)
class Chart:
    """``bars`` for named things, ``columns`` and ``line`` over time, ``stacked`` for parts of a whole.

    ``description`` says in a sentence what the chart shows; it is read instead of the picture.
    """

    kind: Literal["bars", "columns", "line", "stacked"]
    title: Text
    description: Text
    labels: Sequence[Text]
    series: Sequence[Series]
    unit: Text = ""

    def __post_init__(self) -> None:
        for series in self.series:
            if len(series.values) != len(self.labels):
                raise ValueError(f"{series.name}: not one value for each of the labels")
