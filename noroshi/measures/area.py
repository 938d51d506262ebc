"""Instructions, as they declare themselves."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from noroshi.directory.areas import Area, Kind, NavEntry, Schedule
from noroshi.measures import jobs, permissions, queries, today

AREA = Area(
    kinds=[
        Kind(
            "instruction",
            "T",
            _("Instruction"),
            icon="task",
            page="measures:instruction",
            mail_word=_("instruction"),
            labelled=True,
        ),
        Kind("file", "F", _("File"), not_searched="it stands on the page of its instruction"),
    ],
    urls="measures/",
    nav=[
        NavEntry(
            "act",
            _("Instructions"),
            "/measures/",
            "task",
            "i",
            seen_by=permissions.may_list,
            waits=queries.mine_for,
        )
    ],
    today=today.today_for,
    schedules=[Schedule(jobs.REMIND_EVERY_MINUTES, jobs.remind_late)],
    operations=["measures"],
)
