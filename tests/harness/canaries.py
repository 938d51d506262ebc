"""A world with one random word in one thing of every kind, sensitivity and state.

Everything is made by our own actions. A word may be read by whoever may see a thing that carries
it: mostly one thing, sometimes also one that it was carried over to on purpose (an instruction
tells its operators the title of the vulnerability, an issued report tells the executives).
"""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.files.base import ContentFile
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from noroshi.core import clock
from noroshi.core.history import SYSTEM
from noroshi.directory import actions as directory
from noroshi.directory.models import ApiToken, Circle, Person, PersonState, Role, Standing, Team
from noroshi.directory.viewer import Viewer
from noroshi.formats.drafts import ComponentDraft
from noroshi.inventory import actions as inventory
from noroshi.inventory.models import Component, System
from noroshi.measures import actions as measures
from noroshi.measures.jobs import remind_late
from noroshi.measures.models import Attachment, Evidence, Instruction
from noroshi.reports import actions as reports
from noroshi.sharing import links, policy, system
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.models import Label, Link
from noroshi.vulnerabilities import actions as vulnerabilities
from noroshi.vulnerabilities.assessing import Choice
from noroshi.vulnerabilities.models import Advisory, AssessedSystem, Assessment
from noroshi.warnings import actions as warnings
from tests.formats.advisories import csaf_21_document
from tests.harness.people import PASSWORD, World, make_world
from tests.inventory import build

Sees = Callable[[Viewer], bool]


def new_word() -> str:
    """A word that stands nowhere else and passes escaping, folding and search unchanged."""
    return f"kanaria{secrets.token_hex(5)}"


@dataclass
class Canary:
    """A word, what carries it, and who may read it: nobody until somebody is let in."""

    what: str
    word: str = field(default_factory=new_word)
    lets_in: list[Sees] = field(default_factory=list)

    def sees(self, viewer: Viewer) -> bool:
        return any(one(viewer) for one in self.lets_in)

    def stands_under(self, *labels: Label) -> None:
        """Whoever may see a thing with one of these labels reads it."""
        self.lets_in.append(by_label(*labels))

    def is_for(self, sees: Sees) -> None:
        """These read it, by a rule that is no label's."""
        self.lets_in.append(sees)


@dataclass(frozen=True)
class Thing:
    """Something with an id that a path may name: its kind, its word, its label, who may see it."""

    kind: str
    id: str
    what: str
    sees: Sees
    parent: str = ""  # the id of the thing that it stands under in a path


def by_label(*labels: Label) -> Sees:
    """Whoever may see a thing with one of these labels, as the policy says it now."""
    pks = [label.pk for label in labels]

    def sees(viewer: Viewer) -> bool:
        return any(policy.may_see(viewer, label) for label in Label.objects.filter(pk__in=pks))

    return sees


def only(*mails: str) -> Sees:
    """These people, told by the part of their address in front of the @."""
    pks = {
        person.pk: person.mail.partition("@")[0]
        for person in Person.objects.all()
        if person.mail.partition("@")[0] in mails
    }
    return lambda viewer: viewer.scopes is None and viewer.person_id in pks


def run_jobs(mail: bool = False) -> list[tuple[str, Any]]:
    """Run the waiting jobs, those that mail only on demand; the path and result of each."""
    results: list[tuple[str, Any]] = []
    while True:
        waiting = [(row, SignedPackage.loads(row.payload)) for row in OrmQ.objects.order_by("id")]
        due = [(row, job) for row, job in waiting if mail or ".exchange." not in job["func"]]
        if not due:
            return results
        for row, job in due:
            row.delete()
            results.append((job["func"], import_string(job["func"])(*job["args"])))


@dataclass
class Canaries:
    """The world, its words, its things by kind, and secrets that lead to some of them."""

    world: World
    words: list[Canary] = field(default_factory=list)
    things: dict[str, list[Thing]] = field(default_factory=lambda: defaultdict(list))
    secrets: dict[str, str] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)  # what examples need by name

    def canary(self, what: str, sees: Sees | None = None) -> Canary:
        """A new word. Whoever makes its thing says then who reads it, unless it is known before."""
        canary = Canary(what, lets_in=[sees] if sees else [])
        self.words.append(canary)
        return canary

    def about(self, what: str) -> Canary:
        """The word of what is called so; raises ``KeyError``."""
        for one in self.words:
            if one.what == what:
                return one
        raise KeyError(what)

    def add(self, kind: str, row: Any, what: str, sees: Sees, **more: str) -> None:
        self.things[kind].append(Thing(kind, row.public_id, what, sees, **more))

    def thing(self, what: str) -> Thing:
        """The thing that is called so; raises ``KeyError``."""
        for things in self.things.values():
            for one in things:
                if one.what == what:
                    return one
        raise KeyError(what)

    def viewer(self, name: str) -> Viewer:
        return self.world.viewer(name)

    def person(self, name: str) -> Person:
        return self.world.people[name]


