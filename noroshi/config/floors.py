"""The lowest versions and settings that an instance starts on (docs/reference/security.md, rule 16)."""

from __future__ import annotations

import sys
from importlib.metadata import version

from django.conf import settings
from django.db import connection

# Package → first good version. granian: request smuggling; allauth: account checks; Django: 5.2 LTS fixes.
PACKAGES = {"granian": (2, 7, 4), "django-allauth": (65, 14, 2), "django": (5, 2, 8)}
# 3.7.0–3.51.2 can lose committed rows in WAL mode with two connections.
SQLITE = (3, 51, 3)
POSTGRES = 150000
# Python's mail package lets CR and LF into headers before these; exchange.mail refuses them itself,
# so an older Python brings a note and is not refused.
PYTHON_MAIL = {(3, 11): 15, (3, 12): 13, (3, 13): 12}


def faults() -> list[str]:
    """One sentence for each reason not to start."""
    sentences = []
    for package, floor in PACKAGES.items():
        if _numbers(version(package)) < floor:
            sentences.append(
                f"{package} {version(package)} is older than {'.'.join(map(str, floor))}."
            )
    if settings.DEBUG and not _only_loopback():
        sentences.append("NOROSHI_DEBUG is on while other hosts than loopback are allowed.")
    if len(settings.SECRET_KEY) < 50:
        sentences.append("NOROSHI_SECRET_KEY is shorter than 50 characters.")
    return sentences + (_sqlite() if connection.vendor == "sqlite" else _postgres())


def notes() -> list[str]:
    """One sentence for each fault that an operator should know and may live with."""
    needed = PYTHON_MAIL.get(sys.version_info[:2])
    if needed is not None and sys.version_info.micro < needed:
        return [
            (
                f"Python {sys.version.split()[0]} lets line breaks into mail headers; Noroshi refuses them itself. "
                f"{sys.version_info.major}.{sys.version_info.minor}.{needed} is the first mended one."
            )
        ]
    return []


def _only_loopback() -> bool:
    return set(settings.ALLOWED_HOSTS) <= {"127.0.0.1", "localhost", "[::1]"}


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(".")[:3] if number.isdigit())


def _sqlite() -> list[str]:
    sentences = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()")
        if _numbers(cursor.fetchone()[0]) < SQLITE:
            sentences.append(
                "This SQLite can lose committed rows (the WAL-reset race); install the pysqlite3 package "
                f"or SQLite {'.'.join(map(str, SQLITE))}, or use PostgreSQL."
            )
        cursor.execute("PRAGMA synchronous")
        if cursor.fetchone()[0] < 2:
            sentences.append(
                "SQLite's synchronous is weaker than FULL: acknowledged rows could be lost."
            )
    return sentences


def _postgres() -> list[str]:
    sentences = []
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        if int(cursor.fetchone()[0]) < POSTGRES:
            sentences.append("PostgreSQL is older than 15.")
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            cursor.execute(f"SHOW {name}")
            if cursor.fetchone()[0] == "off":
                sentences.append(
                    f"PostgreSQL runs with {name} off: acknowledged rows could be lost."
                )
    return sentences
