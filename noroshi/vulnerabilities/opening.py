"""Matches become work: certain ones open an assessment, uncertain ones wait for a yes or no.

Nobody acts here but Noroshi, so history says so; the people's steps are ``assessing`` and
``answering``. Everything may run twice: what is there already stays as it is.

One vulnerability's row is locked after the end of the history, here and by people: receiving an
advisory locks the history first, and whoever came in the other order would deadlock with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db import transaction

from noroshi.core import clock, history
from noroshi.core.history import SYSTEM
from noroshi.directory.models import Membership, Person, Team
from noroshi.sharing import labelling, search
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.labels import State as LabelState
from noroshi.sharing.models import Label
from noroshi.sharing.system import as_system
from noroshi.vulnerabilities import matches
from noroshi.vulnerabilities.closing import drop_unnamed, update_affected, verify_by_inventory
from noroshi.vulnerabilities.matches import MatchedComponent, NamePair
from noroshi.vulnerabilities.models import (
    Advisory,
    Alias,
    AssessedSystem,
    Assessment,
    MatchMethod,
)
from noroshi.vulnerabilities.reopening import ReopenReason, propose_anew, reason_to_reopen
from noroshi.vulnerabilities.similarity import CERTAIN
from noroshi.vulnerabilities.states import COUNTED, SETTLED, Certainty, State

Key: TypeAlias = "tuple[int, str, str]"  # team, namespace, id of the vulnerability
AliasAnswers: TypeAlias = "dict[tuple[int, NamePair], bool]"  # by team and names: the same or not

_MOST_REASONS = 5  # that one row of the history keeps


@dataclass(frozen=True, slots=True)
class SurestMatch:
    """The surest match of one component, by which rule, and how certain that is."""

    match: MatchedComponent
    how: str
    certainty: Certainty

    @property
    def component_id(self) -> int:
        return self.match.component_id

    @property
    def rank(self) -> tuple[bool, int]:
        return self.certainty == Certainty.CERTAIN, self.match.confidence

    def reason_fields(self) -> dict[str, Any]:
        """The fields of an ``AssessedSystem`` that say why it is affected."""
        return {
            "advisory_id": self.match.range.advisory_id,
            "why": dict(self.match.why(self.how)),
        }

    def all_fields(self) -> dict[str, Any]:
        """The same with how sure it is."""
        return {
            **self.reason_fields(),
            "how": self.how,
            "confidence": CERTAIN if self.how == MatchMethod.ALIAS else self.match.confidence,
            "certainty": self.certainty,
        }


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes that matching makes in one assessment."""

    new: list[SurestMatch]
    # Waited for an answer and is certain now, or was left out and is named again.
    surer: list[SurestMatch]
    # Verified, and affected again.
    reopened: list[SurestMatch]
    reasons: list[ReopenReason]

    @property
    def system_names(self) -> list[str]:
        rows = (*self.new, *self.surer, *self.reopened)
        return sorted({row.match.component.system_name for row in rows})

    def __bool__(self) -> bool:
        return bool(self.new or self.surer or self.reopened)


@transaction.atomic
def open_for_advisory(advisory: Advisory) -> None:
    """Open and extend assessments for what an advisory matches, and leave out what it dropped."""
    with as_system("matching opens work in every team that may read the advisory"):
        matched = list(matches.matches_of_advisory(advisory.pk))
        history.lock_end()
        _open(matched)
        drop_unnamed(advisory, matched)


def open_for_systems(system_ids: Collection[int]) -> None:
    """Open and extend assessments for what some systems hold now, and verify what they lost."""
    with as_system("matching opens work in the team whose systems changed"):
        ordered = sorted(set(system_ids))
        for start in range(0, len(ordered), 50):
            batch = ordered[start : start + 50]
            with transaction.atomic():
                matched = list(matches.matches_of_systems(batch))
                history.lock_end()
                _open(matched)
                verify_by_inventory(batch, matched)


# ---- what there is already -----------------------------------------------------------


def _open(matched: Iterable[MatchedComponent]) -> None:
    by_key: dict[Key, list[MatchedComponent]] = defaultdict(list)
    for match in matched:
        by_key[match.team_id, *match.key].append(match)
    if not by_key:
        return
    assessments = _locked_assessments(by_key)
    affected_systems = _affected_systems(row.pk for row in assessments.values())
    answers = _alias_answers(by_key)
    for key, group in sorted(by_key.items()):
        row = assessments.get(key)
        known = affected_systems.get(row.pk, {}) if row else {}
        surest = _surest_matches(group, answers)
        changes = _changes(known, surest, group)
        if changes:
            _open_or_extend(row, key, known, list(surest.values()), changes)


