"""Every text that a row keeps, written anew as somebody writes it who wants more than to be read.

The columns are found by asking the models. The new texts go past every form into the database: what
a page shows must be harmless wherever it comes from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Any
from zlib import crc32

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import connection, models

from tests.harness.texts import BREAKS, FORMULAS, TEXTS, as_bytes, packed

# What the program alone writes: ids, hashes, its own words and places.
PROGRAMS = re.compile(
    r"(?:.*_)?(?:id|hash|sha256|key|fingerprint|scheme|path|kind|action|template|how)"
    r"|actor|language|time_zone|password|slug|role|channel|passage|what|format|stage|exposure"
    r"|ssvc_.*|scopes|mapping|label_then|inputs|proposals|type|message"
)
# These look like that and hold what somebody wrote.
PEOPLES = frozenset(
    {
        "vulnerabilities.Vulnerability.key",
        "vulnerabilities.Assessment.key",
        "warnings.Origin.key",
        "measures.Instruction.subject_key",
        "vulnerabilities.Advisory.tracking_id",
        "inventory.Component.kind",
    }
)
LINK = "sharing.Link.purpose"  # a word of the program, which a circle's purpose is not
# In JSON: a word of the program, an id, a moment.
_WORD = re.compile(r"[a-z0-9_.+-]{0,40}|[A-Z]{1,3}-[0-9A-Z]{8,12}|[0-9]{4}-[0-9-]{5}.*")
_CANARY = re.compile("kanaria[0-9a-f]{10}")

# Ends whatever it stands in, begins an element that no page of ours has, and turns the line around.
PROBE = "'\"></title></textarea></select><x-x>\u202e"
SHORT_PROBE = "'\"><x-x>"
# What an address may hold in quotes: markup, and more of a mail's header behind a question mark.
ADDRESS = "<x-x>?bcc=thief&body=<img/src=x/onerror=window.__hit=1>"
# A database keeps neither, see tests/leaks/test_nul.py.
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
_BREAK = re.compile(f"[{''.join(BREAKS)}]")
TEXT_LENGTH = 1_200  # of a text without a limit; enough for several, and pages stay pages

STORABLE = tuple(
    # in no order of theirs, so that every column and every form gets some of each kind
    text
    for text in sorted(TEXTS, key=lambda text: crc32(as_bytes(text)))
    if not _NOT_STORABLE.search(text)
)
LINES = tuple(text for text in STORABLE if not _BREAK.search(text))


@dataclass
class Rewriting:
    """The columns that were written anew, and the texts that went in."""

    columns: dict[str, int] = field(default_factory=dict)  # how many values of each
    texts: set[str] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=count)
    _packs: dict[tuple[int, bool], Iterator[list[str]]] = field(default_factory=dict)
    _formulas: Iterator[str] = field(
        default_factory=lambda: cycle(
            formula for formula in FORMULAS if len(formula) < 15 and not _BREAK.search(formula)
        )
    )
    _replaced: dict[tuple[str, int, bool], str] = field(default_factory=dict)

    def everything(self) -> None:
        """Write every row of ours anew, and of the keys that people name."""
        for model in apps.get_models():
            if model.__module__.startswith("noroshi.") or model is Authenticator:
                self._rewrite_rows(model)

    def _rewrite_rows(self, model: type[models.Model]) -> None:
        columns: list[Any] = [column for column in model._meta.concrete_fields if _is_text(column)]
        if not columns:
            return
        quote = connection.ops.quote_name
        table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
        names = [quote(column.column) for column in columns]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(names)}, {key} FROM {table}")
            new = [[*map(self._new_value, columns, row[:-1]), row[-1]] for row in cursor.fetchall()]
            assigned = ", ".join(f"{name} = %s" for name in names)
            if new:
                cursor.executemany(f"UPDATE {table} SET {assigned} WHERE {key} = %s", new)

    def _new_value(self, column: Any, old: Any) -> Any:
        """The new value of a column that has the ``old`` one."""
        new: Any
        if isinstance(column, models.JSONField):
            was = json.loads(old or "null")
            new = self._in_json(was)
            changed = new != was
            new = json.dumps(new) if changed else old
        elif isinstance(column, models.EmailField):
            new, changed = f'"{next(self._numbers)}{ADDRESS}"@a.example', True
        else:
            is_line = isinstance(column, models.CharField)
            new = self.text(old or "", column.max_length or TEXT_LENGTH, is_line=is_line)
            changed = True
        self.columns[_column_name(column)] = self.columns.get(_column_name(column), 0) + changed
        return new

    def _in_json(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: entry if name == "message" else self._in_json(entry)
                for name, entry in value.items()
            }
        if isinstance(value, list):
            return [self._in_json(entry) for entry in value]
        if isinstance(value, str) and (_CANARY.search(value) or not _WORD.fullmatch(value)):
            return self.text(value, 200, is_line=True)
        return value

    def text(self, old: str, length: int, *, is_line: bool) -> str:
        """A hostile text in place of this one: what was the same before is the same again."""
        if not old:
            return self._hostile_text(length, is_line)
        if (old, length, is_line) not in self._replaced:
            self._replaced[old, length, is_line] = self._hostile_text(length, is_line)
        return self._replaced[old, length, is_line]

    def _hostile_text(self, length: int, is_line: bool) -> str:
        number = next(self._numbers)
        if length < 100:
            return f"{SHORT_PROBE}{number}"[:length]
        begins = f"{PROBE}{number} "
        if number % 4 == 0:
            begins = next(self._formulas) + begins
        texts = next(self._packs_of(length - len(begins), is_line))
        self.texts.update(texts)
        return begins + (" " if is_line else "\n").join(texts)

    def _packs_of(self, length: int, is_line: bool) -> Iterator[list[str]]:
        """The texts over and over, as many together as fit."""
        place = (length // 20, is_line)
        if place not in self._packs:
            self._packs[place] = cycle(
                list(packed(length // 20 * 20, LINES if is_line else STORABLE))
            )
        return self._packs[place]


def _column_name(column: Any) -> str:
    return f"{column.model._meta.label}.{column.name}"


def _is_text(column: Any) -> bool:
    """Does somebody's text stand in this column?"""
    if not isinstance(column, models.CharField | models.TextField | models.JSONField):
        return False
    if _column_name(column) in PEOPLES or isinstance(column, models.EmailField):
        return True
    ours = column.unique or column.choices or PROGRAMS.fullmatch(column.name)
    return not ours and _column_name(column) != LINK
