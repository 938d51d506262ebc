"""Bills of materials and lists from the command line (``noroshi import``)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import override

from noroshi.core import files
from noroshi.directory.areas import ImportOptions, Outcome
from noroshi.formats.dry_run import ReadDocument
from noroshi.inventory import actions, presenters, queries, readers, wording
from noroshi.inventory.models import ImportState


@transaction.atomic
def take(reading: ReadDocument, options: ImportOptions) -> Outcome:
    """Take a file into the named system, which is made when the team has none of the name.

    All or nothing: a list whose columns are not enough leaves neither a system nor an import.
    """
    by, team, system = options.by, options.team, None
    if options.system_name:
        same = queries.systems_for(by, words="")
        system = same.filter(team=team, name__iexact=options.system_name).first()
        system = system or actions.add_system(
            team=team, facts=actions.SystemFacts(options.system_name), by=by
        )
    stored = files.store(reading.raw)
    look = readers.look(reading.raw, reading.file)
    entry = actions.start_import(
        team=team,
        file_name=reading.file,
        file_sha256=stored.sha256,
        look=look,
        target=system,
        by=by,
    )
    if look.header:  # the columns as guessed; a page would ask
        actions.map_columns(entry=entry, mapping=look.mapping, by=by)
    return Outcome(later=entry.public_id)


@override("en")  # as everything that the console prints
def outcome_of(import_id: str, options: ImportOptions) -> Outcome:
    """The counts of an import, and each row that was left out, with its line."""
    entry = queries.import_for(options.by, import_id)
    if entry.state == ImportState.FAILED:
        return Outcome("refused", str(presenters.imports.failure(entry)))
    return Outcome(
        "taken",
        str(presenters.imports.summary(entry)),
        remarks=[
            (
                "left out" if row["left_out"] else "remark",
                f"{row['where']}: {wording.stored_sentence(row['message'], row['values'])}",
            )
            for row in entry.bad_rows
        ],
    )
