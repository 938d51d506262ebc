"""The line that every bench prints, and the ways of taking its figures."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from typing import Any


def print_line(
    name: str, figures: dict[str, Any], baseline: dict[str, Any], ratio: float | None
) -> None:
    """Print ``name, figures, baseline, ratio, machine`` as one line of JSON."""
    line = {
        "name": name,
        "figures": figures,
        "baseline": baseline,
        "ratio": ratio,
        "machine": machine(),
    }
    print(json.dumps(line, ensure_ascii=False))


def machine() -> dict[str, Any]:
    """Cores, memory in GB and Python of this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(memory / 1e9, 1),
        "python": platform.python_version(),
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0.0–1.0) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(share * 1000) // 1000) - 1)]


def database_version() -> str:
    """``SQLite 3.53.4`` or ``PostgreSQL 15.18`` of the default database."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sqlite_version()")
            return f"SQLite {cursor.fetchone()[0]}"
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {str(cursor.fetchone()[0]).split()[0]}"
