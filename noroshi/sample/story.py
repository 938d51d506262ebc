"""The whole story: every chapter with its days and people."""

from __future__ import annotations

from noroshi.measures import jobs as measures
from noroshi.sample import alarms, neighbours, sazanami
from noroshi.sample.alarms import WarningSteps
from noroshi.sample.cast import Cast
from noroshi.sample.replay import Chapter, Days
from noroshi.sample.steps import Steps
from noroshi.vulnerabilities import jobs as vulnerabilities

LENGTH = 50  # working days: ten weeks


def chapters(day: Days, cast: Cast) -> list[Chapter]:
    """Every chapter, ready to be replayed together with the others."""
    do = Steps(cast)
    say = WarningSteps(do)
    return [
        every_evening(day),
        *(chapter(day, do) for chapter in (*neighbours.CHAPTERS, *sazanami.CHAPTERS)),
        *(
            neighbours.replay_work(work, place, day, do)
            for place, work in enumerate(neighbours.WORK)
        ),
        *(chapter(day, say) for chapter in alarms.CHAPTERS),
    ]


def every_evening(day: Days) -> Chapter:
    """The work of the schedule: reminders of late work, acceptances that run out."""
    for back in range(LENGTH - 1, 0, -1):
        yield day.back(back, "08:20")
        vulnerabilities.end_acceptances()
        yield day.back(back, "18:30")
        measures.remind_late()