# Further people: whoever has no part any more, and operators of the other teams.
MORE = {
    "oki": ("b", Role.OPERATOR),
    "sam": ("b", Role.CSIRT),  # suspended
    "leo": ("b", Role.CSIRT),  # has left
    "dora": ("d", Role.CSIRT),  # her team is suspended, though in circle X
    "cleo": ("c", Role.OPERATOR),
    "erin": ("e", Role.CSIRT),  # circle Y
}


def make_people() -> World:
    """Everybody of ``tests.harness.people``, and those who have no part any more before they lose it."""
    world = make_world()
    for slug, name, name_en in (
        ("d", "どうなん工業 CSIRT", "Donan CSIRT"), ("e", "えちご信託 CSIRT", "Echigo CSIRT")
    ):  # fmt: skip
        organisation = directory.open_organisation(name=name.split()[0], by=SYSTEM)
        world.teams[slug] = directory.open_team(
            organisation=organisation, name=name, name_en=name_en, slug=slug, by=SYSTEM
        )
    for name, (slug, role) in MORE.items():
        world.people[name] = directory.add_person(
            mail=f"{name}@{slug}.example", name=f"{name} 氏", name_en=name.title(),
            team=world.teams[slug], roles=[role], by=SYSTEM,
        )  # fmt: skip
    for circle, slugs in (("x", "abd"), ("y", "ce")):
        teams = [world.teams[slug] for slug in slugs]
        directory.set_circle_teams(
            circle=world.circles[circle], teams=teams, by=world.viewer("adam")
        )
    ann = world.people["ann"]
    ann.set_password(PASSWORD)  # before anybody signs in: a new password ends every session
    ann.save()
    return world


def take_part_away(world: World) -> None:
    """Sam is suspended, Leo leaves, Dora's team is suspended."""
    adam = world.viewer("adam")
    directory.suspend_person(person=world.people["sam"], team=world.teams["b"], by=adam)
    directory.leave(person=world.people["leo"], team=world.teams["b"], by=adam)
    directory.set_standing(team=world.teams["d"], standing=Standing.SUSPENDED, by=adam)


def fill(world: World) -> Canaries:
    """Put the words into the world."""
    made = Canaries(world)
    _directory(made)
    _inventory(made)
    _advisories(made)
    _assessments(made)
    _instructions(made)
    _warnings(made)
    _reports(made)
    _under_way(made)
    return made


# ---- directory -----------------------------------------------------------------------


def _directory(made: Canaries) -> None:
    world = made.world
    mana = made.viewer("mana")
    for name, team in world.teams.items():
        made.add("team", team, f"team {name}", _may_know(team))
    for name, circle in world.circles.items():
        made.add("circle", circle, f"circle {name}", _in_circle(circle))
    purpose = made.canary("purpose of a circle of team C", only("charlie", "adam"))
    circle = directory.open_circle(
        name="静かな輪", purpose=purpose.word, teams=[world.teams["c"]], by=SYSTEM
    )
    purpose.is_for(_in_circle(circle))
    made.add("circle", circle, "quiet circle", _in_circle(circle))
    for name, person in world.people.items():
        homes = person.memberships.values_list("team__public_id", flat=True)
        made.add("person", person, name, _may_meet(person), parent=" ".join(homes))
    hidden = made.canary("name of an operator of team C")
    quiet = directory.add_person(
        mail="quiet@c.example", name=hidden.word, name_en=hidden.word, team=world.teams["c"],
        roles=[Role.OPERATOR], by=SYSTEM,
    )  # fmt: skip
    hidden.is_for(_may_meet(quiet))
    made.add("person", quiet, "quiet operator", _may_meet(quiet))
    invited = made.canary("name of somebody invited to team A", only("mana", "adam"))
    directory.invite(
        team=world.teams["a"], mail="new@a.example", name=invited.word, role=Role.CSIRT,
        language="en", by=mana,
    )  # fmt: skip
    invitation = world.teams["a"].invitations.get()
    made.add(
        "invitation", invitation, "invitation", only("mana", "adam"),
        parent=world.teams["a"].public_id,
    )  # fmt: skip
    for team in world.teams.values():
        made.add("organisation", team.organisation, f"organisation of {team.slug}", only("adam"))
    ann = world.people["ann"]
    key = made.canary("name of a passkey", only("ann"))
    made.rows["passkey"] = Authenticator.objects.create(
        pk=73051188, user=ann, type=Authenticator.Type.WEBAUTHN, data={"name": key.word, "credential": {}}
    )  # fmt: skip
    _tokens(made)


