"""The figures in plain words: whole sentences, each made for the reader's language."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from noroshi.directory.areas import areas
from noroshi.reports import wording
from noroshi.reports.models import Report
from noroshi.vulnerabilities.states import Priority

MOST_SYSTEMS = 3  # systems named in the sentence; the table names more


def summary(report: Report) -> list[str]:
    """The sentences on top of the report, most important first."""
    figures = report.figures
    return [
        *_flow(report, figures),
        *_open(figures),
        *_late(figures),
        *_accepted(figures),
        *_trend(figures),
    ]


def _flow(report: Report, figures: dict[str, Any]) -> list[str]:
    found, fixed = figures["found"], figures["fixed"]
    numbers = {"found": found, "fixed": fixed, "count": figures["not_ours"]}
    if _is_month(report):
        numbers["month"] = wording.month(report.from_on)
        sentence = ngettext(
            "In %(month)s we found %(found)d vulnerability in our systems and fixed %(fixed)d.",
            "In %(month)s we found %(found)d vulnerabilities in our systems and fixed %(fixed)d.",
            found,
        )
    else:
        sentence = ngettext(
            "In this period we found %(found)d vulnerability in our systems and fixed %(fixed)d.",
            "In this period we found %(found)d vulnerabilities in our systems and fixed %(fixed)d.",
            found,
        )
    sentences = [sentence % numbers]
    if figures["not_ours"]:
        sentences.append(
            ngettext(
                "%(count)d more turned out not to concern us.",
                "%(count)d more turned out not to concern us.",
                figures["not_ours"],
            )
            % numbers
        )
    if figures["median_days"] is not None:
        days = max(figures["median_days"], 1)
        sentences.append(
            _("Half of what we fixed was done within %(days)s days of being found.")
            % {"days": wording.number(days)}
            if days > 1
            else _("Half of what we fixed was done within a day of being found.")
        )
    return sentences


def _is_month(report: Report) -> bool:
    """Is it about a whole month, or one until the day on which it was made, in any time zone?"""
    first, last = report.from_on, report.to_on
    if first.day > 1 or (first.year, first.month) != (last.year, last.month):
        return False
    day = timedelta(days=1)
    return (last + day).day == 1 or last >= timezone.localdate(report.made_at) - day


def _open(figures: dict[str, Any]) -> list[str]:
    total = figures["open"]["total"]
    if not total:
        return [_("Nothing is open now.")]
    sentences = [
        ngettext(
            "We are working on %(count)d vulnerability now.",
            "We are working on %(count)d vulnerabilities now.",
            total,
        )
        % {"count": total}
    ]
    urgent = sum(figures["open"]["by_priority"][Priority.IMMEDIATE])
    if urgent:
        sentences.append(
            ngettext("Of these, %(count)d cannot wait.", "Of these, %(count)d cannot wait.", urgent)
            % {"count": urgent}
        )
    return sentences


def _late(figures: dict[str, Any]) -> list[str]:
    total, rows = figures["late"]["total"], figures["late"]["rows"]
    if not total:
        return [_("Nothing is past its date.")]
    systems = list(dict.fromkeys(system["name"] for row in rows for system in row["systems"]))
    numbers = {"count": total, "where": wording.joined(systems[:MOST_SYSTEMS])}
    if not systems:
        sentence = ngettext("%(count)d is past its date.", "%(count)d are past their date.", total)
    elif len(systems) > MOST_SYSTEMS or total > len(rows):
        sentence = ngettext(
            "%(count)d is past its date, among other places in: %(where)s.",
            "%(count)d are past their date, among other places in: %(where)s.",
            total,
        )
    else:
        sentence = ngettext(
            "%(count)d is past its date: %(where)s.",
            "%(count)d are past their date: %(where)s.",
            total,
        )
    return [sentence % numbers]


def _accepted(figures: dict[str, Any]) -> list[str]:
    total, rows = figures["accepted"]["total"], figures["accepted"]["rows"]
    if not total:
        return []
    return [
        ngettext(
            "We accept %(count)d risk for a time and look at it again on %(day)s.",
            "We accept %(count)d risks for a time; the first comes back on %(day)s.",
            total,
        )
        % {"count": total, "day": wording.day(rows[0]["until"])}
    ]


def _trend(figures: dict[str, Any]) -> list[str]:
    trend = figures["trend"]
    numbers = {"then": figures["open_before"], "now": trend[-1]["open"], "weeks": len(trend)}
    if numbers["then"] == numbers["now"]:
        return [_("As many are open as %(weeks)d weeks ago.") % numbers]
    return [
        _("In the last %(weeks)d weeks the number of open ones went from %(then)d to %(now)d.")
        % numbers
    ]


def others(figures: dict[str, Any]) -> list[str]:
    """The sentences below the tables: on instructions, and on the figures of other areas."""
    sentences = [_instructed(figures), _instructed_late(figures), *_of_areas(figures)]
    return [sentence for sentence in sentences if sentence]


def _instructed(figures: dict[str, Any]) -> str:
    """How many instructions were given and how many verified."""
    numbers: dict[str, int] = figures["instructions"]
    if not numbers["given"] and not numbers["verified"]:
        return _("No instruction was given and none verified.")
    return (
        ngettext(
            "The people who run the systems were given %(given)d instruction; we verified %(verified)d.",
            "The people who run the systems were given %(given)d instructions; we verified %(verified)d.",
            numbers["given"],
        )
        % numbers
    )


def _instructed_late(figures: dict[str, Any]) -> str:
    """How many instructions are past their date; empty when none is."""
    count = figures["instructions"]["late"]
    if not count:
        return ""
    sentence = ngettext(
        "%(count)d instruction is past its date now.",
        "%(count)d instructions are past their date now.",
        count,
    )
    return sentence % {"count": count}


def _of_areas(figures: dict[str, Any]) -> list[str]:
    """The sentences that areas add to a report (``directory.areas.ReportFigures``)."""
    added = [area.report for area in areas() if area.report and area.report.key in figures]
    return [report.sentence(figures[report.key]) for report in added]
