"""The words of this area: warnings of every label and state, their origins, answers, reasons."""

from __future__ import annotations

from datetime import timedelta

from noroshi.core import clock
from noroshi.directory.models import Team
from noroshi.sharing.labels import Sensitivity
from noroshi.warnings import actions as warnings
from tests.harness.canaries import Canaries, by_label, reads_for

AFTER = ("directory", "inventory", "vulnerabilities")


def fill(made: Canaries) -> None:
    """A warning of every label in every state, with an answer and links."""
    for state in ("draft", "released", "withdrawn"):
        for sensitivity in Sensitivity:
            if sensitivity is not Sensitivity.INTERNAL:
                _warn(made, f"{sensitivity.value} {state}", sensitivity, state)
    _warn(made, "green embargoed", Sensitivity.GREEN, embargo=True)
    _warn(made, "clear embargoed", Sensitivity.CLEAR, embargo=True)
    _warn(made, "of c", Sensitivity.AMBER, by="charlie", circle="y")
    _warn(made, "red draft of b", Sensitivity.RED, "draft", by="bob")
    _warn(made, "amber draft of b", Sensitivity.AMBER, "draft", by="bob")
    teams = made.world.teams
    note = made.canary("answer of team B to a warning", reads_for(teams["a"], teams["b"]))
    warnings.answer(
        warning=made.rows["warning amber released"],
        state="affected",
        note=note.word,
        by=made.viewer("bob"),
    )
    for key in ("amber released", "green released", "amber withdrawn"):
        made.secrets[f"bob's link {key}"] = made.mailed(made.thing(f"warning {key}"), "bob")


def _warn(
    made: Canaries,
    key: str,
    sensitivity: Sensitivity,
    state: str = "released",
    *,
    by: str = "alice",
    circle: str = "x",
    embargo: bool = False,
) -> None:
    text, origin = made.canary(f"warning {key}"), made.canary(f"origin of the warning {key}")
    viewer = made.viewer(by)
    (team,) = Team.objects.filter(pk__in=viewer.reading_team_ids)
    red = sensitivity is Sensitivity.RED
    far = sensitivity in (Sensitivity.GREEN, Sensitivity.CLEAR) and not embargo
    row = warnings.draft(
        team=team,
        content=warnings.Content(
            sensitivity=sensitivity,
            circle=None if red or far else made.world.circles[circle],
            named=[made.person(name) for name in ("bob", "sam", "dora", "alice")] if red else [],
            embargo_until=clock.now() + timedelta(days=2) if embargo else None,
            title=text.word,
            title_en=text.word,
            text=text.word,
            todo=text.word,
        ),
        about=warnings.About(*started_from(made), origin.word),
        by=viewer,
    )
    if state != "draft":
        row = warnings.release(warning=row, by=viewer)
    text.stands_under(row.label)
    # The origin stays with the team that wrote it; no viewer of another team reads its label.
    origin.is_for(reads_for(team))
    if state == "withdrawn":
        why = made.canary(f"why the warning {key} was withdrawn", by_label(row.label))
        row = warnings.withdraw(warning=row, why=why.word, by=viewer)
    made.add("warning", row, f"warning {key}", by_label(row.label))
    made.rows[f"warning {key}"] = row


def started_from(made: Canaries) -> tuple[str, str]:
    """The kind and id of a thing of team A: an assessment, or a system where nobody assesses."""
    assessment = made.rows.get("assessment green in a")
    if assessment is not None:
        return "assessment", assessment.public_id
    return "system", made.rows["system given"].public_id


def add_more(made: Canaries) -> None:
    """A draft, and warnings to circle X and to named people."""
    _warn(made, "added draft", Sensitivity.GREEN, "draft")
    _warn(made, "added for circle X", Sensitivity.AMBER)
    _warn(made, "added for the named", Sensitivity.RED)
