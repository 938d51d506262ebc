"""The usual way to compare with: a bare Django page with a 100-row table from SQLite.

Run by ``bench/pages.py`` under the same server; it has no sessions, no people, no policy.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

ROWS = 100
TABLE = """<!doctype html><title>Rows</title><table>{% for row in rows %}<tr><td><a href="/{{ row.0 }}">{{ row.1 }}</a></td>
<td>{{ row.2 }}</td><td>{{ row.3 }}</td><td>{{ row.4 }}</td><td>{{ row.5 }}</td></tr>{% endfor %}</table>"""

FILE = Path(os.environ.get("NOROSHI_BENCH_BARE", "bare.sqlite3"))

settings.configure(
    SECRET_KEY="bare",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(FILE)}},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
)
application = get_wsgi_application()
template = engines["django"].from_string(TABLE)


def page(request: HttpRequest) -> HttpResponse:
    """One query, one template."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, title, key, state, severity, due FROM work ORDER BY due LIMIT 100"
        )
        rows = cursor.fetchall()
    return HttpResponse(template.render({"rows": rows}, request))


urlpatterns = [path("", page)]


def make() -> None:
    """The table, with as many rows as Noroshi has in the same run."""
    with sqlite3.connect(FILE) as database:
        database.execute(
            "CREATE TABLE work (id INTEGER PRIMARY KEY, title, key, state, severity, due)"
        )
        database.execute("CREATE INDEX due ON work (due)")
        database.executemany(
            "INSERT INTO work VALUES (?, ?, ?, ?, ?, ?)",
            (
                (
                    n,
                    f"A vulnerability of product {n % 97}",
                    f"CVE-2099-{n:05}",
                    "open",
                    "high",
                    f"2099-01-{n % 28 + 1:02}",
                )
                for n in range(10_000)
            ),
        )
