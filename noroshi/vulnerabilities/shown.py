"""Vulnerabilities as the values that the page components take. Nothing here queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, pgettext

from noroshi.core.paging import MOST
from noroshi.inventory.models import Criticality, Exposure, System
from noroshi.measures.queries import Instruction
from noroshi.sharing import audience as sharing
from noroshi.ui import components as ui
from noroshi.ui import times
from noroshi.ui.shapes import (
    Audience,
    AudienceGroup,
    AudienceLine,
    Choice,
    Column,
    Entry,
    Fact,
    Menu,
    Row,
    Step,
    Table,
    TableRow,
    Text,
    Tone,
    View,
)
from noroshi.vulnerabilities import reasons
from noroshi.vulnerabilities.models import (
    Advisory,
    AdvisoryImport,
    AdvisoryImportFile,
    AdvisoryRevision,
    AffectedRange,
    AssessedSystem,
    Assessment,
    CloseReason,
    RangeStatus,
    Vulnerability,
)
from noroshi.vulnerabilities.models import Outcome as FileOutcome
from noroshi.vulnerabilities.states import (
    COUNTED,
    OPEN,
    Certainty,
    Decision,
    Priority,
    Severity,
    State,
)
from noroshi.vulnerabilities.words import POINT_NAMES, POINT_WORDS, POINTS, PRIORITY_MEANS

LEVELS = {Severity.CRITICAL: 4, Severity.HIGH: 3, Severity.MEDIUM: 2, Severity.LOW: 1}

STATE_LOOKS: dict[str, tuple[str, Tone]] = {
    State.WAITING_MATCH: ("check", "warn"),
    State.TO_ASSESS: ("open", ""),
    State.TO_DECIDE: ("wait", "warn"),
    State.INSTRUCTED: ("half", "go"),
    State.VERIFYING: ("most", "go"),
    State.ACCEPTED: ("bar", "warn"),
    State.NOT_AFFECTED: ("no", ""),
    State.CLOSED: ("done", "ok"),
}
CERTAINTY_LOOKS: dict[str, tuple[str, Tone]] = {
    Certainty.CERTAIN: ("done", "go"),
    Certainty.YES: ("done", "go"),
    Certainty.WAITING: ("check", "warn"),
    Certainty.NO: ("no", ""),
}
PRIORITY_TONES: dict[str, Tone] = {Priority.IMMEDIATE: "bad", Priority.OUT_OF_CYCLE: "warn"}
OUTCOME_LOOKS: dict[str, tuple[str, Tone]] = {
    FileOutcome.WAITING: ("wait", ""),
    FileOutcome.NEW: ("new", "go"),
    FileOutcome.UPDATED: ("done", "ok"),
    FileOutcome.OLDER: ("bar", ""),
    FileOutcome.SAME: ("done", ""),
    FileOutcome.REFUSED: ("no", "bad"),
}

# What the timeline says, by the action in the history; the icon and the tone.
TOLD: dict[str, tuple[str, str, str]] = {
    "vulnerabilities.open": (gettext_noop("Opened: an advisory names our systems"), "vuln", "key"),
    "vulnerabilities.assess": (gettext_noop("%(name)s assessed it"), "edit", "key"),
    "vulnerabilities.decide": (gettext_noop("%(name)s decided"), "check", "key"),
    "vulnerabilities.reconsider": (
        gettext_noop("%(name)s sent it back to assessment"),
        "prev",
        "alarm",
    ),
    "vulnerabilities.instruct": (gettext_noop("%(name)s instructed the operators"), "send", "key"),
    "vulnerabilities.mark_reported": (gettext_noop("%(name)s reported it"), "report", ""),
    "vulnerabilities.answer_match": (
        gettext_noop("%(name)s answered whether it is ours"),
        "check",
        "",
    ),
    "vulnerabilities.extend": (gettext_noop("An advisory names more of our systems"), "vuln", ""),
    "vulnerabilities.to_verify": (
        gettext_noop("Everything was reported done and waits for verification"),
        "check",
        "",
    ),
    "vulnerabilities.to_carry_out": (gettext_noop("It is with the operators again"), "prev", ""),
    "vulnerabilities.verify": (gettext_noop("The measures on systems were verified"), "check", ""),
    "vulnerabilities.verify_by_inventory": (
        gettext_noop("The inventory shows no affected version on systems any more"),
        "server",
        "fine",
    ),
    "vulnerabilities.leave_out": (
        gettext_noop("The advisory no longer names some of our systems"),
        "prev",
        "",
    ),
    "vulnerabilities.close": (gettext_noop("The vulnerability was closed"), "s-done", "fine"),
    "vulnerabilities.reopen": (
        gettext_noop("The vulnerability was opened again"),
        "alert",
        "alarm",
    ),
}


# ---- the list ------------------------------------------------------------------------


def views(counts: Mapping[str, int], chosen: str) -> list[View]:
    """The ways to look at the list."""
    words = {
        "mine": _("My turn"), "open": pgettext("vulnerability", "Open"), "late": pgettext("vulnerability", "Late"),
        "accepted": _("Accepted or not affected"), "closed": pgettext("vulnerability", "Closed"),
    }  # fmt: skip
    return [
        View(word, f"?view={name}", ui.up_to(counts[name], MOST), current=name == chosen)
        for name, word in words.items()
    ]


def menus(system: System | None = None) -> list[Menu]:
    """What the list can be narrowed by; the system where the reader came from one."""
    chosen = [Choice(system.public_id, system.name)] if system else []
    return [
        *([Menu("system", _("System"), chosen)] if chosen else []),
        Menu("state", _("Status"), [Choice(value, word) for value, word in State.choices]),
        Menu(
            "severity",
            _("Severity"),
            [Choice(value, word) for value, word in Severity.choices if value],
        ),
        Menu("priority", _("Priority"), [Choice(value, word) for value, word in Priority.choices]),
        Menu(
            "exploited", pgettext("ssvc", "Exploitation"), [Choice("1", _("Known to be exploited"))]
        ),
    ]


def table(rows: Sequence[Assessment], systems: Mapping[int, int]) -> Table:
    """The list itself; what many rows say in the same words is made once."""
    severities = _once(severity, {row.severity: row for row in rows})
    statuses = _once(status, {row.state: row for row in rows})
    priorities = {value: priority(value) for value in {row.priority for row in rows}}
    place = reverse("vulnerabilities:list")
    return Table(
        caption=_("Vulnerabilities of our systems"),
        columns=[
            Column(_("Vulnerability"), sort="opened"),
            Column(_("Severity"), sort="severity", nowrap=True),
            Column(_("Systems"), number=True),
            Column(_("Priority"), sort="priority", nowrap=True),
            Column(_("Status"), nowrap=True),
            Column(_("Due"), sort="due", nowrap=True),
        ],
        rows=[
            TableRow(
                row.title,
                (
                    severities[row.severity],
                    ui.count(systems.get(row.pk, 0)),
                    priorities[row.priority],
                    statuses[row.state],
                    due(row),
                ),
                url=f"{place}{row.public_id}",
                sub=_sub(row),
                lang=language_of(row.title),
            )
            for row in rows
        ],
        sort="due",
    )


def _once(
    cell: Callable[[Assessment], Text], by_value: Mapping[str, Assessment]
) -> dict[str, Text]:
    return {value: cell(row) for value, row in by_value.items()}


def severity(row: Assessment) -> Text:
    """Four bars and a word; quiet where nobody gave a score."""
    level = LEVELS.get(Severity(row.severity)) if row.severity else None
    return ui.severity(level)


def priority(value: str) -> Text:
    return ui.tag(Priority(value).label, PRIORITY_TONES.get(value, "")) if value else ""


def status(row: Assessment) -> Text:
    shape, tone = STATE_LOOKS[row.state]
    return ui.status(State(row.state).label, shape, tone)


def due(row: Assessment) -> Text:
    return ui.when(row.due_at, due=True, done=row.state not in OPEN) if row.due_at else ""


def language_of(text: str) -> str:
    """English for what has plain letters only, so that a Japanese page reads it out as English."""
    return "en" if text.isascii() else ""


def exploited(row: Assessment) -> Text:
    return ui.tag(_("Known to be exploited"), "bad") if row.kev_added_on else ""


def _sub(row: Assessment) -> Text:
    return format_html("{} {}", row.key, exploited(row)) if row.kev_added_on else row.key


# ---- one vulnerability ---------------------------------------------------------------


def in_short(row: Assessment) -> dict[str, Any]:
    """What stands under the title."""
    return {
        "severity": severity(row),
        "exploited": exploited(row),
        "status": status(row),
        "due": due(row),
    }


def what_it_is(
    row: Assessment, sources: list[Vulnerability], ranges: list[AffectedRange]
) -> dict[str, Any]:
    """What the advisories say."""
    first = next((source for source in sources if source.text), None)
    return {
        "text": first.text if first else "",
        "text_lang": language_of(first.text[:200]) if first else "",
        "source_rows": source_rows(row, sources),
        "versions": versions(ranges),
        "remedies": remedies(sources),
        "facts": rail(row, sources, ranges),
    }


def touched(parts: list[AssessedSystem]) -> dict[str, Any]:
    """Our systems: those that count, those that were refused, those that wait for an answer."""
    counted = [part for part in parts if part.certainty != Certainty.NO]
    return {
        "systems": systems(counted),
        "refused": systems([part for part in parts if part.certainty == Certainty.NO]),
        "waiting": waiting(parts),
    }


def assessed(row: Assessment) -> dict[str, Any]:
    """The assessment as points and tables, and the decision on it."""
    return {
        "points": points(row.inputs),
        "outcomes": outcomes_of(row.proposals),
        "assessment_facts": assessment_facts(row),
        "decision_facts": decision_facts(row),
    }


def path(
    row: Assessment, parts: Sequence[AssessedSystem], given: Sequence[Instruction]
) -> list[Step]:
    """The five steps, each with who and when, or what is missing."""
    counted = {part.system_id for part in parts if part.certainty in COUNTED}
    asked = sum(part.certainty == Certainty.WAITING for part in parts)
    standing = [one for one in given if one.state != "withdrawn"]
    verified = sum(one.state in ("verified", "closed") for one in standing)
    place = {
        State.WAITING_MATCH: 0, State.TO_ASSESS: 1, State.TO_DECIDE: 2, State.INSTRUCTED: 3,
        State.VERIFYING: 3, State.ACCEPTED: 4, State.NOT_AFFECTED: 4, State.CLOSED: 4,
    }[State(row.state)]  # fmt: skip
    if row.reported_at:
        place = 5
    told = [
        ngettext("%(count)d to answer", "%(count)d to answer", asked) % {"count": asked} if asked
        else ngettext("%(count)d system", "%(count)d systems", len(counted)) % {"count": len(counted)},
        _by(row.assessed_by, row.assessed_at),
        Decision(row.decision).label if row.decision and row.decided_at else "",
        _("%(done)d of %(total)d verified") % {"done": verified, "total": len(standing)}
        if standing else "",
        ui.when(row.reported_at) if row.reported_at else "",
    ]  # fmt: skip
    titles = [
        pgettext("step", "Match"), pgettext("step", "Assess"), pgettext("step", "Decide"),
        _("Act and verify"), pgettext("step", "Report"),
    ]  # fmt: skip
    return [
        Step(title, detail, "done" if at < place else "now" if at == place else "open")
        for at, (title, detail) in enumerate(zip(titles, told, strict=True))
    ]


def systems(parts: Iterable[AssessedSystem]) -> Table:
    """Which of our systems, and why."""
    return Table(
        caption=_("Systems it touches"),
        columns=[
            Column(_("System")), Column(pgettext("match", "Why")), Column(_("Reachable from"), nowrap=True),
            Column(_("Operators")), Column(_("Status"), nowrap=True),
        ],
        rows=[
            TableRow(
                part.system.name,
                (
                    reasons.sentence(part.why),
                    part.system.get_exposure_display(),
                    format_html_join(" ", "{}", ((ui.person(str(one)),) for one in part.system.owners.all())),
                    certainty(part),
                ),
                url=reverse("inventory:system", args=[part.system.public_id]),
                sub=format_html('{} <span class="mono nowrap">{}</span>', part.component.name, part.component.version),
            )
            for part in parts
        ],
    )  # fmt: skip


def waiting(parts: Iterable[AssessedSystem]) -> list[tuple[AssessedSystem, str]]:
    """The uncertain ones, each with the sentence that asks."""
    return [
        (part, reasons.sentence(part.why)) for part in parts if part.certainty == Certainty.WAITING
    ]


def named_readers(found: sharing.Audience) -> Audience:
    """Who would read instructions on what is TLP:RED."""
    lines = [
        AudienceLine(str(one.person), str(one.team) if one.team else "")
        for one in (*found.own, *found.readers)
    ]
    left = [AudienceLine(one.name, _(one.why), "no") for one in found.left_out]
    groups = [AudienceGroup(_("People it names"), lines)]
    if left:
        groups.append(AudienceGroup(_("Whom it does not reach"), left))
    return Audience(
        people=len(lines),
        summary=_(
            "This vulnerability is TLP:RED. Whom you instruct you name: they read its title and what you write, after signing in. Mail carries only a notice."
        ),
        groups=groups,
    )


def to_instruct(parts: Iterable[AssessedSystem], given: Iterable[Instruction]) -> dict[str, Text]:
    """Under each system: what runs there, who gets the mail, whether it was instructed already."""
    have = {one.system_id: one for one in given if one.state != "withdrawn"}
    told: dict[str, list[str]] = {}
    for part in parts:
        system, lines = part.system, told.setdefault(part.system.public_id, [])
        lines.append(f"{part.component.name} {part.component.version}".strip())
        if len(lines) == 1:
            people = ", ".join(str(one) for one in system.owners.all())
            lines.append(
                _("Operators: %(people)s") % {"people": people} if people else _("No operator")
            )
            if system.public_id in have:
                lines.append(
                    _("Instructed already: %(id)s") % {"id": have[system.public_id].public_id}
                )
    return {key: " · ".join(lines) for key, lines in told.items()}


def certainty(part: AssessedSystem) -> Text:
    if part.verified_at:
        word = (
            _("Fixed, as the inventory shows") if part.verified_by_sbom else _("Fixed and verified")
        )
        return ui.status(word, "done", "ok")
    shape, tone = CERTAINTY_LOOKS[part.certainty]
    return ui.status(Certainty(part.certainty).label, shape, tone)


@dataclass(frozen=True, slots=True)
class Point:
    """One decision point: every word of the table, the chosen one marked."""

    label: Text
    words: list[tuple[Text, bool]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one table says to these points."""

    table: Text
    answer: Text
    means: Text


