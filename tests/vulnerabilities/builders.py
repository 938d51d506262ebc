"""Builders for advisories and what they touch: plain functions that call our actions."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from noroshi.core import history, jobs
from noroshi.directory.models import Circle, Person, Team
from noroshi.directory.viewer import Viewer
from noroshi.formats.drafts import ComponentDraft
from noroshi.inventory import actions as inventory
from noroshi.inventory.models import Component, System
from noroshi.measures.models import Instruction
from noroshi.sharing import system
from noroshi.vulnerabilities import proposals, queries
from noroshi.vulnerabilities.actions import (
    Choice,
    Received,
    assess,
    decide,
    instruct,
    receive_advisory,
)
from noroshi.vulnerabilities.assessing import proposal_for
from noroshi.vulnerabilities.models import AssessedSystem, Assessment, Match
from tests.formats.advisories import branch, csaf_document, product


def a_component(
    team: Team,
    by: Viewer,
    name: str = "Press Controller",
    version: str = "3.2",
    *,
    vendor: str = "Acme Works",
    purl: str = "",
    cpe: str = "",
    host: str = "プレス1号機",
    owners: tuple[Person, ...] = (),
) -> Component:
    """A component in a system of the team; the system is made when it is new."""
    host_row = System.objects.visible_to(by).filter(team=team, name=host).first()
    draft = ComponentDraft(name=name, version=version, vendor=vendor, purl=purl, cpe=cpe)
    return inventory.add_component(
        system=host_row
        or inventory.add_system(team=team, facts=inventory.SystemFacts(host), owners=owners, by=by),
        draft=draft,
        by=by,
    )


def an_advisory(
    *,
    tracking_id: str = "ACME-2024-001",
    revision: int = 2,
    tlp: str = "WHITE",
    vendor: str = "Acme Works",
    name: str = "Press Controller",
    versions: str = "vers:generic/<4.1",
    cve: str = "CVE-2024-0001",
    title: str = "Acme Press Controller",
    **aids: Any,
) -> bytes:
    """A CSAF 2.0 advisory on one product; ``tlp=""`` leaves the label out."""
    document = csaf_document(document__title=title)
    head = document["document"]
    if tlp:
        head["distribution"]["tlp"]["label"] = tlp
    else:
        del head["distribution"]
    history = [
        {"date": f"2024-0{number}-01T00:00:00Z", "number": str(number), "summary": "Changed"}
        for number in range(1, revision + 1)
    ]
    head["tracking"] |= {
        "id": tracking_id,
        "version": str(revision),
        "revision_history": history,
        "current_release_date": f"2024-0{revision}-01T00:00:00Z",
    }
    affected = branch(
        "product_version_range", versions, product=product(f"{name} {versions}", "P1", **aids)
    )
    fixed = branch("product_version", "9.9", product=product(f"{name} 9.9", "P2"))
    document["product_tree"]["branches"] = [
        branch("vendor", vendor, branch("product_name", name, affected, fixed))
    ]
    document["vulnerabilities"][0]["cve"] = cve
    return json.dumps(document).encode()


def received(raw: bytes, team: Team, by: Viewer, circle: Circle | None = None) -> Received:
    """The advisory after everything that waited for it has run."""
    answer = receive_advisory(raw=raw, name="advisory.json", team=team, circle=circle, by=by)
    jobs.run_waiting()
    return answer


def assessments(by: Viewer) -> list[Assessment]:
    """The assessments of the viewer's teams, by key."""
    return list(Assessment.objects.visible_to(by).order_by("key", "pk"))


def affected_systems(by: Viewer, assessment: Assessment | None = None) -> list[AssessedSystem]:
    """The rows of the assessments, in the order in which they were written."""
    rows = AssessedSystem.objects.visible_to(by).select_related("system", "component")
    return list((rows if assessment is None else rows.filter(assessment=assessment)).order_by("pk"))


def matched() -> set[tuple[str, str]]:
    """Every match as tracking id and name of the component, whoever may see it."""
    return set(
        system.rows(Match, "a test looks at everything").values_list(
            "affected_range__advisory__tracking_id", "component__name"
        )
    )


def recorded_steps(assessment: Assessment) -> list[str]:
    """The actions in its history, oldest first."""
    rows = history.rows_of("assessment", assessment.public_id).order_by("number")
    return [row.action.removeprefix("vulnerabilities.") for row in rows]


def chosen(row: Assessment, by: Viewer, **otherwise: Any) -> Choice:
    """The proposal of the tables as a choice, with ``otherwise`` in place of some of it."""
    sources, affected = queries.sources_of(by, row), queries.systems_of(by, row)
    inputs, proposed = proposal_for(row, queries.facts_of(sources), affected)
    fields = {
        **inputs.as_json(),
        "priority": proposed["deployer"]["priority"],
        "due_on": proposals.due_on(proposed),
        **otherwise,
    }
    return Choice(**fields)


def assessed(row: Assessment, by: Viewer, **otherwise: Any) -> Assessment:
    """Assessed as the tables propose."""
    return assess(assessment=row, choice=chosen(row, by, **otherwise), by=by)


def decided(
    row: Assessment, by: Viewer, decision: str = "apply", accept_until: date | None = None
) -> Assessment:
    """Decided by the manager: to apply measures, or another decision."""
    return decide(
        assessment=row, decision=decision, text="外から届くため", accept_until=accept_until, by=by
    )


def instructed(
    row: Assessment, by: Viewer, some: list[AssessedSystem] | None = None, **otherwise: Any
) -> list[Instruction]:
    """The owners of every system, or of ``some``, are instructed to patch within a week."""
    week = timezone.localdate() + timedelta(days=7)
    systems = queries.systems_of(by, row) if some is None else some
    fields: dict[str, Any] = {"kind": "patch", "text": "4.1 を入れる", "due_on": week, "by": by}
    return instruct(assessment=row, systems=systems, **{**fields, **otherwise})
