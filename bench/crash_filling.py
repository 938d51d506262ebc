"""Fills the instance of ``bench/crash.py``, or reports which acknowledged actions it lost.

With a file as its argument it reports: the file names the actions that were acknowledged.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import django

django.setup()

from noroshi.config import checking, serving  # after setup
from noroshi.core import jobs
from noroshi.core.history import SYSTEM
from noroshi.core.history.models import HistoryRow
from noroshi.directory import actions as directory
from noroshi.directory.models import Role
from noroshi.directory.viewer import viewer_for
from noroshi.inventory.models import Component, Import
from noroshi.sharing import system
from noroshi.sharing.labelling import own_label
from noroshi.vulnerabilities.models import Assessment
from noroshi.vulnerabilities.states import State

ASSESSMENTS = 60


def fill() -> dict[str, Any]:
    """One team with a CSIRT member and a manager, their tokens, and vulnerabilities to assess."""
    serving.prepare()
    organisation = directory.open_organisation(name="あおば製作所", by=SYSTEM)
    team = directory.open_team(organisation=organisation, name="あおば CSIRT", slug="a", by=SYSTEM)
    tokens = {}
    for name, role in (("csirt", Role.CSIRT), ("manager", Role.MANAGER)):
        person = directory.add_person(
            mail=f"{name}@a.example", name=name, team=team, roles=[role], by=SYSTEM
        )
        tokens[name] = directory.issue_token(
            name=name, scopes=["read", "write"], days=30, by=viewer_for(person)
        ).secret
    made = [
        Assessment.objects.create(
            team=team,
            label=own_label(team),
            key=f"CVE-2099-{number:05}",
            title=f"Vulnerability {number}",
            state=State.TO_ASSESS,
        )
        for number in range(ASSESSMENTS)
    ]
    return {
        "tokens": tokens,
        "team": team.public_id,
        "assessments": [assessment.public_id for assessment in made],
    }


def verify(acknowledged: dict[str, Any]) -> dict[str, Any]:
    """Run what waits, then compare with what was acknowledged."""
    begun = time.perf_counter()
    ran = jobs.run_waiting()
    with system.as_system("a bench compares"):
        lost = [
            public_id
            for public_id in acknowledged["imports"]
            if not Import.objects.filter(public_id=public_id).exists()
        ]
        unfinished = list(Import.objects.exclude(state="done").values_list("public_id", "state"))
        half = _half_imports(acknowledged["components"])
    for action, texts in (
        ("assess", acknowledged["assessed"]),
        ("decide", acknowledged["decided"]),
    ):
        lost += [
            f"{action} {public_id}"
            for public_id, text in texts.items()
            if not _is_in_history(action, public_id, text)
        ]
    report = checking.check()
    return {
        "lost": lost,
        "half_imports": half,
        "unfinished_imports": unfinished,
        "jobs_after_restart": ran,
        "jobs_s": round(time.perf_counter() - begun, 1),
        "faults": report.faults
        + [f"import {public_id} is {state}" for public_id, state in unfinished],
        "rows": {
            name: report.counts[name]
            for name in ("core_historyrow", "inventory_component", "inventory_import")
        },
    }


def _half_imports(components: int) -> list[str]:
    """Systems that hold another number of components than their bill of materials names."""
    halves = []
    for entry in Import.objects.filter(state="done").order_by("pk"):
        count = Component.objects.filter(system__name=entry.title, gone_at=None).count()
        if count not in (components, components + 1):  # the bill's own component may count as one
            halves.append(f"{entry.title}: {count}")
    return halves


def _is_in_history(action: str, public_id: str, text: str) -> bool:
    """Whether the history has the acknowledged step with its own text; later steps may follow it."""
    rows = HistoryRow.objects.filter(
        action=f"vulnerabilities.{action}", thing_kind="assessment", thing_id=public_id
    )
    return any(text in json.dumps(row.after, ensure_ascii=False) for row in rows)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(verify(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
    else:
        print(json.dumps(fill()))
