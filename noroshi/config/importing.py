"""``noroshi import``: take files in for a team from the command line, and wait for the result."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from django.db.models import Q

from noroshi.core import jobs
from noroshi.core.errors import Malformed, NoroshiError
from noroshi.directory.areas import ConsoleImport, ImportOptions, Outcome, areas
from noroshi.directory.models import READING_ROLES, Circle, Membership, PersonState, Team
from noroshi.directory.viewer import Viewer, viewer_for
from noroshi.formats.dry_run import ReadDocument, read_path
from noroshi.sharing.labels import FROM_TLP, Sensitivity

Afterwards = Callable[[str, ImportOptions], Outcome]


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
    options = ImportOptions(
        team=team,
        by=_console_viewer(team),
        system_name=system_name,
        circle=_circle(team, circle_name),
        sensitivity=_sensitivity(tlp),
    )
    all_taken = True
    later: list[tuple[Afterwards, str, str]] = []
    for path in paths:
        for reading in read_path(path):
            all_taken = _import_document(reading, options, later) and all_taken
    jobs.run_waiting()
    for afterwards, import_id, place in later:
        all_taken = _report(afterwards(import_id, options), place) and all_taken
    return 0 if all_taken else 1


def _circle(team: Team, name: str) -> Circle | None:
    if not name:
        return None
    circles = Circle.objects.filter(seats__team=team)
    circle = circles.filter(Q(name=name) | Q(name_en=name) | Q(public_id=name)).first()
    if circle is None:
        raise Malformed(
            "--circle",
            "the team is in no circle %(name)s; its circles: %(known)s",
            name=name,
            known=", ".join(circles.values_list("name", flat=True)) or "–",
        )
    return circle


def _sensitivity(tlp: str) -> Sensitivity:
    sensitivity = FROM_TLP.get(tlp.upper().removeprefix("TLP:"))
    if sensitivity is None:
        raise Malformed("--tlp", "%(tlp)s is no label of TLP 2.0", tlp=tlp)
    return sensitivity


def _import_document(
    reading: ReadDocument, options: ImportOptions, later: list[tuple[Afterwards, str, str]]
) -> bool:
    """Whether the document goes in; ``later`` gets those whose outcome comes with their job."""
    place = reading.file if reading.line is None else f"{reading.file}:{reading.line}"
    if reading.draft is None:
        problem = reading.problems[0]
        return _report(Outcome("refused", f"{problem.where}: {problem}"), place)
    importer = _importer_of(reading.draft)
    if importer is None:
        return _report(Outcome("refused", "no installed area takes such documents"), place)
    try:
        outcome = importer.take(reading, options)
    except NoroshiError as error:
        return _report(Outcome("refused", str(error)), place)
    if outcome.later and importer.afterwards:
        later.append((importer.afterwards, outcome.later, place))
        return True
    return _report(outcome, place)


def _importer_of(draft: object) -> ConsoleImport | None:
    importers = (importer for area in areas() for importer in area.console_imports)
    return next((importer for importer in importers if isinstance(draft, importer.draft)), None)


def _report(outcome: Outcome, place: str) -> bool:
    """Print the outcome of a document and of its rows that need a look; true when it went in."""
    taken = outcome.word != "refused"
    out = sys.stdout if taken else sys.stderr
    print(f"{outcome.word:8} {place}  {outcome.sentence}", file=out)
    for word, sentence in outcome.remarks:
        print(f"{word:8} {place}  {sentence}", file=sys.stderr)
    return taken


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
