"""Why two models of this area hold no words; all others are filled by the areas above."""

from __future__ import annotations

WORDLESS = {
    "sharing.ReleaseReader": "names of people and teams, frozen",
    "sharing.Receipt": "what became of a mail, in one word",
}
