"""The verbs of the chapters: each is a step of a person, through the real action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from pathlib import Path

from noroshi.core import files
from noroshi.inventory import actions as inventory
from noroshi.inventory import queries as systems
from noroshi.inventory import readers
from noroshi.inventory.models import Component, System
from noroshi.measures import actions as measures
from noroshi.measures import queries as instructions
from noroshi.measures.models import Instruction
from noroshi.sample.cast import Cast
from noroshi.vulnerabilities import actions as vulnerabilities
from noroshi.vulnerabilities import proposals, queries
from noroshi.vulnerabilities.assessing import Choice, proposal_for
from noroshi.vulnerabilities.models import Assessment
from noroshi.vulnerabilities.states import COUNTED, Certainty

DATA = Path(__file__).resolve().parent / "data"


class _Sent(BytesIO):
    """A file on its way in, as a browser sends it."""

    def __init__(self, name: str, raw: bytes) -> None:
        super().__init__(raw)
        self.name = name


@dataclass(frozen=True)
class Steps:
    """The steps of the people of the cast. ``who`` is a key of the cast, ``key`` a CVE id."""

    cast: Cast

    # ---- inventory -------------------------------------------------------------------

    def take_list(self, who: str, name: str) -> None:
        """Import a list of systems, with the columns as Noroshi guesses them."""
        by, look, sha256 = self.cast.viewer(who), *_store_sample_file(f"inventory/{name}")
        entry = inventory.start_import(
            team=self.cast.team_of(who), file_name=name, file_sha256=sha256, look=look, by=by
        )
        inventory.map_columns(entry=entry, mapping=look.mapping, by=by)

    def take_bom(self, who: str, name: str, system: str) -> None:
        """Import a bill of materials into the system it describes."""
        by, look, sha256 = self.cast.viewer(who), *_store_sample_file(f"inventory/{name}")
        inventory.start_import(
            team=self.cast.team_of(who),
            file_name=name,
            file_sha256=sha256,
            look=look,
            target=self.system(who, system),
            by=by,
        )

    def add_system(self, who: str, name: str, *, owner: str, **facts: str) -> System:
        """Enter a system by hand."""
        return inventory.add_system(
            team=self.cast.team_of(who),
            facts=inventory.SystemFacts(name, **facts),
            owners=[self.cast.people[owner]],
            by=self.cast.viewer(who),
        )

    def note(self, who: str, system: str, note: str) -> None:
        """Write down something about a system."""
        row = self.system(who, system)
        inventory.change_system(
            system=row,
            facts=replace(inventory.SystemFacts.of(row), note=note),
            owners=list(row.owners.all()),
            by=self.cast.viewer(who),
        )

    def set_version(self, who: str, system: str, product: str, version: str) -> None:
        """Set the version in which a component is now."""
        by = self.cast.viewer(who)
        component = Component.objects.visible_to(by).get(
            system__name=system, name=product, gone_at=None
        )
        inventory.set_version(component=component, version=version, by=by)

    def system(self, who: str, name: str) -> System:
        """The system of this name that the person sees."""
        return systems.systems_for(self.cast.viewer(who)).get(name=name)

    # ---- advisories ------------------------------------------------------------------

    def receive(self, who: str, *names: str) -> None:
        """Take advisories in, one file after the other."""
        for name in names:
            vulnerabilities.receive_advisory(
                raw=advisory(name),
                name=f"{name}.json",
                team=self.cast.team_of(who),
                by=self.cast.viewer(who),
            )

    def import_files(self, who: str, *names: str, broken: str = "") -> None:
        """Take advisories in through the page for many files, perhaps with a file that is cut off."""
        uploads = [_Sent(f"{name}.json", advisory(name)) for name in names]
        if broken:
            uploads.append(_Sent(f"{broken}.json", advisory(broken)[:2000]))
        vulnerabilities.start_import(
            team=self.cast.team_of(who), uploads=uploads, by=self.cast.viewer(who)
        )

    # ---- one vulnerability -----------------------------------------------------------

    def assessment(self, who: str, key: str) -> Assessment:
        """The assessment of a vulnerability by the person's own team."""
        return queries.assessments_for(self.cast.viewer(who)).get(
            key=key, team=self.cast.team_of(who)
        )

    def answer_matches(self, who: str, key: str, *, same: bool) -> None:
        """Answer for every uncertain match whether it is the team's own product."""
        row = self.assessment(who, key)
        while waiting := [
            affected
            for affected in queries.systems_of(self.cast.viewer(who), row)
            if affected.certainty == Certainty.WAITING
        ]:
            vulnerabilities.answer_match(
                assessment=row, affected_id=waiting[0].pk, same=same, by=self.cast.viewer(who)
            )

    def assess(
        self,
        who: str,
        key: str,
        text: str,
        *,
        due_on: date | None = None,
        priority: str = "",
        reason: str = "",
    ) -> None:
        """Assess as the tables propose, or with a reason otherwise."""
        row, by = self.assessment(who, key), self.cast.viewer(who)
        facts = queries.facts_of(queries.sources_of(by, row))
        inputs, proposed = proposal_for(row, facts, queries.systems_of(by, row))
        choice = Choice(
            **inputs.as_json(),
            priority=priority or proposed["deployer"]["priority"],
            due_on=due_on or proposals.due_on(proposed),
            reason=reason,
            text=text,
        )
        vulnerabilities.assess(assessment=row, choice=choice, by=by)

    def decide(
        self, who: str, key: str, decision: str, text: str, *, until: date | None = None
    ) -> None:
        """The security manager decides."""
        vulnerabilities.decide(
            assessment=self.assessment(who, key),
            decision=decision,
            text=text,
            accept_until=until,
            by=self.cast.viewer(who),
        )

    def reconsider(self, who: str, key: str, reason: str) -> None:
        """Send the assessment back to be done again."""
        vulnerabilities.reconsider(
            assessment=self.assessment(who, key), reason=reason, by=self.cast.viewer(who)
        )

    def report(self, who: str, key: str) -> None:
        """Record that those who had to know are informed."""
        vulnerabilities.mark_reported(
            assessment=self.assessment(who, key), by=self.cast.viewer(who)
        )

    # ---- instructions ----------------------------------------------------------------

    def instruct(
        self,
        who: str,
        key: str,
        kind: str,
        text: str,
        due_on: date,
        *,
        only: Sequence[str] = (),
        version: str = "",
        files: Sequence[measures.Upload] = (),
    ) -> None:
        """Instruct the operators of the affected systems, or of some of them."""
        row, by = self.assessment(who, key), self.cast.viewer(who)
        affected_systems = [
            affected
            for affected in queries.systems_of(by, row)
            if affected.certainty in COUNTED
            and affected.verified_at is None
            and (not only or affected.system.name in only)
        ]
        vulnerabilities.instruct(
            assessment=row,
            systems=affected_systems,
            kind=kind,
            text=text,
            due_on=due_on,
            wanted_version=version,
            attachments=files,
            by=by,
        )

    def instruction(self, who: str, key: str, system: str) -> Instruction:
        """The newest instruction on a vulnerability in one system, as this person sees it."""
        visible = instructions.instructions_for(self.cast.viewer(who))
        return visible.filter(subject_key=key, system_name=system).order_by("-pk")[:1].get()

    def instructions_on(self, who: str, key: str) -> list[Instruction]:
        """Every instruction on a vulnerability of the own team."""
        visible = instructions.instructions_for(self.cast.viewer(who))
        return list(visible.filter(subject_key=key))

    def answer(
        self,
        who: str,
        key: str,
        system: str,
        what: str,
        text: str = "",
        *,
        version: str = "",
        evidence: Sequence[measures.Upload] = (),
        reason: str = "",
    ) -> None:
        """An operator answers."""
        measures.answer(
            instruction=self.instruction(who, key, system),
            what=what,
            text=text,
            new_version=version,
            files=evidence,
            reason=reason,
            by=self.cast.viewer(who),
        )

    def verify(self, who: str, key: str, system: str, note: str) -> None:
        """Verify, as another person, the work of an operator."""
        measures.verify(
            instruction=self.instruction(who, key, system), note=note, by=self.cast.viewer(who)
        )

    def send_back(self, who: str, key: str, system: str, text: str) -> None:
        """Send the work back: its evidence is not enough."""
        measures.send_back(
            instruction=self.instruction(who, key, system), text=text, by=self.cast.viewer(who)
        )

    def withdraw(self, who: str, key: str, system: str, text: str) -> None:
        """Withdraw the instruction: nothing is to be done any more."""
        measures.withdraw(
            instruction=self.instruction(who, key, system), text=text, by=self.cast.viewer(who)
        )


def advisory(name: str) -> bytes:
    """A real advisory by its id."""
    folder = "cve" if name.startswith("CVE-") else "csaf"
    file = name if folder == "cve" else name.lower()
    return (DATA / folder / f"{file}.json").read_bytes()


def output(name: str, *lines: str) -> measures.Upload:
    """Evidence: what an operator copied from a screen."""
    return measures.Upload(name, ("\n".join(lines) + "\n").encode())


def _store_sample_file(path: str) -> tuple[readers.Look, str]:
    raw = (DATA / path).read_bytes()
    return readers.look(raw, path.rpartition("/")[2]), files.store(raw).sha256