def points(said: Mapping[str, Any]) -> list[Point]:
    """The decision points of both tables with what was chosen; empty before an assessment."""
    return [
        Point(POINT_NAMES[name], [(POINTS[word], word == said[name]) for word in known])
        for name, known in POINT_WORDS.items()
        if said.get(name)
    ]


def outcomes_of(proposed: Mapping[str, Any]) -> list[Outcome]:
    """The proposals of the two tables, with the day that follows from each."""
    if not proposed:
        return []
    deployer, bod = proposed["deployer"], proposed["bod_26_04"]
    return [
        Outcome(_("SSVC Deployer"), Priority(deployer["priority"]).label, _until(deployer)),
        Outcome(_("BOD 26-04"), timeline_words(bod), _until(bod)),
    ]


def _until(proposed: Mapping[str, Any]) -> Text:
    day = proposed.get("due_on")
    return ui.when(date.fromisoformat(day)) if day else ""


def origins(
    row: Assessment,
    now: Mapping[str, Any],
    sources: Sequence[Vulnerability],
    parts: Sequence[AssessedSystem],
) -> dict[str, Text]:
    """From where the tables' answer to each point comes, so that a person can doubt it."""
    told: dict[str, Text] = {
        "exploitation": _exploitation_from(row, sources),
        "exposure": _worst(parts, "exposure", list(Exposure.values)),
        "automatable": _said_or_vector(sources, "ssvc_automatable"),
        "human_impact": _worst(parts, "criticality", list(reversed(Criticality.values))),
        "technical_impact": _said_or_vector(sources, "ssvc_technical_impact"),
    }
    for name, sentence in told.items():
        before = row.inputs.get(name)
        if before and before != now[name]:
            last = _("Last time: %(word)s.") % {"word": POINTS[before]}
            told[name] = f"{sentence} {last}"
    return told