def _locked_assessments(keys: Collection[Key]) -> dict[Key, Assessment]:
    rows = Assessment.objects.select_for_update(of=("self",)).filter(
        team_id__in={team for team, _, _ in keys}, key__in={key for _, _, key in keys}
    )
    by_key = {(row.team_id, row.namespace, row.key): row for row in rows}
    return {key: row for key, row in by_key.items() if key in keys}


def _affected_systems(assessment_ids: Iterable[int]) -> dict[int, dict[int, AssessedSystem]]:
    """By assessment and component."""
    rows: dict[int, dict[int, AssessedSystem]] = defaultdict(dict)
    for affected in AssessedSystem.objects.filter(assessment_id__in=list(assessment_ids)):
        rows[affected.assessment_id][affected.component_id] = affected
    return rows


def _alias_answers(by_key: dict[Key, list[MatchedComponent]]) -> AliasAnswers:
    """The answers of people of these teams about pairs of names."""
    groups = by_key.values()
    rows = Alias.objects.filter(
        team_id__in={team for team, _, _ in by_key},
        advisory_name__in={match.names.advisory_name for group in groups for match in group},
    )
    return {
        (
            row.team_id,
            NamePair(
                row.advisory_vendor, row.advisory_name, row.installed_vendor, row.installed_name
            ),
        ): row.same
        for row in rows
    }


# ---- what changes --------------------------------------------------------------------


def _surest_matches(
    group: Iterable[MatchedComponent], answers: AliasAnswers
) -> dict[int, SurestMatch]:
    """The surest match of each component; names that a person refused are left out."""
    surest: dict[int, SurestMatch] = {}
    for match in group:
        candidate = _candidate(match, answers)
        if candidate is None:
            continue
        known = surest.get(match.component_id)
        if known is None or candidate.rank > known.rank:
            surest[match.component_id] = candidate
    return surest


def _candidate(match: MatchedComponent, answers: AliasAnswers) -> SurestMatch | None:
    if match.confidence < CERTAIN:
        answer = answers.get((match.team_id, match.names))
        if answer is False:
            return None
        if answer and not match.doubt:
            return SurestMatch(match, MatchMethod.ALIAS, Certainty.CERTAIN)
    certainty = Certainty.CERTAIN if match.is_certain else Certainty.WAITING
    return SurestMatch(match, match.how, certainty)


def _changes(
    known: dict[int, AssessedSystem],
    surest: dict[int, SurestMatch],
    group: Iterable[MatchedComponent],
) -> Changes:
    reasons = _reopen_reasons(known, surest, group)
    changes = Changes([], [], [surest[pk] for pk in reasons], [])
    left_out: list[SurestMatch] = []
    for pk, best in surest.items():
        affected = known.get(pk)
        if affected is None:
            changes.new.append(best)
        elif affected.certainty == Certainty.WAITING and best.certainty == Certainty.CERTAIN:
            changes.surer.append(best)
        elif _was_left_out(affected):
            left_out.append(best)
            reasons[pk] = {"reason": "named", "advisory": best.match.range.advisory_tracking_id}
    changes.surer.extend(left_out)
    changes.reasons.extend(reasons.values())
    return changes


def _reopen_reasons(
    known: dict[int, AssessedSystem],
    surest: dict[int, SurestMatch],
    group: Iterable[MatchedComponent],
) -> dict[int, ReopenReason]:
    """The reasons why verified components are to be worked on again."""
    by_component: dict[int, list[MatchedComponent]] = defaultdict(list)
    for match in group:
        by_component[match.component_id].append(match)
    reasons = {}
    for pk, now in by_component.items():
        if pk in surest and pk in known and known[pk].verified_at is not None:
            reason = reason_to_reopen(known[pk], now)
            if reason is not None:
                reasons[pk] = reason
    return reasons


def _was_left_out(affected: AssessedSystem) -> bool:
    """Whether an advisory dropped it (see ``drop_unnamed``), and not a person who said no."""
    return affected.certainty == Certainty.NO and affected.answered_at is None


# ---- writing it ----------------------------------------------------------------------


