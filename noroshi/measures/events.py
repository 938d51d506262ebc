"""What happens to instructions that areas above listen to (see ``directory.areas.publish``)."""

from __future__ import annotations

from noroshi.directory.areas import Event

# An instruction was given, answered, verified or withdrawn. The number of its subject; who listens
# says on which kind of subject.
INSTRUCTION_MOVED = Event("measures.instruction_moved")
