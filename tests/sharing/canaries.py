"""What became of a release, and why two models of this area hold no words.

Everything else of this area is made by the areas above it.
"""

from __future__ import annotations

from noroshi.sharing import register, system
from noroshi.sharing.models import ReleaseReader
from tests.harness.canaries import Canaries

WORDLESS = {
    "sharing.ReleaseReader": "names of people and teams, frozen",
    "sharing.Receipt": "what became of a mail, in one word",
}


def leave_waiting(made: Canaries) -> None:
    """One reader's mail about a release was sent."""
    reader = system.rows(ReleaseReader, "a word for the sweep").select_related("release").first()
    assert reader and reader.person_id, "nothing was released in this world"
    register.receipt(reader.release, reader.person_id, "sent")
