"""A person's yes or no to an uncertain match, remembered for the next advisory on the product."""

from __future__ import annotations

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
def answer_match(*, assessment: Assessment, part_id: int, same: bool, by: Viewer) -> AssessedSystem:
    """Say whether an uncertain match is ours.

    An answer about two names also answers every waiting match of the team with the same names,
    here and in its other assessments; on a TLP:RED matter, here alone, and it is not remembered:
    the whole team reads what is. ``Refused`` when somebody has answered in the meantime.
    """
    row = locked_assessment(assessment.pk, by)
    permissions.may_work.check(by, row)
    part = _parts(by).filter(assessment=row, pk=part_id).first()
    if part is None:
        raise NotFound
    if part.certainty != Certainty.WAITING:
        raise Refused(gettext_noop("This has been answered in the meantime; look at it again."))
    answered = [part]
    if part.how == MatchMethod.SIMILAR:
        answered += _with_the_same_names(row, part, by)
        if not row.is_red:
            _remember(row, names_of(part), same, by)
    for one in answered:
        one.certainty = Certainty.YES if same else Certainty.NO
        one.answered_by_id = by.person_id
        one.answered_by_name = by.name[:200]
        one.answered_at = clock.now()
        one.save(update_fields=["certainty", "answered_by", "answered_by_name", "answered_at"])
    for pk in sorted({one.assessment_id for one in answered}):
        _step(pk, [one for one in answered if one.assessment_id == pk], same, by)
    return part


def names_of(part: AssessedSystem) -> NamePair:
    """The two names that the answer is about."""
    product = part.component.product
    return NamePair(
        part.why["advised_vendor"], part.why["advised_name"], product.vendor, product.name
    )


def _parts(by: Viewer) -> QuerySet[AssessedSystem]:
    return AssessedSystem.objects.visible_to(by).select_related("component__product", "system")


def _remember(row: Assessment, names: NamePair, same: bool, by: Viewer) -> None:
    pair: dict[str, Any] = {
        "advisory_vendor": names.advisory_vendor, "advisory_name": names.advisory_name,
        "installed_vendor": names.installed_vendor, "installed_name": names.installed_name,
    }  # fmt: skip
    known = Alias.objects.visible_to(by).filter(team=row.team, **pair).first()
    alias = known or Alias(team=row.team, label=labelling.own_label(row.team), **pair)
    alias.same, alias.by_id, alias.by_name = same, by.person_id, by.name[:200]
    alias.at = clock.now()
    alias.save()
    history.record(
        "vulnerabilities.remember_alias", row.team, by=by,
        after={**pair, "same": same},
    )  # fmt: skip


def _with_the_same_names(row: Assessment, part: AssessedSystem, by: Viewer) -> list[AssessedSystem]:
    """Further waiting matches of the team that ask the same and nothing else."""
    names = names_of(part)
    waiting = _parts(by).filter(
        assessment__team=row.team,
        certainty=Certainty.WAITING,
        how=MatchMethod.SIMILAR,
        component__product__name=names.installed_name,
    )
    if row.is_red:
        waiting = waiting.filter(assessment=row)
    return [
        one
        for one in waiting.exclude(pk=part.pk).order_by("pk")
        if names_of(one) == names and not one.why["doubt"]
    ]


def _step(pk: int, parts: list[AssessedSystem], same: bool, by: Viewer) -> None:
    row = locked_assessment(pk, by)
    before = row.state
    proposed: dict[str, Any] = {}
    if same and before in (*SETTLED, State.WAITING_MATCH):
        row.state = State.TO_ASSESS
    elif same and before == State.VERIFYING:
        row.state = State.INSTRUCTED
    if before in SETTLED and row.state != before:  # what was settled, was so without these
        row.closed_at, row.close_reason = None, ""
        proposed = reopening.propose_anew(row)
    row.needs_answer = closing.has_open_question(row)
    row.updated_at = clock.now()
    row.save()
    history.record(
        "vulnerabilities.answer_match", row, by=by,
        before={"state": before},
        after={"state": row.state, "same": same,
               "systems": sorted({one.system.name for one in parts}), **proposed},
    )  # fmt: skip
    if not same and before == State.WAITING_MATCH:
        closing.close_if_done(row, CloseReason.NOT_OURS, by=by)
