"""The words of this area: titles and notes of reports, and what they carry of the team's work."""

from __future__ import annotations

from noroshi.core import clock
from noroshi.reports import actions as reports
from tests.harness.canaries import Canaries, by_label
from tests.vulnerabilities.canaries import ADVISORIES

AFTER = ("measures", "vulnerabilities", "warnings")


def fill(made: Canaries) -> None:
    """A draft and an issued report; the executives may read the words in the issued one."""
    today = clock.today()
    for key in ("draft", "issued"):
        text = made.canary(f"report {key}")
        row = reports.make_report(
            team=made.world.teams["a"],
            from_on=today.replace(day=1),
            to_on=today,
            note=text.word,
            title=text.word,
            by=made.viewer("alice"),
        )
        if key == "issued":
            row = reports.issue(report=row, by=made.viewer("mana"))
        text.stands_under(row.label)
        made.add("report", row, f"report {key}", by_label(row.label))
        made.rows[f"report {key}"] = row
        for advisory in ADVISORIES:
            if f"assessment {advisory} in a" in made.rows and advisory != "red":
                made.about(f"advisory {advisory}").stands_under(row.label)
        for advisory in ("circle", "clear", "amber"):
            made.about(f"decision on {advisory}").stands_under(row.label)