TOKENS = {  # key: who makes it, for which team, with which scopes
    **{name: (name, "", ("read", "write", "share"))
       for name in ("alice", "mana", "bob", "charlie", "otto", "eve", "adam", "sam", "dora")},
    "alice writes": ("alice", "", ("write",)),
    "alice revoked": ("alice", "", ("read",)),
    "alice expired": ("alice", "", ("read",)),
    "team a": ("mana", "a", ("read",)),
    "team b": ("mia", "b", ("read", "write", "share")),
}  # fmt: skip


def _tokens(made: Canaries) -> None:
    for key, (by, team, scopes) in TOKENS.items():
        canary = made.canary(f"name of the token {key}", only(by))
        issued = directory.issue_token(
            name=canary.word, scopes=scopes, days=30,
            team=made.world.teams[team] if team else None, by=made.viewer(by),
        )  # fmt: skip
        canary.is_for(partial(_is_token, issued.public_id))  # it may know its own name
        made.secrets[key] = issued.secret
        made.add("token", issued, f"token {key}", only(by))


def end_tokens(made: Canaries) -> None:
    """One is revoked, one runs out."""
    revoked, expired = made.thing("token alice revoked"), made.thing("token alice expired")
    token = ApiToken.objects.get(public_id=revoked.id)
    directory.revoke_token(token=token, by=made.viewer("alice"))
    over = clock.now() - timedelta(minutes=1)
    ApiToken.objects.filter(public_id=expired.id).update(expires_at=over)


def _is_token(public_id: str, viewer: Viewer) -> bool:
    return viewer.token_id == public_id


def _may_know(team: Team) -> Sees:
    """Own teams; every team to members of the association, the secretariat and administrators."""
    return lambda viewer: (
        team.pk in viewer.team_ids
        or viewer.is_member
        or viewer.is_anywhere(Role.SECRETARIAT)
        or _runs_site(viewer)
    )


def _in_circle(circle: Circle) -> Sees:
    """The circles that the own teams in good standing are in; every one to an administrator."""
    return lambda viewer: circle.pk in viewer.circle_ids or _runs_site(viewer)


def _runs_site(viewer: Viewer) -> bool:
    return viewer.is_anywhere(Role.ADMIN) and viewer.scopes is None


def _may_meet(person: Person) -> Sees:
    """Colleagues, the contact people of one's circles, and everybody to an administrator."""

    def sees(viewer: Viewer) -> bool:
        person.refresh_from_db(fields=["state"])
        if person.state == PersonState.LEFT:
            return False
        rows = list(person.memberships.select_related("team"))
        return _runs_site(viewer) or any(
            row.team_id in viewer.team_ids
            or (
                row.role in (Role.CSIRT, Role.MANAGER)
                and row.team.seats.filter(circle_id__in=viewer.circle_ids).exists()
            )
            for row in rows
        )

    return sees


# ---- inventory -----------------------------------------------------------------------


def _inventory(made: Canaries) -> None:
    alice = made.viewer("alice")
    given = _system(made, "given", "a", "alice", "otto")
    other = _system(made, "other", "a", "alice", "olga")
    unowned = _system(made, "unowned", "a", "alice")
    retired = _system(made, "retired", "a", "alice", "otto")
    theirs = _system(made, "of b", "b", "bob", "oki")
    _component(made, "given", given, "alice")
    _component(made, "other", other, "alice")
    _component(made, "of b", theirs, "bob")
    gone = _component(made, "gone", given, "alice")
    inventory.remove_component(component=gone, by=alice)
    inventory.retire_system(system=retired, by=alice)
    press = ComponentDraft(vendor="Acme Works", name="Press Controller", version="4.0")
    for one, by in ((given, "alice"), (other, "alice"), (theirs, "bob")):
        inventory.add_component(system=one, draft=press, by=made.viewer(by))
    for vendor in ("", "Acme Works Ltd"):  # each to be asked about
        like = ComponentDraft(vendor=vendor, name="Press Controller", version="4.0")
        inventory.add_component(system=unowned, draft=like, by=alice)
    _imports(made, given, unowned, theirs)