def _exploitation_from(row: Assessment, sources: Sequence[Vulnerability]) -> str:
    if row.kev_added_on:
        return _("Listed in KEV since %(day)s.") % {"day": times.day_words(row.kev_added_on)}
    if any(source.ssvc_exploitation for source in sources):
        return _("From the SSVC points that came with the advisory.")
    return _("No advisory speaks of it.")


def _said_or_vector(sources: Sequence[Vulnerability], name: str) -> str:
    if any(getattr(source, name) for source in sources):
        return _("From the SSVC points that came with the advisory.")
    if any(source.scores for source in sources):
        return _("Read from the CVSS vector.")
    return _("Nobody said, and there is no CVSS vector.")


def _worst(parts: Sequence[AssessedSystem], name: str, worst_first: list[str]) -> str:
    """The system that decides: ``Head office VPN: Internet.``"""
    asked = [part.system for part in parts if part.certainty != Certainty.NO]
    if not asked:
        return _("No system is affected.")
    worst = min(asked, key=lambda system: worst_first.index(getattr(system, name)))
    words = getattr(worst, f"get_{name}_display")()
    return _("From the inventory: %(system)s, %(words)s.") % {"system": worst.name, "words": words}


def assessment_facts(row: Assessment) -> list[Fact]:
    """What was chosen in the end, why, by whom."""
    if not row.assessed_at:
        return []
    again = row.reopened_at is not None and row.assessed_at < row.reopened_at
    return [
        Fact(
            _("Priority proposed now") if again else _("Priority chosen"),
            format_html("<b>{}</b>", Priority(row.priority).label),
            sub=PRIORITY_MEANS[row.priority],
        ),
        Fact(_("Due"), due(row)),
        Fact(
            _("Why it differs from the tables"),
            ui.lines(row.choice_reason) if row.choice_reason else None,
        ),
        Fact(_("What was found"), ui.lines(row.assessment_text) if row.assessment_text else None),
        Fact(_("Assessed by"), _who_when(row.assessed_by, row.assessed_at)),
    ]


