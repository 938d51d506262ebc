"""Events of the directory that areas above listen to (see ``areas.publish``)."""

from __future__ import annotations

from noroshi.directory.areas import Event

# A team may read more than before: it joined a circle or takes part again. The team's number.
TEAM_READS_MORE = Event("directory.team_reads_more")
# A mail about an account waits. The letter's number.
LETTER_POSTED = Event("directory.letter_posted")
