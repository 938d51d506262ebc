"""Events of sharing that areas above listen to (see ``directory.areas.publish``)."""

from __future__ import annotations

from noroshi.directory.areas import Event

# An entry waits in the outbox. The entry's number.
ENTRY_POSTED = Event("sharing.entry_posted")
