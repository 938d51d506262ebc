"""``noroshi import``: take files in for a team from the command line, and wait for the result."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils.translation import override

from noroshi.core import files, jobs
from noroshi.core.errors import Malformed, NoroshiError
from noroshi.directory.models import READING_ROLES, Circle, Membership, PersonState, Team
from noroshi.directory.viewer import Viewer, viewer_for
from noroshi.formats.drafts import AdvisoryDraft
from noroshi.formats.dry_run import ReadDocument, read_path
from noroshi.inventory import actions as inventory
from noroshi.inventory import presenters, readers, wording
from noroshi.inventory import queries as inventory_queries
from noroshi.inventory.models import Import, ImportState
from noroshi.sharing.labels import FROM_TLP, Sensitivity
from noroshi.vulnerabilities import actions as vulnerabilities


def import_files(
    paths: Iterable[Path],
    *,
    team_slug: str,
    system_name: str = "",
    circle_name: str = "",
    tlp: str = "",
) -> int:
    """Take every document of these files and folders in; 1 when one of them was refused."""
    team = Team.objects.filter(slug=team_slug).first()
    if team is None:
        known = ", ".join(Team.objects.values_list("slug", flat=True))
        raise Malformed(
            "--team", "there is no team %(slug)s; known: %(known)s", slug=team_slug, known=known
        )
    by = _console_viewer(team)
    audience = _Audience(_circle(team, circle_name), _sensitivity(tlp))
    good = True
    lists: dict[str, str] = {}
    for path in paths:
        for reading in read_path(path):
            good = _take(reading, team, system_name, audience, by, lists) and good
    jobs.run_waiting()
    for import_id, place in lists.items():
        good = _account(inventory_queries.import_for(by, import_id), place) and good
    return 0 if good else 1


@dataclass(frozen=True, slots=True)
class _Audience:
    """Where AMBER may be read besides the team, and the label of what has none."""

    circle: Circle | None
    unlabelled: Sensitivity


def _circle(team: Team, name: str) -> Circle | None:
    if not name:
        return None
    circles = Circle.objects.filter(seats__team=team)
    found = circles.filter(Q(name=name) | Q(name_en=name) | Q(public_id=name)).first()
    if found is None:
        raise Malformed(
            "--circle", "the team is in no circle %(name)s; its circles: %(known)s",
            name=name, known=", ".join(circles.values_list("name", flat=True)) or "–",
        )  # fmt: skip
    return found


def _sensitivity(tlp: str) -> Sensitivity:
    found = FROM_TLP.get(tlp.upper().removeprefix("TLP:"))
    if found is None:
        raise Malformed("--tlp", "%(tlp)s is no label of TLP 2.0", tlp=tlp)
    return found


def _take(
    reading: ReadDocument,
    team: Team,
    system_name: str,
    audience: _Audience,
    by: Viewer,
    lists: dict[str, str],
) -> bool:
    """Whether the document goes in; ``lists`` gets those whose account comes with their job."""
    place = reading.file if reading.line is None else f"{reading.file}:{reading.line}"
    if reading.draft is None:
        problem = reading.problems[0]
        print(f"refused  {place}  {problem.where}: {problem}", file=sys.stderr)
        return False
    try:
        if isinstance(reading.draft, AdvisoryDraft):
            received = vulnerabilities.receive_advisory(
                raw=reading.raw, name=reading.file, team=team, circle=audience.circle,
                unlabelled=audience.unlabelled, by=by,
            )  # fmt: skip
            print(f"{received.outcome:8} {place}  {received.advisory.title}")
        else:
            lists[_take_list(reading, team, system_name, by)] = place
    except NoroshiError as error:
        print(f"refused  {place}  {error}", file=sys.stderr)
        return False
    return True


@transaction.atomic
def _take_list(reading: ReadDocument, team: Team, system_name: str, by: Viewer) -> str:
    """A bill of materials or a list, into the named system; made when the team has none of the name.

    All or nothing: a list whose columns are not enough leaves neither a system nor an import.
    """
    system = None
    if system_name:
        found = inventory_queries.systems_for(by, words="")
        system = found.filter(team=team, name__iexact=system_name).first()
        system = system or inventory.add_system(team=team, name=system_name, by=by)
    kept = files.store(reading.raw)
    seen = readers.look(reading.raw, reading.file)
    entry = inventory.start_import(
        team=team, file_name=reading.file, file_sha256=kept.sha256, look=seen, target=system, by=by
    )
    if seen.header:  # the columns as guessed; a page would ask
        inventory.map_columns(entry=entry, mapping=seen.mapping, by=by)
    return entry.public_id


@override("en")  # as everything that the console says
def _account(entry: Import, place: str) -> bool:
    """What became of a list: what came and went, and each row that was left out, with its line."""
    if entry.state == ImportState.FAILED:
        print(f"refused  {place}  {presenters.failure(entry)}", file=sys.stderr)
        return False
    print(f"taken    {place}  {presenters.summary(entry)}")
    for row in entry.bad_rows:
        what = "left out" if row["left_out"] else "remark  "
        told = wording.stored_sentence(row["message"], row["values"])
        print(f"{what} {place}  {row['where']}: {told}", file=sys.stderr)
    return True


def _console_viewer(team: Team) -> Viewer:
    """Whoever runs the console acts as the team's first security manager, or its first reader.

    The history names that person, so the operator of the machine should be one of the team.
    """
    rows = Membership.objects.filter(
        team=team, role__in=READING_ROLES, person__state=PersonState.ACTIVE
    ).select_related("person")
    row = rows.order_by("-role", "pk").first()
    if row is None:
        raise Malformed("--team", "nobody in the team may import; invite a security manager first")
    return viewer_for(row.person)
