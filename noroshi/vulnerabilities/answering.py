"""A person's yes or no to an uncertain match; the next advisory on the product uses it too."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from noroshi.core import clock, history
from noroshi.core.errors import NotFound, Refused, gettext_noop
from noroshi.directory.viewer import Viewer
from noroshi.sharing import labelling
from noroshi.vulnerabilities import closing, permissions, reopening
from noroshi.vulnerabilities.locking import locked_assessment
from noroshi.vulnerabilities.matches import NamePair
from noroshi.vulnerabilities.models import (
    Alias,
    AssessedSystem,
    Assessment,
    CloseReason,
    MatchMethod,
)
from noroshi.vulnerabilities.states import SETTLED, Certainty, State


@transaction.atomic
def answer_match(
    *, assessment: Assessment, affected_id: int, same: bool, by: Viewer
) -> AssessedSystem:
    """Say whether an uncertain match is ours.

    An answer about two names also answers every waiting match of the team with the same names,
    here and in its other assessments. On a TLP:RED matter it answers here alone and makes no
    alias, because the whole team reads those. ``Refused`` when somebody has answered in the meantime.
    """
    row = locked_assessment(assessment.pk, by)
    permissions.may_work.check(by, row)
    affected = _affected_systems(by).filter(assessment=row, pk=affected_id).first()
    if affected is None:
        raise NotFound
    if affected.certainty != Certainty.WAITING:
        raise Refused(gettext_noop("This has been answered in the meantime; look at it again."))
    answered = [affected]
    if affected.how == MatchMethod.SIMILAR:
        answered += _with_the_same_names(row, affected, by)
        if not row.is_red:
            _remember(row, names_of(affected), same, by)
    for waiting in answered:
        waiting.certainty = Certainty.YES if same else Certainty.NO
        waiting.answered_by_id = by.person_id
        waiting.answered_by_name = by.name[:200]
        waiting.answered_at = clock.now()
        waiting.save(update_fields=["certainty", "answered_by", "answered_by_name", "answered_at"])
    for pk in sorted({waiting.assessment_id for waiting in answered}):
        here = [waiting for waiting in answered if waiting.assessment_id == pk]
        _advance_state(pk, here, same, by)
    return affected


def names_of(affected: AssessedSystem) -> NamePair:
    """The two names that the answer is about."""
    product = affected.component.product
    return NamePair(
        affected.why["advised_vendor"], affected.why["advised_name"], product.vendor, product.name
    )


def _affected_systems(by: Viewer) -> QuerySet[AssessedSystem]:
    return AssessedSystem.objects.visible_to(by).select_related("component__product", "system")


def _remember(row: Assessment, names: NamePair, same: bool, by: Viewer) -> None:
    pair = asdict(names)
    known = Alias.objects.visible_to(by).filter(team=row.team, **pair).first()
    alias = known or Alias(team=row.team, label=labelling.own_label(row.team), **pair)
    alias.same, alias.by_id, alias.by_name = same, by.person_id, by.name[:200]
    alias.at = clock.now()
    alias.save()
    history.record("vulnerabilities.remember_alias", row.team, by=by, after={**pair, "same": same})


def _with_the_same_names(
    row: Assessment, affected: AssessedSystem, by: Viewer
) -> list[AssessedSystem]:
    """Further matches of the team that wait for the same answer and nothing else."""
    names = names_of(affected)
    waiting = _affected_systems(by).filter(
        assessment__team=row.team,
        certainty=Certainty.WAITING,
        how=MatchMethod.SIMILAR,
        component__product__name=names.installed_name,
    )
    if row.is_red:
        waiting = waiting.filter(assessment=row)
    return [
        other
        for other in waiting.exclude(pk=affected.pk).order_by("pk")
        if names_of(other) == names and not other.why["doubt"]
    ]


def _advance_state(pk: int, affected_systems: list[AssessedSystem], same: bool, by: Viewer) -> None:
    row = locked_assessment(pk, by)
    before = row.state
    proposed: dict[str, Any] = {}
    if same and before in (*SETTLED, State.WAITING_MATCH):
        row.state = State.TO_ASSESS
    elif same and before == State.VERIFYING:
        row.state = State.INSTRUCTED
    if before in SETTLED and row.state != before:  # it was settled without these systems
        row.closed_at, row.close_reason = None, ""
        proposed = reopening.propose_anew(row)
    row.needs_answer = closing.has_open_question(row)
    row.updated_at = clock.now()
    row.save()
    names = sorted({affected.system.name for affected in affected_systems})
    history.record(
        "vulnerabilities.answer_match",
        row,
        by=by,
        before={"state": before},
        after={"state": row.state, "same": same, "systems": names, **proposed},
    )
    if not same and before == State.WAITING_MATCH:
        closing.close_if_done(row, CloseReason.NOT_OURS, by=by)
