"""Background entries: an id in, one action out. They act for nobody."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from noroshi.core import clock, history
from noroshi.inventory.models import System
from noroshi.inventory.system_queries import systems_changed_by
from noroshi.sharing import system
from noroshi.vulnerabilities import closing, importing, matching, opening, receiving, reopening
from noroshi.vulnerabilities.models import Advisory, Assessment
from noroshi.vulnerabilities.states import State

_BATCH = 200
_REASON = "matching acts for nobody"


def run_import(import_id: str) -> None:
    """Take in the advisories of an import; run again, it goes on where it was stopped."""
    with system.as_system("an import acts for the person who started it, who may be away"):
        importing.run(import_id)


def rematch_import(import_id: str) -> None:
    """An import changed some systems: match them again, open what is new, verify what is gone."""
    _rematch(systems_changed_by(import_id))


def rematch_system(system_id: str) -> None:
    """Somebody changed a system by hand."""
    changed = system.rows(System, _REASON).filter(public_id=system_id)
    _rematch(list(changed.values_list("pk", flat=True)))


def rematch_team(team_id: str) -> None:
    """A team joined a circle, or takes part again: what it may read now meets what it runs."""
    changed = system.rows(System, _REASON).filter(team__public_id=team_id)
    _rematch(list(changed.values_list("pk", flat=True)))


def rematch_everything() -> None:
    """Make every match anew and open what it finds.

    Nothing enqueues this, and no version did: the tests of opening and reopening call it.
    """
    matching.rematch_all()
    advisories = system.rows(Advisory, _REASON).order_by("pk")
    last = 0
    while batch := list(advisories.filter(pk__gt=last)[:_BATCH]):
        for advisory in batch:
            opening.open_for_advisory(advisory)
        last = batch[-1].pk


def read_again(advisory_id: str) -> None:
    """The reader has learnt since the advisory came: an upgrade asks for each of them once."""
    rows = system.rows(Advisory, "a document is read again for everybody who may read it")
    for advisory in rows.filter(public_id=advisory_id):
        receiving.read_again(advisory)


@transaction.atomic
def measures_moved(assessment_id: str) -> None:
    """An instruction was given, answered, verified or withdrawn: the assessment follows."""
    with system.as_system("what operators and verifiers did moves the assessment on"):
        row = _locked(assessment_id, State.INSTRUCTED, State.VERIFYING)
        if row is not None:
            closing.follow_measures(row)


def end_acceptances() -> None:
    """Acceptances whose day is over go back to assessment, each in its own transaction."""
    with system.as_system("an acceptance ends by itself"):
        over = Assessment.objects.filter(state=State.ACCEPTED, accept_until__lt=clock.today())
        for public_id in list(over.order_by("pk").values_list("public_id", flat=True)):
            with transaction.atomic():
                row = _locked(public_id, State.ACCEPTED)
                if row is not None and row.accept_until and row.accept_until < clock.today():
                    reopening.end_acceptance(row)


def _locked(assessment_id: str, *states: State) -> Assessment | None:
    history.lock_end()  # before the row, as whatever opens and closes work has it
    rows = Assessment.objects.select_for_update(of=("self",))
    return rows.filter(public_id=assessment_id, state__in=states).first()


def _rematch(system_ids: Collection[int]) -> None:
    if system_ids:
        matching.match_systems(system_ids)
        opening.open_for_systems(system_ids)