def timeline_words(bod: Mapping[str, Any]) -> str:
    """BOD 26-04's outcome in words."""
    if bod.get("days") is None:
        return _("At the next upgrade")
    words = ngettext("Within %(days)d day", "Within %(days)d days", bod["days"]) % {
        "days": bod["days"]
    }
    return _("%(words)s, with a forensic look") % {"words": words} if bod.get("forensic") else words


def decision_facts(row: Assessment) -> list[Fact]:
    """What the security manager decided, why, until when."""
    if not row.decided_at:
        return []
    return [
        Fact(pgettext("fact", "Decided"), format_html("<b>{}</b>", Decision(row.decision).label)),
        Fact(_("Accepted until"), ui.when(row.accept_until) if row.accept_until else None),
        Fact(pgettext("fact", "Why"), ui.lines(row.decision_text)),
        Fact(_("Decided by"), _who_when(row.decided_by, row.decided_at)),
    ]


def rail(
    row: Assessment, sources: Sequence[Vulnerability], ranges: Sequence[AffectedRange]
) -> list[Fact]:
    """The vulnerability in short."""
    epss = max(
        (s.epss_probability for s in sources if s.epss_probability is not None), default=None
    )
    fixed = list(dict.fromkeys(one.text for one in ranges if one.status == RangeStatus.FIXED))
    scores = {score["version"]: score for source in reversed(sources) for score in source.scores}
    weaknesses = sorted({cwe for source in sources for cwe in source.cwes})
    published = min(
        (s.advisory.published_at for s in sources if s.advisory.published_at), default=None
    )
    return [
        Fact(_("Identifier"), row.key, mono=True),
        *(
            Fact(
                f"CVSS {version}",
                f"{score['base']:.1f}",
                sub=format_html('<span class="mono vector">{}</span>', score["vector"]),
            )
            for version, score in sorted(scores.items(), reverse=True)
        ),
        Fact("EPSS", f"{epss:.2f}" if epss is not None else None),
        Fact("CWE", ", ".join(weaknesses), mono=True),
        Fact(_("Fixed in"), ", ".join(text for text in fixed[:4] if text), mono=True),
        Fact(_("In KEV since"), ui.when(row.kev_added_on) if row.kev_added_on else None),
        Fact(_("Published"), ui.when(published) if published else None),
        Fact(pgettext("vulnerability", "Opened"), ui.when(row.opened_at)),
        Fact(pgettext("identifier", "Number"), row.public_id, mono=True),
    ]


