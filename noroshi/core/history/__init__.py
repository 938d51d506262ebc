"""The history: one hash-chained row per action, written in the action's own transaction."""

from noroshi.core.history.chain import (
    SYSTEM,
    Actor,
    Fault,
    end,
    lock_end,
    reading,
    record,
    rows_of,
    verify,
)

__all__ = ["SYSTEM", "Actor", "Fault", "end", "lock_end", "reading", "record", "rows_of", "verify"]
