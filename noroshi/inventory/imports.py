"""Files on their way in: started, their columns chosen, let go on.

``importing`` then brings the rows in, as a job.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from django.db import transaction

from noroshi.core import history, jobs
from noroshi.core.errors import Malformed, NotFound, Refused, gettext_noop
from noroshi.directory.models import Team
from noroshi.directory.viewer import Viewer
from noroshi.inventory import permissions, products, readers, states
from noroshi.inventory.locking import check_may_change, locked
from noroshi.inventory.models import Import, System
from noroshi.sharing import labelling

# By name, because ``jobs`` imports ``actions`` and with it this module.
RUN_IMPORT = "noroshi.inventory.jobs.run_import"


@transaction.atomic
def start_import(
    *,
    team: Team,
    file_name: str,
    file_sha256: str,
    look: readers.Look,
    target: System | None = None,
    is_complete: bool = True,
    by: Viewer,
) -> Import:
    """Take a stored file in. A bill of materials goes in at once, a table waits for its columns.

    Without ``target`` a table names the system of each row, and a bill of materials goes into
    the system of its own title. ``is_complete``: what the file does not name any more is gone.
    """
    # Long because an import has many columns, half of which the history keeps too.
    permissions.may_edit.check(by, team.pk)
    if target is not None:
        target = _checked_target(target, team, by)
    entry = Import.objects.create(
        team=team,
        label=labelling.own_label(team),
        file_sha256=file_sha256,
        file_name=file_name[:200],
        format=look.format,
        title=look.title[:300],
        header=list(look.header),
        header_fingerprint=_fingerprint_of(look.header) if look.header else "",
        target=target,
        is_complete=is_complete,
        by_id=by.person_id,
        by_name=by.name,
    )
    after = {
        "file": entry.file_name,
        "sha256": file_sha256,
        "format": look.format,
        "system": target.public_id if target else None,
        "complete": is_complete,
    }
    history.record("inventory.start_import", entry, by=by, after=after)
    if not look.header:
        _enqueue_rows(entry)
    return entry


@transaction.atomic
def start_imports(
    *,
    team: Team,
    files: Iterable[tuple[str, str, readers.Look]],
    target: System | None = None,
    is_complete: bool = True,
    by: Viewer,
) -> list[Import]:
    """Take several stored files in, each as name, SHA-256 and look; all or none."""
    return [
        start_import(
            team=team,
            file_name=name,
            file_sha256=sha256,
            look=look,
            target=target,
            is_complete=is_complete,
            by=by,
        )
        for name, sha256, look in files
    ]


@transaction.atomic
def map_columns(*, entry: Import, mapping: Mapping[str, int], by: Viewer) -> None:
    """Say which column is what, and let the rows go in."""
    entry = _locked(entry, by)
    permissions.may_edit.check(by, entry.team_id)
    if "name" not in mapping:
        raise Malformed("name", gettext_noop("No column is chosen for the product name."))
    if entry.target_id is None and "system" not in mapping:
        raise Malformed("system", gettext_noop("No column is chosen for the system."))
    if not all(0 <= column < len(entry.header) for column in mapping.values()):
        raise Malformed("", gettext_noop("The file has no such column."))
    states.check_step(entry.state, states.MAPPED)
    entry.mapping = dict(mapping)
    titles = {name: entry.header[column] for name, column in mapping.items()}
    history.record("inventory.map_columns", entry, by=by, after=titles)
    _enqueue_rows(entry)


@transaction.atomic
def resume_import(*, entry: Import, by: Viewer) -> None:
    """Let an import that stands still go on; harmless when it does not stand still."""
    entry = _locked(entry, by)
    permissions.may_edit.check(by, entry.team_id)
    if entry.state not in {states.MAPPED, states.RUNNING}:
        raise Refused(gettext_noop("Only an import that is under way can go on."))
    history.record("inventory.resume_import", entry, by=by)
    jobs.enqueue(RUN_IMPORT, entry.public_id)


def _fingerprint_of(header: Iterable[str]) -> str:
    """The key under which a table's mapping is found again: its column names in any case."""
    return hashlib.sha256("\0".join(map(products.normal, header)).encode()).hexdigest()


def _locked(entry: Import, by: Viewer) -> Import:
    # Its job locks the row before the history, so this does too: not by ``locking.locked``.
    return Import.objects.locked_for(by, entry.pk)


def _checked_target(target: System, team: Team, by: Viewer) -> System:
    target = locked(System, target.pk, by)
    check_may_change(by, target)
    if target.team_id != team.pk:
        raise NotFound
    return target


def _enqueue_rows(entry: Import) -> None:
    entry.state = states.MAPPED
    entry.save(update_fields=["state", "mapping"])
    jobs.enqueue(RUN_IMPORT, entry.public_id)
