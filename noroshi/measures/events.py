"""Events of instructions that areas above listen to (see ``directory.areas.publish``)."""

from __future__ import annotations

from noroshi.directory.areas import Event

# An instruction began, was answered, verified or withdrawn. Carries the number of its subject;
# a listener says to which kind of subject it listens.
INSTRUCTION_MOVED = Event("measures.instruction_moved")
