"""Vulnerabilities as the values that the page components take. Nothing here queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from noroshi.core.paging import Page
from noroshi.measures.queries import Progress
from noroshi.ui import components as ui
from noroshi.ui.shapes import (
    Choice,
    Column,
    Entry,
    Fact,
    Menu,
    Pager,
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
    Outcome,
    RangeStatus,
    Vulnerability,
)
from noroshi.vulnerabilities.states import (
    COUNTED,
    OPEN,
    Certainty,
    Decision,
    Priority,
    Severity,
    State,
)
from noroshi.vulnerabilities.words import POINTS, PRIORITY_MEANS

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
    Outcome.WAITING: ("wait", ""),
    Outcome.NEW: ("new", "go"),
    Outcome.UPDATED: ("done", "ok"),
    Outcome.OLDER: ("bar", ""),
    Outcome.SAME: ("done", ""),
    Outcome.REFUSED: ("no", "bad"),
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
    "vulnerabilities.close": (gettext_noop("Closed"), "s-done", "fine"),
    "vulnerabilities.reopen": (gettext_noop("Opened again"), "alert", "alarm"),
}


# ---- the list ------------------------------------------------------------------------


def views(counts: Mapping[str, int], chosen: str) -> list[View]:
    """The ways to look at the list."""
    words = {
        "mine": _("My turn"), "open": _("Open"), "late": _("Late"), "accepted": _("Accepted or not affected"),
        "closed": _("Closed"),
    }  # fmt: skip
    return [
        View(word, f"?view={name}", count=counts[name], current=name == chosen)
        for name, word in words.items()
    ]


def menus() -> list[Menu]:
    """What the list can be narrowed by."""
    return [
        Menu("state", _("Status"), [Choice(value, word) for value, word in State.choices]),
        Menu(
            "severity",
            _("Severity"),
            [Choice(value, word) for value, word in Severity.choices if value],
        ),
        Menu("priority", _("Priority"), [Choice(value, word) for value, word in Priority.choices]),
        Menu("exploited", _("Exploitation"), [Choice("1", _("Known to be exploited"))]),
    ]


def table(rows: Sequence[Assessment], systems: Mapping[int, int]) -> Table:
    """The list itself."""
    return Table(
        caption=_("Vulnerabilities of our systems, nearest due date first"),
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
                    severity(row),
                    ui.count(systems.get(row.pk, 0)),
                    priority(row.priority),
                    status(row),
                    due(row),
                ),
                url=reverse("vulnerabilities:show", args=[row.public_id]),
                sub=_sub(row),
                value=row.public_id,
            )
            for row in rows
        ],
        sort="due",
    )


def pager(found: Page[Any], query: QueryDict) -> Pager:
    """Links to the pages beside this one."""
    return Pager(
        newer=ui.with_query(query, before=found.before) if found.before else "",
        older=ui.with_query(query, after=found.after) if found.after else "",
    )


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


def exploited(row: Assessment) -> Text:
    return ui.tag(_("Known to be exploited"), "bad") if row.kev_added_on else ""


def _sub(row: Assessment) -> Text:
    parts: list[Text] = [row.key, exploited(row)]
    return format_html_join(" ", "{}", ((part,) for part in parts if part))


# ---- one vulnerability ---------------------------------------------------------------


def path(row: Assessment, parts: Sequence[AssessedSystem], progress: Progress) -> list[Step]:
    """The five steps, each with who and when, or what is missing."""
    counted = {part.system_id for part in parts if part.certainty in COUNTED}
    waiting = sum(part.certainty == Certainty.WAITING for part in parts)
    place = {
        State.WAITING_MATCH: 0, State.TO_ASSESS: 1, State.TO_DECIDE: 2, State.INSTRUCTED: 3,
        State.VERIFYING: 3, State.ACCEPTED: 4, State.NOT_AFFECTED: 4, State.CLOSED: 4,
    }[State(row.state)]  # fmt: skip
    if row.reported_at:
        place = 5
    told = [
        _("%(count)d to answer") % {"count": waiting} if waiting
        else ngettext("%(count)d system", "%(count)d systems", len(counted)) % {"count": len(counted)},
        _by(row.assessed_by, row.assessed_at),
        Decision(row.decision).label if row.decision and row.decided_at else "",
        _("%(done)d of %(total)d verified") % {"done": progress.verified, "total": progress.total}
        if progress.total else "",
        ui.when(row.reported_at) if row.reported_at else "",
    ]  # fmt: skip
    titles = [_("Match"), _("Assess"), _("Decide"), _("Act and verify"), _("Report")]
    return [
        Step(title, detail, "done" if at < place else "now" if at == place else "open")
        for at, (title, detail) in enumerate(zip(titles, told, strict=True))
    ]


def systems(parts: Iterable[AssessedSystem]) -> Table:
    """Which of our systems, and why."""
    return Table(
        caption=_("Systems it touches"),
        columns=[
            Column(_("System")), Column(_("Version"), nowrap=True), Column(_("Why")),
            Column(_("Reachable from"), nowrap=True), Column(_("Operators")), Column(_("Status"), nowrap=True),
        ],
        rows=[
            TableRow(
                part.system.name,
                (
                    format_html('<span class="mono">{}</span>', part.component.version),
                    reasons.sentence(part.why),
                    part.system.get_exposure_display(),
                    format_html_join(" ", "{}", ((ui.person(str(one)),) for one in part.system.owners.all())),
                    certainty(part),
                ),
                url=reverse("inventory:system", args=[part.system.public_id]),
                sub=part.component.name,
            )
            for part in parts
        ],
    )  # fmt: skip


def waiting(parts: Iterable[AssessedSystem]) -> list[tuple[AssessedSystem, str]]:
    """The uncertain ones, each with the sentence that asks."""
    return [
        (part, reasons.sentence(part.why)) for part in parts if part.certainty == Certainty.WAITING
    ]


def certainty(part: AssessedSystem) -> Text:
    if part.verified_at:
        word = (
            _("Fixed, as the inventory shows") if part.verified_by_sbom else _("Fixed and verified")
        )
        return ui.status(word, "done", "ok")
    shape, tone = CERTAINTY_LOOKS[part.certainty]
    return ui.status(Certainty(part.certainty).label, shape, tone)


def assessment_facts(row: Assessment) -> list[Fact]:
    """What was chosen at each decision point, what the tables proposed, what was decided on it."""
    if not row.assessed_at:
        return []
    said, proposed = row.inputs, row.proposals
    deployer, bod = proposed.get("deployer", {}), proposed.get("bod_26_04", {})
    return [
        Fact(_("Exploitation"), _point(said.get("exploitation"))),
        Fact(_("Exposure"), _point(said.get("exposure"))),
        Fact(_("Can the attack be automated?"), _point(said.get("automatable"))),
        Fact(_("Impact on people and business"), _point(said.get("human_impact"))),
        Fact(_("Technical impact"), _point(said.get("technical_impact"))),
        Fact(
            _("SSVC Deployer proposes"),
            Priority(deployer["priority"]).label if deployer else None,
            sub=deployer.get("due_on", ""),
        ),
        Fact(
            _("BOD 26-04 proposes"), timeline_words(bod) if bod else None, sub=bod.get("due_on", "")
        ),
        Fact(
            _("Chosen"),
            format_html("<b>{}</b>", Priority(row.priority).label),
            sub=PRIORITY_MEANS[row.priority],
        ),
        Fact(_("Due"), due(row)),
        Fact(_("Why it differs"), ui.lines(row.choice_reason) if row.choice_reason else None),
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
        Fact(_("Decided"), format_html("<b>{}</b>", Decision(row.decision).label)),
        Fact(_("Until"), ui.when(row.accept_until) if row.accept_until else None),
        Fact(_("Why"), ui.lines(row.decision_text)),
        Fact(_("Decided by"), _who_when(row.decided_by, row.decided_at)),
    ]


def rail(row: Assessment, sources: Sequence[Vulnerability]) -> list[Fact]:
    """The vulnerability in short."""
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
        Fact("CWE", ", ".join(weaknesses), mono=True),
        Fact(_("In KEV since"), ui.when(row.kev_added_on) if row.kev_added_on else None),
        Fact(_("Published"), ui.when(published) if published else None),
        Fact(_("Opened"), ui.when(row.opened_at)),
        Fact(_("Number"), row.public_id, mono=True),
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
            found.setdefault(one["text"], one)
    return list(found.values())[:12]


def source_rows(sources: Iterable[Vulnerability]) -> list[Row]:
    """The advisories that name it."""
    return [
        Row(
            source.advisory.title,
            reverse("vulnerabilities:advisory", args=[source.advisory.public_id]),
            meta=(
                source.advisory.tracking_id,
                source.advisory.publisher,
                ui.tlp(source.advisory.label.sensitivity),
            ),
            lang="en" if source.advisory.language.startswith("en") else "",
        )
        for source in sources
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
    return str(after.get("reason", ""))


# ---- advisories ----------------------------------------------------------------------


def advisories(rows: Iterable[Advisory]) -> Table:
    """The list of advisories."""
    return Table(
        caption=_("Advisories, newest first"),
        columns=[
            Column(_("Advisory")),
            Column(_("Publisher")),
            Column(_("Label"), nowrap=True),
            Column(_("Received"), nowrap=True),
        ],
        rows=[
            TableRow(
                row.title,
                (row.publisher, ui.tlp(row.label.sensitivity), ui.when(row.received_at)),
                url=reverse("vulnerabilities:advisory", args=[row.public_id]),
                sub=row.tracking_id,
                lang="en" if row.language.startswith("en") or row.format.startswith("cve") else "",
            )
            for row in rows
        ],
    )


def import_table(files: Iterable[AdvisoryImportFile]) -> Table:
    """What became of each file; a refused one says where and why."""
    return Table(
        caption=_("Files"),
        columns=[Column(_("File")), Column(_("Result"), nowrap=True), Column(_("What it says"))],
        rows=[
            TableRow(
                one.name,
                (ui.status(Outcome(one.outcome).label, *OUTCOME_LOOKS[one.outcome]), _told(one)),
                url=reverse("vulnerabilities:advisory", args=[one.advisory.public_id])
                if one.advisory
                else "",
            )
            for one in files
        ],
    )


def outcomes(counts: Mapping[str, int]) -> list[tuple[str, Text]]:
    """How many files ended in each way."""
    return [
        (outcome, ui.status(f"{label} {counts[outcome]}", *OUTCOME_LOOKS[outcome]))
        for outcome, label in Outcome.choices
        if counts.get(outcome)
    ]


def revisions(rows: Iterable[AdvisoryRevision]) -> list[tuple[AdvisoryRevision, list[str]]]:
    """Each received state with what it changed, in sentences."""
    return [(row, reasons.changes(row.difference)) for row in rows]


def _told(one: AdvisoryImportFile) -> Text:
    if one.outcome == Outcome.REFUSED:
        sentence = _(one.message) % one.values if one.values else _(one.message)
        return (
            format_html('<span class="mono">{}</span> {}', one.where, sentence)
            if one.where
            else sentence
        )
    return one.advisory.title if one.advisory else ""


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


def _point(word: Any) -> Text | None:
    return POINTS.get(str(word)) if word else None


def _by(person: Any, moment: Any) -> Text:
    return (
        format_html("{} {}", str(person), ui.when(moment)) if person is not None and moment else ""
    )


def _who_when(person: Any, moment: Any) -> Text:
    return (
        format_html("{} {}", ui.person(str(person)), ui.when(moment)) if person is not None else ""
    )