def versions(ranges: Iterable[AffectedRange]) -> Table:
    """Affected and fixed versions as the advisories write them."""
    seen: dict[tuple[str, str, str], AffectedRange] = {}
    for one in ranges:
        seen.setdefault((one.name, one.text, one.status), one)
    return Table(
        caption=_("Products and versions that the advisories name"),
        columns=[Column(_("Product")), Column(_("Version")), Column(_("Status"), nowrap=True)],
        rows=[
            TableRow(
                one.name,
                (
                    format_html('<span class="mono">{}</span>', one.text or "–"),
                    RangeStatus(one.status).label,
                ),
                sub=one.vendor,
            )
            for one in list(seen.values())[:60]
        ],
    )


def remedies(sources: Iterable[Vulnerability]) -> list[dict[str, Any]]:
    """What the sources say to do, each text once, at most twelve."""
    found: dict[str, dict[str, Any]] = {}
    for source in sources:
        for one in source.remediations:
            found.setdefault(one["text"], one if is_web(one["url"]) else {**one, "url": ""})
    return list(found.values())[:12]


def source_rows(row: Assessment, sources: Iterable[Vulnerability]) -> list[Row]:
    """The advisories that name it; one whose title is the vulnerability's own is named by number."""
    return [
        Row(
            number if source.advisory.title == row.title else source.advisory.title,
            reverse("vulnerabilities:advisory", args=[source.advisory.public_id]),
            meta=[
                part
                for part in (
                    "" if source.advisory.title == row.title else number,
                    source.advisory.publisher,
                    ui.tlp(source.advisory.label.sensitivity),
                )
                if part
            ],
            lang=language_of(source.advisory.title),
        )
        for source in sources
        for number in [source.advisory.tracking_id]
    ]


