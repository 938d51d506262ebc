"""Work that goes on after the answer: enqueued in the action's transaction, safe to run twice."""

from noroshi.core.jobs.queue import enqueue, enqueue_many, every, path_of, run_waiting

__all__ = ["enqueue", "enqueue_many", "every", "path_of", "run_waiting"]