def _system(made: Canaries, key: str, team: str, by: str, *owners: str) -> System:
    canary = made.canary(f"system {key}")
    system = inventory.add_system(
        team=made.world.teams[team], name=f"{key} {canary.word}", exposure="internet",
        place=canary.word, note=canary.word, owners=[made.person(name) for name in owners],
        by=made.viewer(by),
    )  # fmt: skip
    canary.stands_under(system.label)
    made.add("system", system, f"system {key}", by_label(system.label))
    made.rows[f"system {key}"] = system
    return system


def _component(made: Canaries, key: str, system: System, by: str) -> Component:
    canary = made.canary(f"component {key}")
    said = ComponentDraft(
        name=canary.word, vendor=canary.word, version="1.0", serial=canary.word, model=canary.word
    )
    component = inventory.add_component(system=system, draft=said, by=made.viewer(by))
    canary.stands_under(system.label)
    made.add(
        "component", component, f"component {key}", by_label(system.label), parent=system.public_id
    )
    return component


def _imports(made: Canaries, given: System, unowned: System, theirs: System) -> None:
    a, alice = made.world.teams["a"], made.viewer("alice")
    cell, brought = made.canary("cell of a table that waits"), made.canary("component in a file")
    table = f"製品,版\n{cell.word},1\n".encode()
    bill = build.sbom((brought.word, "1.0"))
    for key, raw, team, by, target in (
        ("waiting.csv", table, a, alice, given),
        ("done.json", bill, a, alice, given),
        ("failed.json", build.sbom(), a, alice, unowned),
        ("of b.json", build.sbom(("b-part", "1")), made.world.teams["b"], made.viewer("bob"), theirs),
    ):  # fmt: skip
        canary = made.canary(f"import {key}")
        name = f"{canary.word}.{key.partition('.')[2]}"
        entry = build.uploaded(raw, name, team, by, target=target, is_complete=False)
        canary.stands_under(entry.label)
        made.add("import", entry, f"import {key}", by_label(entry.label))
        if key == "waiting.csv":
            cell.stands_under(entry.label)
    brought.stands_under(given.label)
    run_jobs()


def _under_way(made: Canaries) -> None:
    """An import whose job has not run yet: after everything else, since jobs run in between."""
    name, part = made.canary("import under way"), made.canary("component in a file under way")
    entry = build.uploaded(
        build.sbom((part.word, "1")), f"{name.word}.json", made.world.teams["a"],
        made.viewer("alice"), target=made.rows["system unowned"], is_complete=False,
    )  # fmt: skip
    name.stands_under(entry.label)
    part.stands_under(made.rows["system unowned"].label)
    made.add("import", entry, "import under way", by_label(entry.label))


# ---- vulnerabilities -----------------------------------------------------------------

ADVISORIES = {  # key: number, TLP, team, who brings it, the circle that it is for
    "clear": (1, "CLEAR", "a", "alice", ""),
    "green": (2, "GREEN", "a", "alice", ""),
    "amber": (3, "AMBER", "a", "alice", ""),
    "strict": (4, "AMBER+STRICT", "a", "alice", "x"),
    "circle": (5, "AMBER", "a", "alice", "x"),
    "red": (6, "RED", "a", "alice", ""),
    "red of b": (7, "RED", "b", "bob", ""),
    "of c": (8, "AMBER", "c", "charlie", "y"),
}


def _advisories(made: Canaries) -> None:
    for key, (number, tlp, team, by, circle) in ADVISORIES.items():
        canary = made.canary(f"advisory {key}")
        received = vulnerabilities.receive_advisory(
            raw=document(number, canary.word, tlp), name=f"{key}.json",
            team=made.world.teams[team],
            circle=made.world.circles[circle] if circle else None, by=made.viewer(by),
        )  # fmt: skip
        canary.stands_under(received.advisory.label)
        made.add(
            "advisory", received.advisory, f"advisory {key}", by_label(received.advisory.label)
        )
        # An assessment is its team's own work, under that team's label, and has the title.
        opened = system.rows(Assessment, "a test looks what was opened").filter(key=cve(number))
        for row in opened.select_related("team", "label"):
            canary.stands_under(row.label)
            made.rows[f"assessment {key} in {row.team.slug}"] = row
            made.add("assessment", row, f"assessment {key} in {row.team.slug}", by_label(row.label))
    _advisory_import(made)


