"""A database's share of ``bench.match``: load through our rows, match with our SQL, compare."""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
import random
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import django

from bench.figures import database_version, percentile

SAMPLE = 400  # new advisories that are timed
BATCH = 5000


def main(folder: Path) -> None:
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "noroshi.config.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    components = _load_inventory(folder / "inventory.csv")
    _tidy()
    advisories = _load_advisories(folder / "advisories.jsonl")
    loaded = time.perf_counter() - started
    _tidy()
    figures: dict[str, Any] = {"database": database_version(), "load_s": round(loaded, 1)}
    figures |= _measure(advisories)
    figures |= _compare(folder, components, advisories)
    print(json.dumps(figures))


def _tidy() -> None:
    """Do the work that autovacuum does after a while, and that SQLite asks for after many changes."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _measure(advisories: dict[int, str]) -> dict[str, Any]:
    from django.db import connection

    from noroshi.directory.models import Team
    from noroshi.inventory.models import System
    from noroshi.sharing.guard import system_reason
    from noroshi.vulnerabilities import matching, product_mapping

    system_reason.set("a bench")
    started = time.perf_counter()
    product_mapping.map_inventory_products()
    mapping = time.perf_counter() - started
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        matching.rematch_all()
        seconds.append(time.perf_counter() - started)
    sample = random.Random(1).sample(sorted(advisories), min(SAMPLE, len(advisories)))
    times = []
    for pk in sample:
        with connection.cursor() as cursor:  # as if it had just come
            cursor.execute(
                "DELETE FROM vulnerabilities_match WHERE affected_range_id IN "
                "(SELECT id FROM vulnerabilities_affectedrange WHERE advisory_id = %s)",
                [pk],
            )
        started = time.perf_counter()
        matching.match_advisory(pk)
        times.append((time.perf_counter() - started) * 1000)
    systems = list(System.objects.filter(team__slug="team-001").values_list("pk", flat=True))
    started = time.perf_counter()
    matching.match_systems(systems)
    one_team = time.perf_counter() - started
    return {
        "mapping_s": round(mapping, 2),
        "rematch_s": round(max(seconds), 2),
        "rematch_s_per_team": round(max(seconds) / Team.objects.count(), 4),
        "rematch_runs_s": [round(run, 2) for run in seconds],
        "advisory_p50_ms": round(percentile(times, 0.5), 2),
        "advisory_p95_ms": round(percentile(times, 0.95), 2),
        "advisory_max_ms": round(max(times), 2),
        "one_team_s": round(one_team, 3),
    }


def _compare(
    folder: Path, components: dict[int, str], advisories: dict[int, str]
) -> dict[str, Any]:
    """The certain pairs as the generator writes them, by the hash of the whole file."""
    from noroshi.vulnerabilities.models import AffectedRange, Match

    of_range = dict(AffectedRange.objects.values_list("pk", "advisory_id"))
    rows = Match.objects.values_list("affected_range_id", "component_id", "is_certain").iterator(
        chunk_size=100_000
    )
    pairs, uncertain = set(), 0
    for range_id, component_id, certain in rows:
        if certain:
            pairs.add((advisories[of_range[range_id]], components[component_id]))
        else:
            uncertain += 1
    text = "advisory_id,component_id\n" + "".join(f"{a},{c}\n" for a, c in sorted(pairs))
    expected = (folder / "expected_matches.csv").read_bytes()
    exact = hashlib.sha256(text.encode()).digest() == hashlib.sha256(expected).digest()
    return {"pairs": len(pairs), "uncertain_rows": uncertain, "exact": exact}


def _load_inventory(path: Path) -> dict[int, str]:
    from noroshi.core.history import SYSTEM
    from noroshi.directory import actions

    organisation = actions.open_organisation(name="Bench", by=SYSTEM)
    components: dict[int, str] = {}
    with path.open(encoding="utf-8", newline="") as source:
        for name, rows in itertools.groupby(csv.DictReader(source), key=lambda row: row["team"]):
            team = actions.open_team(
                organisation=organisation, name=name, name_en=name, slug=name, by=SYSTEM
            )
            components |= _load_team(team, list(rows))
    return components


def _load_team(team: Any, rows: list[dict[str, str]]) -> dict[int, str]:
    from django.db import transaction

    from noroshi.inventory import products
    from noroshi.inventory.models import Component, System
    from noroshi.sharing.labels import State
    from noroshi.sharing.models import Label

    with transaction.atomic():
        names = sorted({row["asset"] for row in rows})
        labels = Label.objects.bulk_create(
            [Label(owner=team, sensitivity="internal", state=State.RELEASED) for _ in names]
        )
        systems = dict(
            zip(
                names,
                System.objects.bulk_create(
                    [
                        System(team=team, label=label, name=name)
                        for name, label in zip(names, labels, strict=True)
                    ]
                ),
                strict=True,
            )
        )
        identities = [
            products.identity_of(row["vendor"], row["name"], row["purl"], row["cpe"])
            for row in rows
        ]
        interned = products.intern(identities)
        made = Component.objects.bulk_create(
            [
                Component(
                    system=systems[row["asset"]],
                    team=team,
                    product_id=interned[identity],
                    vendor=row["vendor"],
                    name=row["name"],
                    version=row["version"],
                    version_key=products.version_key(row["version"], identity.scheme),
                    purl=row["purl"],
                    cpe=row["cpe"],
                )
                for row, identity in zip(rows, identities, strict=True)
            ],
            batch_size=BATCH,
        )
    return {component.pk: row["component_id"] for component, row in zip(made, rows, strict=True)}


def _load_advisories(path: Path) -> dict[int, str]:
    advisories: dict[int, str] = {}
    with path.open(encoding="utf-8") as source:
        for lines in _chunks(map(json.loads, source), 1000):
            advisories |= _load_some(lines)
    return advisories


def _chunks(lines: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while chunk := list(itertools.islice(lines, size)):
        yield chunk


def _load_some(lines: list[dict[str, Any]]) -> dict[int, str]:
    from django.db import transaction

    from noroshi.directory.models import Team
    from noroshi.sharing.labels import State
    from noroshi.sharing.models import Label
    from noroshi.vulnerabilities import affected_products
    from noroshi.vulnerabilities.models import Advisory, AffectedRange, Vulnerability

    team = Team.objects.order_by("pk")[0]
    with transaction.atomic():
        labels = Label.objects.bulk_create(
            [Label(owner=team, sensitivity="clear", state=State.RELEASED) for _ in lines]
        )
        advisories = Advisory.objects.bulk_create(
            [
                Advisory(
                    team=team,
                    label=label,
                    format="synthetic",
                    namespace="https://bench.example",
                    tracking_id=line["id"],
                    revision="1",
                    title=line["title"],
                    published_at=datetime.fromisoformat(line["published"]),
                )
                for line, label in zip(lines, labels, strict=True)
            ]
        )
        vulnerabilities = Vulnerability.objects.bulk_create(
            [Vulnerability(advisory=advisory, key=advisory.tracking_id) for advisory in advisories]
        )
        ranges = [
            row
            for line, advisory, vulnerability in zip(
                lines, advisories, vulnerabilities, strict=True
            )
            for row in affected_products.range_rows(
                list(_affected(line)),
                advisory_id=advisory.pk,
                vulnerability_ids={line["id"]: vulnerability.pk},
            )
        ]
        AffectedRange.objects.bulk_create(ranges, batch_size=BATCH)
    return {advisory.pk: advisory.tracking_id for advisory in advisories}


def _affected(line: dict[str, Any]) -> Iterator[Any]:
    from noroshi.formats.drafts import Affected
    from noroshi.formats.versions import range_from_bounds
    from noroshi.inventory.products import identity_of

    for product in line["products"]:
        identity = identity_of(product["vendor"], product["name"], product["purl"], product["cpe"])
        for bounds in product["ranges"]:
            yield Affected(
                vulnerability=line["id"],
                vendor=product["vendor"],
                product=product["name"],
                text=json.dumps(bounds),
                status="affected",
                purl=product["purl"],
                cpe=product["cpe"],
                range=range_from_bounds(identity.scheme, **bounds),
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