def _open_or_extend(
    row: Assessment | None,
    key: Key,
    known: dict[int, AssessedSystem],
    surest: Sequence[SurestMatch],
    changes: Changes,
) -> None:
    is_new = row is None
    row = row or _new_assessment(key, surest[0].match)
    added = _add_systems(row, changes.new)
    for best in changes.surer:
        update_affected(known[best.component_id], found_at=clock.now(), **best.all_fields())
    for best in changes.reopened:
        # How sure it is was settled before, perhaps by a person.
        update_affected(
            known[best.component_id],
            verified_at=None,
            verified_by_sbom=False,
            verified_against={},
            found_at=clock.now(),
            **best.reason_fields(),
        )
    _raise_severity(row, surest)
    row.needs_answer = any(
        affected.certainty == Certainty.WAITING and affected.verified_at is None
        for affected in (*known.values(), *added)
    )
    changed = [known[best.component_id] for best in (*changes.surer, *changes.reopened)]
    _advance_state(row, [*added, *changed], changes, is_new=is_new)


def _add_systems(row: Assessment, new: Iterable[SurestMatch]) -> list[AssessedSystem]:
    return AssessedSystem.objects.bulk_create(
        AssessedSystem(
            assessment=row,
            system_id=best.match.component.system_id,
            component_id=best.component_id,
            exposure=best.match.component.system_exposure,
            **best.all_fields(),
        )
        for best in new
    )


def _new_assessment(key: Key, first: MatchedComponent) -> Assessment:
    team_id, namespace, name = key
    # Some publishers give a vulnerability its number as its title; the advisory's says more.
    own = first.range.vulnerability_title
    title = own if own and own != name else first.range.advisory_title
    row = Assessment(
        team_id=team_id,
        label=_label(team_id, first),
        namespace=namespace,
        key=name,
        title=title[:1000],
        state=State.WAITING_MATCH,
    )
    row.save(force_insert=True)
    search.put(
        kind="assessment",
        thing_id=row.public_id,
        label=row.label,
        title=row.title,
        sub=row.key,
        path=f"/vulnerabilities/{row.public_id}",
        text=row.key,
    )
    return row


def _label(team_id: int, first: MatchedComponent) -> Label:
    """The team's own; of a RED advisory, the people of the team whom it names and nobody else."""
    team = Team.objects.get(pk=team_id)
    if not first.is_red:
        return labelling.own_label(team)
    label = Label.objects.get(pk=first.range.advisory_label_id)
    members = Membership.objects.filter(team=team).values("person_id")
    named = Person.objects.filter(pk__in=label.named_ids()).filter(pk__in=members)
    return labelling.draft_label(team, Sensitivity.RED, named=named, state=LabelState.RELEASED)


def name_reader_of_work(advisory: Advisory, person_id: int) -> None:
    """A person who now reads a RED advisory also reads the work that it opened in the own team."""
    rows = Assessment.objects.filter(
        pk__in=AssessedSystem.objects.filter(advisory=advisory).values("assessment_id"),
        team_id=advisory.team_id,
        label__sensitivity=Sensitivity.RED,
    )
    for row in rows.select_related("label"):
        named = Person.objects.filter(pk__in=[*row.label.named_ids(), person_id])
        labelling.name(row.label, named)


def _raise_severity(row: Assessment, surest: Iterable[SurestMatch]) -> None:
    """Set the highest score that any source gives, and whether it is known to be exploited."""
    for best in surest:
        affected_range = best.match.range
        scores = affected_range.vulnerability_scores
        base = scores[0]["base"] if scores else None
        if base is not None and (row.base_score is None or base > row.base_score):
            row.base_score = base
            row.severity = affected_range.vulnerability_severity
        row.kev_added_on = row.kev_added_on or affected_range.vulnerability_kev_added_on


def _advance_state(
    row: Assessment,
    changed: Collection[AssessedSystem],
    changes: Changes,
    *,
    is_new: bool,
) -> None:
    before = State(row.state)
    counts = any(affected.certainty in COUNTED for affected in changed)
    waits = any(affected.certainty == Certainty.WAITING for affected in changed)
    if counts and before in (*SETTLED, State.WAITING_MATCH):
        row.state = State.TO_ASSESS
    elif waits and before == State.CLOSED:
        row.state = State.WAITING_MATCH
    elif counts and before == State.VERIFYING:
        row.state = State.INSTRUCTED
    reopened = before in SETTLED and row.state != before
    after: dict[str, Any] = {
        "state": row.state,
        "systems": changes.system_names,
        "because": changes.reasons[:_MOST_REASONS],
    }
    if reopened:
        row.closed_at, row.close_reason = None, ""
        after |= propose_anew(row)
    row.updated_at = clock.now()
    row.save()
    action = "open" if is_new else "reopen" if reopened else "extend"
    history.record(
        f"vulnerabilities.{action}",
        row,
        by=SYSTEM,
        before=None if is_new else {"state": before},
        after=after,
    )