def timeline(rows: Iterable[Any]) -> list[Entry]:
    """What happened, from the history."""
    return [
        Entry(
            at=row.at,
            text=_(text) % {"name": row.actor_name},
            icon=icon,
            tone=tone,
            note=_note(row),
        )
        for row in rows
        for text, icon, tone in [TOLD.get(row.action, (row.action, "edit", ""))]
    ]


def _note(row: Any) -> str:
    after = row.after or {}
    if row.action == "vulnerabilities.decide":
        return f"{Decision(after['decision']).label}: {after['text']}"
    if row.action == "vulnerabilities.assess" and after.get("priority"):
        return " ".join(
            part
            for part in (str(Priority(after["priority"]).label), after.get("reason", ""))
            if part
        )
    if row.action == "vulnerabilities.close":
        return str(CloseReason(after["reason"]).label) if after.get("reason") else ""
    if "because" in after:
        return _why_again(after)
    return str(after.get("reason") or ", ".join(after.get("systems", ())))


def _why_again(after: Mapping[str, Any]) -> str:
    """What is new about work that was extended or opened again, and what is proposed now."""
    said = list(dict.fromkeys(reasons.why_back(one) for one in after["because"]))
    said = said or [", ".join(after.get("systems", ()))]
    if after.get("priority"):
        said.append(
            _("Proposed now: %(priority)s, due %(day)s")
            % {
                "priority": Priority(after["priority"]).label,
                "day": times.absolute(datetime.fromisoformat(after["due_at"])),
            }
        )
    return " ".join(said)


# ---- advisories ----------------------------------------------------------------------


def advisories(rows: Iterable[Advisory]) -> Table:
    """The list of advisories."""
    return Table(
        caption=_("Advisories, newest first"),
        columns=[
            Column(_("Advisory")),
            Column(_("Publisher")),
            Column(pgettext("TLP", "Label"), nowrap=True),
            Column(pgettext("when", "Received"), nowrap=True),
        ],
        rows=[
            TableRow(
                row.title,
                (row.publisher, ui.tlp(row.label.sensitivity), ui.when(row.received_at)),
                url=reverse("vulnerabilities:advisory", args=[row.public_id]),
                sub=row.tracking_id,
                lang=language_of(row.title),
            )
            for row in rows
        ],
    )


def import_table(files: Iterable[AdvisoryImportFile], advisories: Mapping[int, Advisory]) -> Table:
    """What became of each file; a refused one says where and why."""
    return Table(
        caption=_("Files"),
        columns=[
            Column(_("File")),
            Column(_("Result"), nowrap=True),
            Column(_("Advisory, or why not")),
        ],
        rows=[
            TableRow(
                one.name,
                (
                    ui.status(FileOutcome(one.outcome).label, *OUTCOME_LOOKS[one.outcome]),
                    _told(one, advisories.get(one.advisory_id or 0)),
                ),
                url=_advisory_url(advisories.get(one.advisory_id or 0)),
            )
            for one in files
        ],
    )