def _advisory_import(made: Canaries) -> None:
    names = made.canary("file of an import of advisories")
    batch = vulnerabilities.start_import(
        team=made.world.teams["a"], by=made.viewer("alice"),
        uploads=[ContentFile(b"{", f"{names.word}.json"), ContentFile(b"[]", f"{names.word}2.json")],
    )  # fmt: skip
    names.stands_under(batch.label)
    made.add("advisory import", batch, "advisory import", by_label(batch.label))
    named, told = made.canary("file that holds a RED advisory"), made.canary("advisory in a file")
    red = document(9, told.word, "RED")
    batch = vulnerabilities.start_import(
        team=made.world.teams["a"], by=made.viewer("alice"),
        uploads=[ContentFile(red, f"{named.word}.json"), ContentFile(b"{", "broken.json")],
    )  # fmt: skip
    made.add("advisory import", batch, "import of a RED advisory", by_label(batch.label))
    run_jobs()
    for advisory in system.rows(Advisory, "a test looks what came").filter(
        tracking_id="ACME-2026-009"
    ):
        named.stands_under(advisory.label)
        told.stands_under(advisory.label)
    for row in system.rows(Assessment, "a test looks what was opened").filter(key=cve(9)):
        told.stands_under(row.label)


def cve(number: int) -> str:
    return f"CVE-2026-{90000 + number}"


def document(number: int, word: str, tlp: str) -> bytes:
    """A CSAF 2.1 advisory that says ``word`` in its title and texts."""
    said = [{"category": "summary", "text": word}]
    return json.dumps(
        csaf_21_document(
            document__title=word,
            document__notes=said,
            document__distribution__tlp__label=tlp,
            document__tracking__id=f"ACME-2026-{number:03}",
            vulnerabilities__0__cve=cve(number),
            vulnerabilities__0__notes=[{"category": "description", "text": word}],
        )
    ).encode()


CHOICE: dict[str, Any] = {
    "exploitation": "active", "exposure": "open", "automatable": "yes", "human_impact": "high",
    "technical_impact": "total", "in_kev": True, "priority": "immediate",
}  # fmt: skip


def choice(text: str) -> Choice:
    """What an analyst may say of a vulnerability."""
    return Choice(**CHOICE, due_on=clock.today() + timedelta(days=3), reason=text, text=text)


def _assessments(made: Canaries) -> None:
    """Assessed, decided in three ways, back to assessment, and a match that was said to be ours."""
    alice, mana = made.viewer("alice"), made.viewer("mana")
    for key, decision, until in (
        ("green", "", None), ("strict", "", None), ("circle", "apply", None),
        ("clear", "not_affected", None), ("amber", "accept", clock.today() + timedelta(days=30)),
    ):  # fmt: skip
        row: Assessment = made.rows[f"assessment {key} in a"]
        said = made.canary(f"assessment of {key}", by_label(row.label))
        row = vulnerabilities.assess(assessment=row, choice=choice(said.word), by=alice)
        if decision:
            said = made.canary(f"decision on {key}", by_label(row.label))
            row = vulnerabilities.decide(
                assessment=row, decision=decision, text=said.word, accept_until=until, by=mana
            )
        made.rows[f"assessment {key} in a"] = row
    again = made.canary("what to look at again", by_label(row.label))
    vulnerabilities.reconsider(
        assessment=made.rows["assessment strict in a"], reason=again.word, by=mana
    )
    doubtful = AssessedSystem.objects.visible_to(alice).filter(certainty="waiting").order_by("pk")
    first = doubtful.select_related("assessment")[0]
    vulnerabilities.answer_match(assessment=first.assessment, part_id=first.pk, same=True, by=alice)
    # The answer counts for every part with the same names; those with others are still asked.
    made.rows["doubtful part"] = doubtful.all().select_related("assessment")[0]
    theirs = AssessedSystem.objects.visible_to(made.viewer("bob"))
    for part in theirs.exclude(assessment__team__slug="a").select_related("assessment__label"):
        sees = by_label(part.assessment.label)
        made.things["part"].append(Thing("part", str(part.pk), "part of b", sees))


