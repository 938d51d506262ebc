"""The words of this area: advisories of every label, assessments, decisions, imports."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile

from noroshi.core import clock
from noroshi.sharing import system
from noroshi.vulnerabilities import actions as vulnerabilities
from noroshi.vulnerabilities.assessing import Choice
from noroshi.vulnerabilities.models import Advisory, AssessedSystem, Assessment
from tests.formats.advisories import csaf_21_document
from tests.harness.canaries import Canaries, Thing, by_label, run_jobs

AFTER = ("inventory",)

WORDLESS = {
    "vulnerabilities.AdvisoryRevision": "versions; what a newer one changed is in its advisory",
    "vulnerabilities.AffectedRange": "versions and names of products",
    "vulnerabilities.Alias": "names of products",
    "vulnerabilities.AssessedSystem": "names of products and versions",
    "vulnerabilities.Match": "joins a range and a component",
}

ADVISORIES = {  # key: number, TLP, team, who brings it, the circle that it is for
    "clear": (1, "CLEAR", "a", "alice", ""),
    "green": (2, "GREEN", "a", "alice", ""),
    "amber": (3, "AMBER", "a", "alice", ""),
    "strict": (4, "AMBER+STRICT", "a", "alice", "x"),
    "circle": (5, "AMBER", "a", "alice", "x"),
    "red": (6, "RED", "a", "alice", ""),
    "red of b": (7, "RED", "b", "bob", ""),
    "of c": (8, "AMBER", "c", "charlie", "y"),
}


def fill(made: Canaries) -> None:
    """Advisories, what is assessed and decided of them, and an instruction."""
    _receive(made)
    _assess(made)
    _instruct(made)


def add_more(made: Canaries) -> None:
    """Advisories that touch systems of team A."""
    for number, tlp in ((11, "RED"), (12, "AMBER")):
        raw = document(number, made.canary(f"advisory {number}").word, tlp)
        vulnerabilities.receive_advisory(
            raw=raw,
            name="more.json",
            team=made.world.teams["a"],
            circle=None,
            by=made.viewer("alice"),
        )


def _receive(made: Canaries) -> None:
    for key, (number, tlp, team, by, circle) in ADVISORIES.items():
        canary = made.canary(f"advisory {key}")
        received = vulnerabilities.receive_advisory(
            raw=document(number, canary.word, tlp),
            name=f"{key}.json",
            team=made.world.teams[team],
            circle=made.world.circles[circle] if circle else None,
            by=made.viewer(by),
        )
        canary.stands_under(received.advisory.label)
        made.add(
            "advisory", received.advisory, f"advisory {key}", by_label(received.advisory.label)
        )
        # An assessment is its team's own work, under that team's label, and has the title.
        opened = system.rows(Assessment, "a test looks what was opened").filter(key=cve(number))
        for row in opened.select_related("team", "label"):
            canary.stands_under(row.label)
            made.rows[f"assessment {key} in {row.team.slug}"] = row
            made.add("assessment", row, f"assessment {key} in {row.team.slug}", by_label(row.label))
    _advisory_import(made)


def _advisory_import(made: Canaries) -> None:
    names = made.canary("file of an import of advisories")
    batch = vulnerabilities.start_import(
        team=made.world.teams["a"],
        by=made.viewer("alice"),
        uploads=[
            ContentFile(b"{", f"{names.word}.json"),
            ContentFile(b"[]", f"{names.word}2.json"),
        ],
    )
    names.stands_under(batch.label)
    made.add("advisory import", batch, "advisory import", by_label(batch.label))
    named, inside = made.canary("file that holds a RED advisory"), made.canary("advisory in a file")
    red = document(9, inside.word, "RED")
    batch = vulnerabilities.start_import(
        team=made.world.teams["a"],
        by=made.viewer("alice"),
        uploads=[ContentFile(red, f"{named.word}.json"), ContentFile(b"{", "broken.json")],
    )
    made.add("advisory import", batch, "import of a RED advisory", by_label(batch.label))
    run_jobs()
    for advisory in system.rows(Advisory, "a test looks what came").filter(
        tracking_id="ACME-2026-009"
    ):
        named.stands_under(advisory.label)
        inside.stands_under(advisory.label)
    for row in system.rows(Assessment, "a test looks what was opened").filter(key=cve(9)):
        inside.stands_under(row.label)


def cve(number: int) -> str:
    return f"CVE-2026-{90000 + number}"


def document(number: int, word: str, tlp: str) -> bytes:
    """A CSAF 2.1 advisory that says ``word`` in its title and texts."""
    notes = [{"category": "summary", "text": word}]
    return json.dumps(
        csaf_21_document(
            document__title=word,
            document__notes=notes,
            document__distribution__tlp__label=tlp,
            document__tracking__id=f"ACME-2026-{number:03}",
            vulnerabilities__0__cve=cve(number),
            vulnerabilities__0__notes=[{"category": "description", "text": word}],
        )
    ).encode()


CHOICE: dict[str, Any] = {
    "exploitation": "active",
    "exposure": "open",
    "automatable": "yes",
    "human_impact": "high",
    "technical_impact": "total",
    "in_kev": True,
    "priority": "immediate",
}


def choice(text: str) -> Choice:
    """A choice that an analyst may make."""
    return Choice(**CHOICE, due_on=clock.today() + timedelta(days=3), reason=text, text=text)


def _assess(made: Canaries) -> None:
    """Assessed, decided in three ways, back to assessment, and a match that was said to be ours."""
    alice, mana = made.viewer("alice"), made.viewer("mana")
    for key, decision, until in (
        ("green", "", None),
        ("strict", "", None),
        ("circle", "apply", None),
        ("clear", "not_affected", None),
        ("amber", "accept", clock.today() + timedelta(days=30)),
    ):
        row: Assessment = made.rows[f"assessment {key} in a"]
        canary_text = made.canary(f"assessment of {key}", by_label(row.label))
        row = vulnerabilities.assess(assessment=row, choice=choice(canary_text.word), by=alice)
        if decision:
            canary_text = made.canary(f"decision on {key}", by_label(row.label))
            row = vulnerabilities.decide(
                assessment=row,
                decision=decision,
                text=canary_text.word,
                accept_until=until,
                by=mana,
            )
        made.rows[f"assessment {key} in a"] = row
    again = made.canary("what to look at again", by_label(row.label))
    vulnerabilities.reconsider(
        assessment=made.rows["assessment strict in a"], reason=again.word, by=mana
    )
    doubtful = AssessedSystem.objects.visible_to(alice).filter(certainty="waiting").order_by("pk")
    first = doubtful.select_related("assessment")[0]
    vulnerabilities.answer_match(
        assessment=first.assessment, affected_id=first.pk, same=True, by=alice
    )
    # The answer counts for every part with the same names; those with others are still asked.
    made.rows["doubtful part"] = doubtful.all().select_related("assessment")[0]
    theirs = AssessedSystem.objects.visible_to(made.viewer("bob"))
    for affected in theirs.exclude(assessment__team__slug="a").select_related("assessment__label"):
        sees = by_label(affected.assessment.label)
        made.things["part"].append(Thing("part", str(affected.pk), "part of b", sees))


def _instruct(made: Canaries) -> None:
    """An instruction tells its operators the vulnerability's title and the manager's sentence."""
    alice, row = made.viewer("alice"), made.rows["assessment circle in a"]
    affected_systems = AssessedSystem.objects.visible_to(alice).filter(assessment=row)
    canary_text = made.canary("instruction decided")
    (instruction,) = vulnerabilities.instruct(
        assessment=row,
        systems=list(
            affected_systems.filter(system=made.rows["system given"]).select_related(
                "system__label", "component"
            )
        ),
        kind="upgrade",
        text=canary_text.word,
        due_on=clock.today() + timedelta(days=3),
        by=alice,
    )
    for canary in (canary_text, made.about("advisory circle"), made.about("decision on circle")):
        canary.stands_under(instruction.label)
    made.add("instruction", instruction, "instruction decided", by_label(instruction.label))