def outcomes(counts: Mapping[str, int], chosen: str) -> list[View]:
    """How many files ended in each way, as tabs."""
    found = [
        View(label, f"?outcome={outcome}", count=counts[outcome], current=outcome == chosen)
        for outcome, label in FileOutcome.choices
        if counts.get(outcome)
    ]
    return [View(_("All files"), "?", count=sum(counts.values()), current=not chosen), *found]


def ours(rows: Iterable[Assessment]) -> list[Row]:
    """What an advisory opened with us."""
    return [
        Row(
            row.title,
            reverse("vulnerabilities:show", args=[row.public_id]),
            meta=[part for part in (row.key, severity(row), exploited(row)) if part],
            end=status(row),
            lang=language_of(row.title),
        )
        for row in rows
    ]


def entries(rows: Iterable[Vulnerability]) -> Table:
    """The vulnerabilities of one advisory."""
    return Table(
        caption=_("Vulnerabilities it names"),
        columns=[
            Column(_("Vulnerability")), Column(_("Severity"), nowrap=True), Column("CVSS"), Column("CWE"),
        ],
        rows=[
            TableRow(
                row.key,
                (
                    ui.severity(row.severity or None),
                    format_html_join(
                        " ", '<span class="nowrap">{}: {}</span>',
                        ((score["version"], f"{score['base']:.1f}") for score in row.scores),
                    ),
                    ", ".join(row.cwes),
                ),
                sub=format_html_join(
                    " ", "{}",
                    ((part,) for part in (row.title, _kev(row)) if part and part != row.key),
                ),
            )
            for row in rows
        ],
    )  # fmt: skip


def _kev(row: Vulnerability) -> Text:
    return ui.tag(_("Known to be exploited"), "bad") if row.kev_added_on else ""


def changed(rows: Iterable[AdvisoryRevision]) -> list[tuple[AdvisoryRevision, list[str]]]:
    """Each later state of an advisory with what it changed, in sentences; newest first."""
    return [
        (row, reasons.changes(row.difference)) for row in rows if row.difference or row.is_older
    ]


def advisory_facts(advisory: Advisory) -> list[Fact]:
    """Who published it, in which state, who received it when."""
    return [
        Fact(_("Publisher"), advisory.publisher),
        Fact(_("Revision"), advisory.revision, mono=True),
        Fact(_("Published"), ui.when(advisory.published_at) if advisory.published_at else None),
        Fact(_("Changed"), ui.when(advisory.updated_at) if advisory.updated_at else None),
        Fact(pgettext("when", "Received"), ui.when(advisory.received_at)),
        Fact(_("Received by"), advisory.received_by_name),
        Fact(_("Team"), ui.team(str(advisory.team))),
    ]


def web_links(advisory: Advisory) -> list[dict[str, Any]]:
    """The first references that a browser can follow."""
    return [one for one in advisory.references if is_web(one["url"])][:20]


def is_web(url: str) -> bool:
    """May it be a link? An advisory's author writes it; ``javascript:`` is not one."""
    return url.startswith(("https://", "http://"))


def _advisory_url(advisory: Advisory | None) -> str:
    return reverse("vulnerabilities:advisory", args=[advisory.public_id]) if advisory else ""


def _told(one: AdvisoryImportFile, advisory: Advisory | None) -> Text:
    if one.outcome == FileOutcome.REFUSED:
        sentence = _(one.message) % one.values if one.values else _(one.message)
        return (
            format_html('<span class="mono">{}</span> {}', one.where, sentence)
            if one.where
            else sentence
        )
    return advisory.title if advisory else ""


def imports(rows: Iterable[AdvisoryImport]) -> list[Row]:
    """Earlier imports."""
    return [
        Row(
            ngettext("%(count)d file", "%(count)d files", row.total) % {"count": row.total},
            reverse("vulnerabilities:import", args=[row.public_id]),
            meta=(row.by_name, ui.when(row.created_at)),
            end=row.get_state_display(),
        )
        for row in rows
    ]


def _by(person: Any, moment: Any) -> Text:
    return f"{person} {times.absolute(moment)}" if person is not None and moment else ""


def _who_when(person: Any, moment: Any) -> Text:
    return (
        format_html("{} {}", ui.person(str(person)), ui.when(moment)) if person is not None else ""
    )
