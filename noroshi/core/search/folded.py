"""``tokens.fold`` of a column, made by the database, for names that carry no search entry."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, TextField
from django.db.models.sql.compiler import SQLCompiler

from noroshi.core.search.tokens import HIRAGANA, KATAKANA


class Folded(Func):
    """The text as ``fold`` leaves it, so that it can be compared with a folded word.

    SQLite calls ``fold`` itself (``core.sqlite``). PostgreSQL lowers instead of folding cases,
    which differs for a few letters that no name of a team holds (ß).
    """

    function = "noroshi_fold"
    output_field = TextField()

    def as_postgresql(  # pragma: no cover  # PostgreSQL alone; the measurement runs on SQLite
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, list[Any]]:
        """``normalize`` works in databases that store UTF-8, as ours do."""
        template = "translate(lower(normalize(%(expressions)s, NFKC)), '{}', '{}')"
        sql, values = self.as_sql(
            compiler, connection, template=template.format(KATAKANA, HIRAGANA), **context
        )
        return sql, list(values)
