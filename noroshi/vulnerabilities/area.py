"""Vulnerabilities and advisories, as they declare themselves."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from noroshi.directory.areas import (
    Area,
    ConsoleImport,
    Kind,
    Listener,
    NavEntry,
    Schedule,
    SystemLink,
)
from noroshi.directory.events import TEAM_READS_MORE
from noroshi.formats.drafts import AdvisoryDraft
from noroshi.inventory.events import IMPORT_DONE, SYSTEM_CHANGED
from noroshi.measures.events import INSTRUCTION_MOVED
from noroshi.vulnerabilities import console, jobs, permissions, queries, today

AREA = Area(
    kinds=[
        Kind(
            "assessment",
            "V",
            _("Vulnerability"),
            icon="vuln",
            page="vulnerabilities:show",
            mail_word=_("vulnerability"),
            labelled=True,
        ),
        Kind(
            "advisory",
            "A",
            _("Advisory"),
            icon="file",
            page="vulnerabilities:advisory",
            labelled=True,
        ),
        Kind(
            "advisory_import",
            "AI",
            _("Import of advisories"),
            not_searched="its advisories are found",
        ),
    ],
    urls="vulnerabilities/",
    nav=[
        NavEntry(
            "act",
            _("Vulnerabilities"),
            "/vulnerabilities/",
            "vuln",
            "v",
            seen_by=permissions.may_list,
            waits=queries.mine_for,
        )
    ],
    today=today.today_for,
    listens=[
        Listener(TEAM_READS_MORE, jobs.rematch_team),
        Listener(SYSTEM_CHANGED, jobs.rematch_system),
        Listener(IMPORT_DONE, jobs.rematch_import),
        Listener(INSTRUCTION_MOVED, jobs.measures_moved, of="assessment"),
    ],
    schedules=[Schedule(60, jobs.end_acceptances)],
    operations=["vulnerabilities", "advisories"],
    on_systems=[
        SystemLink(
            _("Vulnerabilities of this system"),
            lambda system_id: f"/vulnerabilities/?system={system_id}",
            seen_by=permissions.may_list,
        )
    ],
    console_imports=[ConsoleImport(AdvisoryDraft, console.take)],
)
