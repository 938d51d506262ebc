"""Mail as an area: it has nothing of its own and sends what other areas posted."""

from __future__ import annotations

from noroshi.directory.areas import Area, Listener, Schedule
from noroshi.directory.events import LETTER_POSTED
from noroshi.exchange.mail import jobs
from noroshi.sharing.events import ENTRY_POSTED

AREA = Area(
    listens=[
        Listener(LETTER_POSTED, jobs.deliver_letter),
        Listener(ENTRY_POSTED, jobs.deliver),
    ],
    schedules=[Schedule(5, jobs.deliver_waiting)],
)
