"""The job queue: rows of django-q2's ORM broker, so a rolled-back action leaves no job behind.

A job is the dotted path of a function in some area's ``jobs.py`` and one id. Its area's
``jobs`` functions run with no viewer and call one action. A job killed half-way is delivered
again after ``Q_CLUSTER["retry"]`` seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from django.utils.module_loading import import_string
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ, Schedule
from django_q.signing import SignedPackage
from django_q.tasks import async_task

from noroshi.core import clock


def path_of(job: Callable[..., None]) -> str:
    """The dotted path by which the queue knows a job."""
    return f"{job.__module__}.{job.__qualname__}"


def enqueue(path: str, thing_id: str | int) -> None:
    """Run ``path(thing_id)`` soon, if and only if the surrounding transaction commits."""
    async_task(path, thing_id, task_name=_name(path, thing_id))


def enqueue_many(path: str, thing_ids: Iterable[str]) -> None:
    """The same for each of these ids, in as many statements as for one."""
    broker = _Collecting()
    for thing_id in thing_ids:
        async_task(path, thing_id, task_name=_name(path, thing_id), broker=broker)
    now = clock.now()
    OrmQ.objects.bulk_create(
        OrmQ(key=broker.list_key or Conf.CLUSTER_NAME, payload=pack, lock=now)
        for pack in broker.packs
    )


class _Collecting(ORM):  # type: ignore[misc]  # django-q2 has no types
    """Takes the signed packages that ``async_task`` makes, instead of a row for each."""

    def __init__(self) -> None:
        super().__init__()
        self.packs: list[str] = []

    def enqueue(self, task: str) -> int:
        self.packs.append(task)
        return len(self.packs)


def every(minutes: int, path: str) -> None:
    """Run ``path()`` every so many minutes, as one schedule however often this is called."""
    Schedule.objects.update_or_create(
        name=path[:100],
        defaults={
            "func": path,
            "schedule_type": Schedule.MINUTES,
            "minutes": minutes,
            "repeats": -1,
            "next_run": clock.now() + timedelta(minutes=minutes),
        },
    )


def _name(path: str, thing_id: str | int) -> str:
    return f"{path.rpartition('.')[2]} {thing_id}"[:100]


def run_waiting(limit: int = 10_000) -> int:
    """Run every waiting job here and now, oldest first; returns how many ran.

    For the command line and for tests, where no worker runs; errors are raised, not retried.
    """
    ran = 0
    while ran < limit and (row := OrmQ.objects.order_by("id").first()) is not None:
        task = SignedPackage.loads(row.payload)
        row.delete()
        import_string(task["func"])(*task["args"])
        ran += 1
    return ran