# ---- instructions --------------------------------------------------------------------


def _instructions(made: Canaries) -> None:
    alice, mana = made.viewer("alice"), made.viewer("mana")
    _decided(made, alice)
    _instruct(made, "open", "given", "otto")
    _instruct(made, "of olga", "other", "olga")
    for key, what in (
        ("started", "started"), ("done", "done"), ("cannot", "cannot"), ("verified", "done"),
        ("sent back", "done"),
    ):  # fmt: skip
        _answered(made, key, what)
    withdrawn = _instruct(made, "withdrawn", "given", "otto")
    moved = _instruct(made, "moved", "given", "otto")

    def why(key: str) -> str:
        label = made.rows[f"instruction {key}"].label
        return made.canary(f"why the instruction {key} is so", by_label(label)).word

    measures.verify(instruction=made.rows["instruction verified"], note=why("verified"), by=mana)
    measures.withdraw(instruction=withdrawn, text=why("withdrawn"), by=alice)
    measures.send_back(
        instruction=made.rows["instruction sent back"], text=why("sent back"), by=alice
    )
    later = clock.now() + timedelta(days=4)
    measures.change_due(instruction=moved, due_at=later, text=why("moved"), by=alice)
    _instruct(made, "of b", "of b", "oki", team="b", by="bob")
    made.secrets["otto's link"] = _link(made.thing("instruction open"), "otto")
    made.secrets["otto's ended link"] = _link(made.thing("instruction withdrawn"), "otto")
    late = _instruct(made, "late", "given", "otto")
    system.rows(Instruction, "two days go by").filter(pk=late.pk).update(
        due_at=clock.now() - timedelta(days=2)
    )
    remind_late()


def _decided(made: Canaries, alice: Viewer) -> None:
    """An instruction tells its operators the vulnerability's title and the manager's sentence."""
    row = made.rows["assessment circle in a"]
    parts = AssessedSystem.objects.visible_to(alice).filter(assessment=row)
    said = made.canary("instruction decided")
    (given,) = vulnerabilities.instruct(
        assessment=row, systems=list(
            parts.filter(system=made.rows["system given"]).select_related("system__label", "component")
        ),
        kind="upgrade", text=said.word, due_on=clock.today() + timedelta(days=3), by=alice,
    )  # fmt: skip
    for canary in (said, made.about("advisory circle"), made.about("decision on circle")):
        canary.stands_under(given.label)
    made.add("instruction", given, "instruction decided", by_label(given.label))


def _instruct(
    made: Canaries, key: str, on: str, operator: str, *, team: str = "a", by: str = "alice"
) -> Instruction:
    said = made.canary(f"instruction {key}")
    viewer = made.viewer(by)
    row = measures.instruct(
        team=made.world.teams[team],
        subject=measures.Subject("assessment", f"V-{team}0000000", f"{said.word} の件", said.word),
        system=made.rows[f"system {on}"], kind="patch", text=said.word, why=said.word,
        due_at=clock.now() + timedelta(days=1), operators=[made.person(operator)],
        attachments=[measures.Upload(f"{said.word}.txt", said.word.encode())], by=viewer,
    )  # fmt: skip
    said.stands_under(row.label)
    # A system's name goes to whoever works on it.
    made.about(f"system {on}").stands_under(row.label)
    made.add("instruction", row, f"instruction {key}", by_label(row.label))
    for one in Attachment.objects.visible_to(viewer).filter(instruction=row):
        made.add("file", one, f"file of {key}", by_label(row.label), parent=row.public_id)
    made.rows[f"instruction {key}"] = row
    return row


def _answered(made: Canaries, key: str, what: str) -> None:
    row, otto = _instruct(made, key, "given", "otto"), made.viewer("otto")
    said = made.canary(f"answer to {key}", by_label(row.label))
    shown = [measures.Upload(f"{said.word}.png", said.word.encode())] if what == "done" else []
    measures.answer(
        instruction=row, what=what, text=said.word, files=shown,
        reason="failed" if what == "cannot" else "", by=otto,
    )  # fmt: skip
    for one in Evidence.objects.visible_to(otto).filter(answer__instruction=row):
        made.add("file", one, f"evidence for {key}", by_label(row.label), parent=row.public_id)
    row.refresh_from_db()


def _link(thing: Thing, name: str) -> str:
    links_of = Link.objects.filter(
        thing_id=thing.id, person=Person.objects.get(mail__startswith=f"{name}@")
    )
    link = links_of.order_by("pk").first()
    assert link is not None, f"nobody mailed {name} a link to {thing.what}"
    return links.secret_of(link)


# ---- warnings ------------------------------------------------------------------------


def _warnings(made: Canaries) -> None:
    for state in ("draft", "released", "withdrawn"):
        for sensitivity in Sensitivity:
            if sensitivity is not Sensitivity.INTERNAL:
                _warning(made, f"{sensitivity.value} {state}", sensitivity, state)
    _warning(made, "green embargoed", Sensitivity.GREEN, embargo=True)
    _warning(made, "clear embargoed", Sensitivity.CLEAR, embargo=True)
    _warning(made, "of c", Sensitivity.AMBER, by="charlie", circle="y")
    _warning(made, "red draft of b", Sensitivity.RED, "draft", by="bob")
    _warning(made, "amber draft of b", Sensitivity.AMBER, "draft", by="bob")
    sides = {made.world.teams["a"].pk, made.world.teams["b"].pk}
    note = made.canary(
        "answer of team B to a warning", lambda viewer: bool(viewer.reading_team_ids & sides)
    )
    warnings.answer(
        warning=made.rows["warning amber released"], state="affected", note=note.word,
        by=made.viewer("bob"),
    )  # fmt: skip
    for key in ("amber released", "green released", "amber withdrawn"):
        made.secrets[f"bob's link {key}"] = _link(made.thing(f"warning {key}"), "bob")


def _warning(
    made: Canaries, key: str, sensitivity: Sensitivity, state: str = "released", *,
    by: str = "alice", circle: str = "x", embargo: bool = False,
) -> None:  # fmt: skip
    said, started = made.canary(f"warning {key}"), made.canary(f"origin of the warning {key}")
    viewer = made.viewer(by)
    (team,) = Team.objects.filter(pk__in=viewer.reading_team_ids)
    red = sensitivity is Sensitivity.RED
    far = sensitivity in (Sensitivity.GREEN, Sensitivity.CLEAR) and not embargo
    row = warnings.draft(
        team=team,
        content=warnings.Content(
            sensitivity=sensitivity, circle=None if red or far else made.world.circles[circle],
            named=[made.person(name) for name in ("bob", "sam", "dora", "alice")] if red else [],
            embargo_until=clock.now() + timedelta(days=2) if embargo else None,
            title=said.word, title_en=said.word, text=said.word, todo=said.word,
        ),
        about=warnings.About("assessment", made.thing("assessment green in a").id, started.word),
        by=viewer,
    )  # fmt: skip
    if state != "draft":
        row = warnings.release(warning=row, by=viewer)
    said.stands_under(row.label)
    # The origin stays with the team that wrote it; no viewer of another team reads its label.
    started.is_for(lambda viewer: team.pk in viewer.reading_team_ids)
    if state == "withdrawn":
        why = made.canary(f"why the warning {key} was withdrawn", by_label(row.label))
        row = warnings.withdraw(warning=row, why=why.word, by=viewer)
    made.add("warning", row, f"warning {key}", by_label(row.label))
    made.rows[f"warning {key}"] = row


# ---- reports -------------------------------------------------------------------------


def _reports(made: Canaries) -> None:
    """What a report tells of the team's work goes to the executives once it is issued."""
    today = clock.today()
    for key in ("draft", "issued"):
        said = made.canary(f"report {key}")
        row = reports.make_report(
            team=made.world.teams["a"], from_on=today.replace(day=1), to_on=today, note=said.word,
            title=said.word, by=made.viewer("alice"),
        )  # fmt: skip
        if key == "issued":
            row = reports.issue(report=row, by=made.viewer("mana"))
        said.stands_under(row.label)
        made.add("report", row, f"report {key}", by_label(row.label))
        made.rows[f"report {key}"] = row
        for one in ADVISORIES:
            if f"assessment {one} in a" in made.rows and one != "red":
                made.about(f"advisory {one}").stands_under(row.label)
        for one in ("circle", "clear", "amber"):
            made.about(f"decision on {one}").stands_under(row.label)
