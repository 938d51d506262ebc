"""How every door is tried: what fills its path, what may be asked, what a right form holds.

One line for each route, operation, job and mail. A door without a line fails
``tests/leaks/test_registry.py`` with a sentence that names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from noroshi.core import clock
from noroshi.directory.models import Person, Role, Team
from noroshi.directory.tokens import PasswordLinks, secret_of
from noroshi.sharing.audience import audience_of
from noroshi.warnings.actions import fingerprint
from tests.harness.canaries import CHOICE, Canaries, Sees
from tests.harness.people import PASSWORD

INSIDE = ("alice", "ann", "mana")  # the readers and writers of team A's own work
ADMIN = ("adam",)


@dataclass(frozen=True)
class Part:
    """One place of a path: its name, what fills it, and who may know that it is there."""

    name: str
    id: str
    sees: Sees = lambda viewer: True


@dataclass(frozen=True)
class Place:
    """A whole path, and for a secret the words that whoever holds it may read."""

    parts: tuple[Part, ...] = ()
    opens: frozenset[str] = frozenset()

    @property
    def filled(self) -> dict[str, str]:
        return {part.name: part.id for part in self.parts}


Body = Callable[[Canaries], Mapping[str, Any]]


@dataclass(frozen=True)
class Write:
    """A form that is right, by whom and where; everybody not in ``allowed`` is refused.

    ``anybody`` names the tables that everybody may write through this door (his own row).
    ``refers`` names fields that hold ids, with the kind of thing; after a ``=`` the id is kept
    as it is said and opens nothing: what is hidden is taken like what is not there.
    ``why_silent`` says why the right form changes no row.
    """

    by: str = "alice"
    at: Callable[[Canaries], Mapping[str, str]] = lambda made: {}
    body: Body = lambda made: {}
    allowed: tuple[str, ...] = INSIDE
    anybody: frozenset[str] = frozenset()
    refers: Mapping[str, str] = field(default_factory=dict)
    why_silent: str = ""
    multipart: bool = False  # of the API: not JSON but a form with a file


@dataclass(frozen=True)
class Example:
    """``asks`` are the names of its query: each with the kind of thing that it names, ``word``
    (with the sorts of words where not all), or ``=`` and what is asked."""

    places: Callable[[Canaries], list[Place]] = lambda made: [Place()]
    asks: Mapping[str, str] = field(default_factory=dict)
    write: Write | None = None
    slow: bool = False  # for who may see it, once is enough


# ---- what fills a path -----------------------------------------------------------------


def each(kind: str, name: str, **fixed: str) -> Callable[[Canaries], list[Place]]:
    """One place for every thing of a kind."""
    more = tuple(Part(key, value) for key, value in fixed.items())
    return lambda made: [
        Place((Part(name, thing.id, thing.sees), *more)) for thing in made.things[kind]
    ]


def under(parent: str, name: str, child: str, child_name: str) -> Callable[[Canaries], list[Place]]:
    """Every child under its own parent, and under another one, where it is nobody's."""

    def places(made: Canaries) -> list[Place]:
        found = []
        for one in made.things[child]:
            own = next(each for each in made.things[parent] if each.id == one.parent)
            other = next(each for each in made.things[parent] if each.id != one.parent)
            found.append((own, one.id, one.sees))
            if len(found) < 12:
                found.append((other, one.id, nobody))
        return [
            Place((Part(name, above.id, above.sees), Part(child_name, child_id, sees)))
            for above, child_id, sees in found
        ]

    return places


def in_team(kind: str, called: str, /, **fixed: str) -> Callable[[Canaries], list[Place]]:
    """Somebody or something in its team and in another; who runs the team may know of it."""
    more = tuple(Part(key, value) for key, value in fixed.items())

    def places(made: Canaries) -> list[Place]:
        return [
            Place((
                Part("team_id", team.id, team.sees),
                Part(called, thing.id, runs(team.id) if team.id in thing.parent else nobody),
                *more,
            ))
            for team in made.things["team"][:2]
            for thing in made.things[kind][:5]
        ]  # fmt: skip

    return places


def runs(team_id: str) -> Sees:
    """The team's security manager and administrators, in person."""
    team = Team.objects.get(public_id=team_id)
    return lambda viewer: (
        viewer.scopes is None
        and (viewer.has_role(team.pk, Role.MANAGER) or viewer.is_anywhere(Role.ADMIN))
    )


def held(**secrets: tuple[str, tuple[str, ...]]) -> Callable[[Canaries], list[Place]]:
    """Places behind a mailed secret: by its key, the words that its holder may read."""
    return lambda made: [
        Place((Part("secret", made.secrets[key]),), frozenset(opens))
        for key, opens in secrets.values()
    ]


def at(**named: str) -> Callable[[Canaries], Mapping[str, str]]:
    """Path parts by the names of things; ``=text`` stands for itself."""
    return lambda made: {
        name: what[1:] if what.startswith("=") else made.thing(what).id
        for name, what in named.items()
    }


def nobody(viewer: Any) -> bool:
    """Something that is nobody's where it stands."""
    return False


def _anybody(viewer: Any) -> bool:
    return True


def _id(made: Canaries, what: str) -> str:
    return made.thing(what).id


def _file(name: str, raw: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, raw)


def _soon() -> str:
    return (clock.now() + timedelta(days=5)).strftime("%Y-%m-%dT%H:%M")


def _day() -> str:
    return (clock.today() + timedelta(days=3)).isoformat()


# ---- forms -----------------------------------------------------------------------------


def _system(made: Canaries) -> dict[str, Any]:
    return {
        "name": "新しいシステム", "exposure": "internal", "criticality": "low",
        "environment": "production", "place": "", "owners": [_id(made, "otto")], "note": "",
    }  # fmt: skip


def _new_system(made: Canaries) -> dict[str, Any]:
    return {**_system(made), "team": _id(made, "team a")}


def _component(made: Canaries) -> dict[str, Any]:
    return {"vendor": "Acme", "name": "新しい部品", "version": "2.0"}


def _import(made: Canaries) -> dict[str, Any]:
    return {
        "file": _file("list.csv", "製品,版\nnginx,1\n".encode()), "team": _id(made, "team a"),
        "system": _id(made, "system given"), "is_complete": "",
    }  # fmt: skip


def _assess(made: Canaries) -> dict[str, Any]:
    return {**CHOICE, "in_kev": "on", "due_on": _day(), "reason": "保守の窓", "text": "調べた"}


def _instruct(made: Canaries) -> dict[str, Any]:
    return {
        "systems": [_id(made, "system given")], "kind": "upgrade", "wanted_version": "4.1",
        "text": "版を上げる", "due_on": _day(), "operator": _id(made, "otto"),
    }  # fmt: skip


def _warning(made: Canaries) -> dict[str, Any]:
    return {
        "do": "save", "label": "amber", "circle": _id(made, "circle x"), "named": [_id(made, "bob")],
        "kind": "exploited", "title": "題", "text": "本文", "todo": "する", "cve": "CVE-2026-90001",
        "team": _id(made, "team a"), "about": _id(made, "assessment green in a"), "about_key": "",
    }  # fmt: skip


def _seen(made: Canaries) -> dict[str, Any]:
    row = made.rows["warning amber draft"]
    return {"seen": fingerprint(row, audience_of(row.label))}


def _again(made: Canaries) -> dict[str, Any]:
    return {"text": "もう一度", "due_at": _soon(), "operators": [_id(made, "otto")]}


def _password_link(made: Canaries) -> Mapping[str, str]:
    ann = Person.objects.get(pk=made.person("ann").pk)  # as she is now: she has signed in since
    return {"secret": f"{ann.public_id}~{PasswordLinks().make_token(ann)}"}


def _invitation(made: Canaries) -> Mapping[str, str]:
    return {"secret": secret_of("invite", made.thing("invitation").id)}


def _link(key: str) -> Callable[[Canaries], Mapping[str, str]]:
    return lambda made: {"secret": made.secrets[key]}


def _place(filled: Callable[[Canaries], Mapping[str, str]], *opens: str) -> Any:
    return lambda made: [
        Place(tuple(Part(name, value) for name, value in filled(made).items()), frozenset(opens))
    ]


DEVICE = "a device has to sign, which tests/directory does"
FRESH = "asks for the password again first, which tests/directory does"
PERSON = frozenset({"directory_person", "core_historyrow", "directory_letter", "django_q_ormq"})
HOLDER = ("public", "alice", "ann", "mana", "otto", "olga", "eve", "bob", "mia", "charlie", "sora", "adam", "sam", "dora", "leo", "oki")  # fmt: skip

SECURITY = "settings/security/"
SYSTEM, SYSTEMS = "systems/<system_id>", each("system", "system_id")
COMPONENT = f"{SYSTEM}/components/<component_id>"
COMPONENTS = under("system", "system_id", "component", "component_id")
WORK, WORKS = "vulnerabilities/<public_id>", each("assessment", "public_id")
TASK, TASKS = "measures/<public_id>", each("instruction", "public_id")
WARNING, WARNINGS = "warnings/<public_id>", each("warning", "public_id")
REPORT, REPORTS = "reports/<public_id>", each("report", "public_id")
GIVEN = at(system_id="system given")
PART = at(system_id="system given", component_id="component given")
OTTOS = ("instruction open", "system given")

EXAMPLES: dict[str, Example] = {
    # ---- desk
    "": Example(),
    "search": Example(asks={"q": "word"}),
    "health": Example(),
    # ---- coming in
    "account/login": Example(write=Write(
        "public", body=lambda made: {"login": "ann@a.example", "password": PASSWORD},
        allowed=HOLDER, why_silent="her passkey is asked for next")),
    "account/logout": Example(write=Write(
        allowed=HOLDER, why_silent="ends a session, which is no content")),
    "account/passkey": Example(write=Write(
        "public", body=lambda made: {"credential": "{}"}, allowed=HOLDER, why_silent=DEVICE)),
    "account/second": Example(write=Write(
        "public", body=lambda made: {"code": "000000"}, allowed=HOLDER, why_silent=DEVICE)),
    "account/sample/<person_id>": Example(each("person", "person_id"), write=Write(
        "public", at(person_id="alice"), allowed=(), why_silent="there is no sample here")),
    "account/password/forgotten": Example(write=Write(
        "public", body=lambda made: {"mail": "ann@a.example"}, allowed=HOLDER, anybody=PERSON)),
    "account/password/new/<secret>": Example(_place(_password_link), write=Write(
        "public", _password_link,
        lambda made: {"password": "staple battery 77 horse", "again": "staple battery 77 horse"},
        allowed=HOLDER, anybody=PERSON)),
    "invitation/<secret>": Example(_place(_invitation, "name of somebody invited to team A"),
        write=Write("public", _invitation, lambda made: {
            "name": "新しい人", "password": "staple battery 77 horse",
            "again": "staple battery 77 horse", "language": "ja"}, allowed=HOLDER,
            anybody=PERSON | {"directory_invitation", "directory_membership"})),
    # ---- the own account
    SECURITY: Example(),
    f"{SECURITY}password": Example(write=Write("ann", body=lambda made: {
        "oldpassword": PASSWORD, "password1": "staple battery 77 horse",
        "password2": "staple battery 77 horse"}, allowed=HOLDER, anybody=PERSON)),
    f"{SECURITY}again": Example(write=Write(
        "ann", body=lambda made: {"password": PASSWORD}, allowed=HOLDER,
        why_silent="is noted in the session alone")),
    f"{SECURITY}again/code": Example(write=Write(
        body=lambda made: {"code": "000000"}, allowed=HOLDER, why_silent=DEVICE)),
    f"{SECURITY}again/passkey": Example(write=Write(
        body=lambda made: {"credential": "{}"}, allowed=HOLDER, why_silent=DEVICE)),
    f"{SECURITY}app": Example(write=Write(
        body=lambda made: {"code": "000000"}, allowed=HOLDER, why_silent=DEVICE)),
    f"{SECURITY}app/remove": Example(write=Write(allowed=HOLDER, why_silent=DEVICE)),
    f"{SECURITY}codes": Example(write=Write(allowed=HOLDER, why_silent="shows them on asking")),
    f"{SECURITY}codes/new": Example(write=Write(allowed=HOLDER, why_silent=FRESH)),
    f"{SECURITY}passkeys/new": Example(write=Write(body=lambda made: {
        "name": "鍵", "credential": "{}"}, allowed=HOLDER, why_silent=DEVICE)),
    f"{SECURITY}passkeys/<pk>/remove": Example(
        lambda made: [Place((Part("pk", str(made.rows["passkey"].pk), nobody),))],
        write=Write("ann", lambda made: {"pk": str(made.rows["passkey"].pk)}, why_silent=FRESH,
                    allowed=("ann",))),
    "settings": Example(write=Write(body=lambda made: {
        "language": "ja", "time_zone": "Asia/Tokyo", "theme": "dark"},
        allowed=HOLDER, anybody=PERSON)),
    "settings/theme": Example(write=Write(
        body=lambda made: {"theme": "dark"}, allowed=HOLDER, anybody=PERSON)),
    "settings/language": Example(write=Write(
        body=lambda made: {"language": "ja"}, allowed=HOLDER, anybody=PERSON)),
    "settings/tokens": Example(write=Write(body=lambda made: {
        "name": "取り込み", "team": "me", "scopes": ["read"], "days": "30"}, allowed=HOLDER,
        anybody=PERSON | {"directory_apitoken"}, refers={"team": "team"})),
    "settings/tokens/<token_id>": Example(each("token", "token_id"), write=Write(
        at=at(token_id="token alice"), allowed=("alice",))),
    # ---- teams, people, circles
    "teams/": Example(asks={"q": "word name", "standing": "=active", "view": "=mine"}),
    "teams/<team_id>": Example(each("team", "team_id")),
    "teams/<team_id>/standing": Example(each("team", "team_id"), write=Write(
        "adam", at(team_id="team c"), lambda made: {"standing": "suspended"}, allowed=ADMIN)),
    "teams/<team_id>/invite": Example(each("team", "team_id"), write=Write(
        "mana", at(team_id="team a"), lambda made: {
            "mail": "x@a.example", "name": "名", "role": "csirt", "language": "ja"},
        allowed=("mana", "adam"))),
    "teams/<team_id>/invitations/<invitation_id>": Example(
        in_team("invitation", "invitation_id"), write=Write(
        "mana", at(team_id="team a", invitation_id="invitation"), allowed=("mana", "adam"))),
    "teams/<team_id>/people": Example(each("team", "team_id"), asks={"state": "=active"}),
    "teams/<team_id>/people/<person_id>": Example(
        in_team("person", "person_id"), write=Write(
        "mana", at(team_id="team a", person_id="ann"),
        lambda made: {"roles": ["csirt", "manager"]}, allowed=("mana", "adam"))),
    "teams/<team_id>/people/<person_id>/<name>": Example(
        in_team("person", "person_id", name="suspend"), write=Write(
        "mana", at(team_id="team a", person_id="otto", name="=suspend"),
        allowed=("mana", "adam"))),
    "people/<person_id>": Example(each("person", "person_id")),
    "circles/": Example(),
    "circles/new": Example(write=Write("adam", body=lambda made: {
        "name": "新しい輪", "name_en": "", "purpose": "", "teams": [_id(made, "team c")]},
        allowed=ADMIN)),
    "circles/<circle_id>": Example(each("circle", "circle_id")),
    "circles/<circle_id>/teams": Example(each("circle", "circle_id"), write=Write(
        "adam", at(circle_id="circle x"), lambda made: {"teams": [_id(made, "team c")]},
        allowed=ADMIN)),
    "organisations/": Example(),
    "organisations/new": Example(write=Write(
        "adam", body=lambda made: {"name": "新会社", "name_en": ""}, allowed=ADMIN)),
    "organisations/<organisation_id>/teams/new": Example(
        each("organisation", "organisation_id"), write=Write(
        "adam", at(organisation_id="organisation of c"), lambda made: {
            "name": "新班", "name_en": "", "slug": "new", "mail": "", "is_member": "on"},
        allowed=ADMIN)),
    # ---- inventory
    "systems/": Example(asks={
        "q": "word system component", "owner": "person", "exposure": "=internet", "criticality": "=medium",
        "environment": "=production", "view": "=retired", "sort": "=-name"}),
    "systems/new": Example(write=Write(
        body=_new_system, refers={"team": "team", "owners": "person"})),
    "systems/systems.csv": Example(asks={"q": "word system", "owner": "person", "view": "=retired"}),
    "systems/import": Example(asks={"system": "system"}, write=Write(
        body=_import, refers={"team": "team", "system": "system"})),
    "systems/imports/": Example(),
    "systems/imports/<import_id>": Example(
        each("import", "import_id"), asks={"kind": "=came"}),
    "systems/imports/<import_id>/columns": Example(each("import", "import_id"), write=Write(
        at=at(import_id="import waiting.csv"), body=lambda made: {"name": "0", "version": "1"})),
    "systems/imports/<import_id>/resume": Example(each("import", "import_id"), write=Write(
        at=at(import_id="import under way"))),
    SYSTEM: Example(SYSTEMS, asks={"q": "word component", "view": "=gone", "sort": "=-name"}),
    f"{SYSTEM}/change": Example(SYSTEMS, write=Write(
        at=GIVEN, body=_system, refers={"owners": "person"})),
    f"{SYSTEM}/retire": Example(SYSTEMS, write=Write(at=GIVEN)),
    f"{SYSTEM}/components.csv": Example(SYSTEMS),
    f"{SYSTEM}/components/new": Example(SYSTEMS, write=Write(at=GIVEN, body=_component)),
    COMPONENT: Example(COMPONENTS),
    f"{COMPONENT}/change": Example(COMPONENTS, write=Write(at=PART, body=_component)),
    f"{COMPONENT}/version": Example(COMPONENTS, write=Write(
        at=PART, body=lambda made: {"version": "2.0"}, allowed=(*INSIDE, "otto"))),
    f"{COMPONENT}/remove": Example(COMPONENTS, write=Write(at=PART)),
    # ---- vulnerabilities
    "vulnerabilities/": Example(asks={
        "q": "word advisory decision", "system": "system", "view": "=closed", "state": "=to_assess",
        "severity": "=high", "priority": "=immediate", "exploited": "=1", "sort": "=-due"}),
    "vulnerabilities/advisories/": Example(asks={"q": "word advisory"}),
    "vulnerabilities/advisories/import": Example(write=Write(body=lambda made: {
        "team": _id(made, "team a"), "files": _file("a.json", b"{}")}, refers={"team": "team"})),
    "vulnerabilities/advisories/imports/<public_id>": Example(
        each("advisory import", "public_id"), asks={"outcome": "=refused"}),
    "vulnerabilities/advisories/<public_id>": Example(each("advisory", "public_id")),
    "vulnerabilities/advisories/<public_id>/original": Example(each("advisory", "public_id")),
    WORK: Example(WORKS),
    f"{WORK}/match": Example(WORKS, write=Write(
        at=lambda made: {"public_id": made.rows["doubtful part"].assessment.public_id},
        body=lambda made: {"part": str(made.rows["doubtful part"].pk), "answer": "yes"},
        refers={"part": "part"})),
    f"{WORK}/assess": Example(WORKS, write=Write(
        at=at(public_id="assessment strict in a"), body=_assess)),
    f"{WORK}/decide": Example(WORKS, write=Write(
        "mana", at(public_id="assessment green in a"),
        lambda made: {"decision": "apply", "accept_until": "", "text": "直す"}, allowed=("mana",))),
    f"{WORK}/reconsider": Example(WORKS, write=Write(
        at=at(public_id="assessment green in a"), body=lambda made: {"reason": "もう一度"})),
    f"{WORK}/instruct": Example(WORKS, write=Write(
        at=at(public_id="assessment circle in a"), body=_instruct,
        refers={"systems": "system", "operator": "person"})),
    f"{WORK}/instruct/readers": Example(WORKS, write=Write(
        at=at(public_id="assessment circle in a"), body=_instruct,
        why_silent="only shows who reads",
        refers={"systems": "system", "operator": "person"})),
    f"{WORK}/reported": Example(WORKS, write=Write(at=at(public_id="assessment circle in a"))),
    # ---- instructions
    "measures/": Example(asks={
        "q": "word instruction answer", "subject": "assessment", "system": "system", "view": "=open",
        "kind": "=patch", "state": "=open"}),
    TASK: Example(TASKS),
    f"{TASK}/answer": Example(TASKS, write=Write(
        "otto", at(public_id="instruction open"), lambda made: {"what": "started"},
        allowed=("otto",))),
    "measures/answer/<secret>": Example(
        held(first=("otto's link", OTTOS), ended=("otto's ended link", ())), write=Write(
        "public", _link("otto's link"), lambda made: {"what": "started"}, allowed=HOLDER,
        anybody=PERSON | {"measures_instruction", "measures_answer", "sharing_link"})),
    "measures/answer/<secret>/files/<file_id>": Example(lambda made: [
        Place((Part("secret", made.secrets["otto's link"]),
               Part("file_id", one.id, _anybody if one.parent == _id(made, "instruction open") else nobody)),
              frozenset(OTTOS))
        for one in made.things["file"]]),
    f"{TASK}/files/<file_id>": Example(under("instruction", "public_id", "file", "file_id")),
    f"{TASK}/verify": Example(TASKS, write=Write(
        at=at(public_id="instruction done"), body=lambda made: {"note": "見た"})),
    f"{TASK}/send-back": Example(TASKS, write=Write(
        at=at(public_id="instruction done"), body=lambda made: {"text": "足りない"})),
    f"{TASK}/due": Example(TASKS, write=Write(
        at=at(public_id="instruction open"), body=lambda made: {"due_at": _soon(), "text": ""})),
    f"{TASK}/again": Example(TASKS, write=Write(
        at=at(public_id="instruction open"), body=_again, refers={"operators": "person"})),
    f"{TASK}/withdraw": Example(TASKS, write=Write(
        at=at(public_id="instruction open"), body=lambda made: {"text": "不要"})),
    f"{TASK}/link": Example(TASKS, write=Write(at=at(public_id="instruction open"))),
    # ---- warnings
    "warnings/": Example(asks={
        "q": "word warning origin", "view": "=drafts", "kind": "=exploited", "label": "=red"}),
    "warnings/new": Example(asks={"about": "assessment", "key": "=CVE-2026-90001", "title": "=x"},
        write=Write(body=_warning, refers={"circle": "circle", "named": "person", "team": "team"})),
    "warnings/preview": Example(write=Write(
        body=lambda made: {**_warning(made), "do": ""}, why_silent="only shows who reads",
        refers={"circle": "circle", "named": "person", "team": "team"})),
    "warnings/answer/<secret>": Example(held(
        amber=("bob's link amber released", ()),
        green=("bob's link green released", ("warning green released",)),
        ended=("bob's link amber withdrawn", ())), write=Write(
        "public", _link("bob's link amber released"), lambda made: {
            "state": "not_affected", "note": "", "team": ""}, allowed=HOLDER,
        anybody=PERSON | {"warnings_answer", "sharing_link", "sharing_receipt"})),
    WARNING: Example(WARNINGS),
    f"{WARNING}/edit": Example(WARNINGS, write=Write(
        at=at(public_id="warning amber draft"),
        body=lambda made: {**_warning(made), "about": "", "about_key": ""},
        refers={"circle": "circle", "named": "person"})),
    f"{WARNING}/preview": Example(WARNINGS, write=Write(
        at=at(public_id="warning amber draft"), body=lambda made: {**_warning(made), "do": ""},
        why_silent="only shows who reads")),
    f"{WARNING}/release": Example(WARNINGS, write=Write(
        at=at(public_id="warning amber draft"), body=_seen)),
    f"{WARNING}/discard": Example(WARNINGS, write=Write(at=at(public_id="warning amber draft"))),
    f"{WARNING}/withdraw": Example(WARNINGS, write=Write(
        at=at(public_id="warning amber released"), body=lambda made: {"why": "誤り"})),
    f"{WARNING}/answer": Example(WARNINGS, write=Write(
        "bob", at(public_id="warning green released"),
        lambda made: {"state": "affected", "note": "", "team": ""},
        allowed=("bob", "mia", "charlie", "sora"), refers={"team": "team"})),
    # ---- reports
    "reports/": Example(),
    "reports/new": Example(write=Write(body=lambda made: {
        "team": _id(made, "team a"), "period": "month", "from_on": "", "to_on": "", "title": "",
        "note": "月次"}, refers={"team": "team"})),
    REPORT: Example(REPORTS),
    f"{REPORT}/report.pdf": Example(REPORTS, slow=True),
    f"{REPORT}/issue": Example(REPORTS, write=Write("mana", at(public_id="report draft"))),
    f"{REPORT}/discard": Example(REPORTS, write=Write(at=at(public_id="report draft"))),
}  # fmt: skip

API = "api/v1/"
BY_TOKEN = ("token alice", "token mana", "token alice writes")


def _calls(method: str, path: str, example: Example) -> dict[str, Example]:
    return {f"{method} {API}{path}": example}


def _moment() -> str:
    return (clock.now() + timedelta(days=5)).isoformat()


def _today() -> str:
    return clock.today().isoformat()


def _content(made: Canaries) -> dict[str, Any]:
    return {
        "tlp": "TLP:AMBER", "circle": _id(made, "circle x"), "named": [_id(made, "bob")],
        "title": "題", "text": "本文", "todo": ["する"],
    }  # fmt: skip


def _part(made: Canaries) -> Mapping[str, str]:
    part = made.rows["doubtful part"]
    return {"vulnerability_id": part.assessment.public_id, "component_id": part.component.public_id}


A_SYSTEM, A_COMPONENT = "systems/<system_id>", "systems/<system_id>/components/<component_id>"
AN_IMPORT, A_VULNERABILITY = "imports/<import_id>", "vulnerabilities/<vulnerability_id>"
AN_INSTRUCTION, A_WARNING = "instructions/<instruction_id>", "warnings/<warning_id>"
_IMPORTS, _VULNERABILITIES = each("import", "import_id"), each("assessment", "vulnerability_id")
_INSTRUCTIONS, _WARNINGS = each("instruction", "instruction_id"), each("warning", "warning_id")


def _api(
    at: Callable[[Canaries], Mapping[str, str]] = lambda made: {}, body: Body = lambda made: {},
    by: str = "token alice", allowed: tuple[str, ...] = BY_TOKEN, **more: Any,
) -> Write:  # fmt: skip
    return Write(by, at, body, allowed, **more)


EXAMPLES |= {
    f"{API}openapi.json": Example(),
    f"{API}docs": Example(),
    f"{API}<rest>": Example(lambda made: [Place((Part("rest", "nothing/here"),))]),
    **_calls("GET", "me", Example()),
    **_calls("GET", "teams", Example(asks={"q": "word name", "mine": "=true"})),
    **_calls("GET", "teams/<team_id>", Example(each("team", "team_id"))),
    **_calls("GET", "circles", Example()),
    **_calls("GET", "circles/<circle_id>", Example(each("circle", "circle_id"))),
    **_calls("GET", "people", Example(asks={"q": "word name", "team": "team"})),
    **_calls("GET", "people/<person_id>", Example(each("person", "person_id"))),
    # ---- inventory
    **_calls("GET", "systems", Example(asks={
        "q": "word system component", "owner": "person", "exposure": "=internet", "criticality": "=medium",
        "environment": "=production", "retired": "=true", "sort": "=-name"})),
    **_calls("POST", "systems", Example(write=_api(
        body=lambda made: {"team": _id(made, "team a"), "name": "新しい",
                           "owners": [_id(made, "otto")]},
        refers={"team": "team", "owners": "person"}))),
    **_calls("GET", A_SYSTEM, Example(SYSTEMS)),
    **_calls("PATCH", A_SYSTEM, Example(SYSTEMS, write=_api(
        GIVEN, lambda made: {"note": "変えた"}))),
    **_calls("POST", f"{A_SYSTEM}/retire", Example(SYSTEMS, write=_api(GIVEN))),
    **_calls("GET", "components", Example()),
    **_calls("GET", f"{A_SYSTEM}/components", Example(
        SYSTEMS, asks={"q": "word component", "view": "=gone"})),
    **_calls("POST", f"{A_SYSTEM}/components", Example(SYSTEMS, write=_api(GIVEN, _component))),
    **_calls("GET", A_COMPONENT, Example(COMPONENTS)),
    **_calls("PATCH", A_COMPONENT, Example(COMPONENTS, write=_api(
        PART, lambda made: {"kind": "library"}))),
    **_calls("PUT", f"{A_COMPONENT}/version", Example(COMPONENTS, write=_api(
        PART, lambda made: {"version": "2.0"}, allowed=(*BY_TOKEN, "token otto")))),
    **_calls("DELETE", A_COMPONENT, Example(COMPONENTS, write=_api(PART))),
    **_calls("GET", "imports", Example()),
    **_calls("POST", "imports", Example(write=_api(
        body=lambda made: {**_import(made), "is_complete": "false"}, multipart=True,
        refers={"team": "team", "system": "system"}))),
    **_calls("GET", AN_IMPORT, Example(_IMPORTS)),
    **_calls("PUT", f"{AN_IMPORT}/columns", Example(_IMPORTS, write=_api(
        at(import_id="import waiting.csv"), lambda made: {"mapping": {"name": 0, "version": 1}}))),
    **_calls("POST", f"{AN_IMPORT}/resume", Example(_IMPORTS, write=_api(
        at(import_id="import under way")))),
    **_calls("GET", f"{AN_IMPORT}/changes", Example(_IMPORTS, asks={"kind": "=came"})),
    # ---- vulnerabilities
    **_calls("GET", "vulnerabilities", Example(asks={
        "q": "word advisory decision", "system": "system", "view": "=closed", "state": "=to_assess",
        "severity": "=high", "priority": "=immediate", "exploited": "=true", "sort": "=-due"})),
    **_calls("GET", A_VULNERABILITY, Example(_VULNERABILITIES)),
    **_calls("GET", f"{A_VULNERABILITY}/proposal", Example(_VULNERABILITIES)),
    **_calls("PUT", f"{A_VULNERABILITY}/assessment", Example(_VULNERABILITIES, write=_api(
        at(vulnerability_id="assessment strict in a"),
        lambda made: {**CHOICE, "due_on": _day(), "reason": "保守の窓"}))),
    **_calls("PUT", f"{A_VULNERABILITY}/decision", Example(_VULNERABILITIES, write=_api(
        at(vulnerability_id="assessment green in a"),
        lambda made: {"decision": "apply", "text": "直す"}, "token mana", ("token mana",)))),
    **_calls("POST", f"{A_VULNERABILITY}/reconsider", Example(_VULNERABILITIES, write=_api(
        at(vulnerability_id="assessment green in a"), lambda made: {"reason": "もう一度"}))),
    **_calls("POST", f"{A_VULNERABILITY}/instructions", Example(_VULNERABILITIES, write=_api(
        at(vulnerability_id="assessment circle in a"), lambda made: {
            "systems": [_id(made, "system given")], "kind": "upgrade", "text": "版を上げる",
            "due_on": _day(), "operators": [_id(made, "otto")]},
        multipart=True, refers={"systems": "system", "operators": "person"}))),
    **_calls("GET", f"{A_VULNERABILITY}/timeline", Example(_VULNERABILITIES)),
    **_calls("PUT", f"{A_VULNERABILITY}/touches/<component_id>", Example(
        lambda made: [
            Place((Part("vulnerability_id", one.id, one.sees), Part("component_id", other.id, nobody)))
            for one in made.things["assessment"] for other in made.things["component"]],
        write=_api(_part, lambda made: {"ours": True}))),
    **_calls("POST", f"{A_VULNERABILITY}/reported", Example(_VULNERABILITIES, write=_api(
        at(vulnerability_id="assessment circle in a")))),
    **_calls("GET", "advisories", Example(asks={"q": "word advisory"})),
    **_calls("GET", "advisories/<advisory_id>", Example(each("advisory", "advisory_id"))),
    **_calls("GET", "advisories/<advisory_id>/document", Example(each("advisory", "advisory_id"))),
    **_calls("GET", "advisory-imports", Example()),
    **_calls("POST", "advisory-imports", Example(write=_api(
        body=lambda made: {"team": _id(made, "team a"), "files": _file("a.json", b"{}")},
        multipart=True, refers={"team": "team"}))),
    **_calls("GET", "advisory-imports/<import_id>", Example(each("advisory import", "import_id"))),
    **_calls("GET", "advisory-imports/<import_id>/documents", Example(
        each("advisory import", "import_id"), asks={"outcome": "=refused"})),
    # ---- instructions
    **_calls("GET", "instructions", Example(asks={
        "q": "word instruction answer", "subject": "assessment", "system": "system", "view": "=open",
        "kind": "=patch", "state": "=open"})),
    **_calls("GET", AN_INSTRUCTION, Example(_INSTRUCTIONS)),
    **_calls("GET", f"{AN_INSTRUCTION}/timeline", Example(_INSTRUCTIONS)),
    **_calls("GET", f"{AN_INSTRUCTION}/files/<file_id>", Example(
        under("instruction", "instruction_id", "file", "file_id"))),
    **_calls("POST", f"{AN_INSTRUCTION}/answer", Example(_INSTRUCTIONS, write=_api(
        at(instruction_id="instruction open"), lambda made: {"what": "started"}, "token otto",
        ("token otto",), multipart=True))),
    **_calls("POST", f"{AN_INSTRUCTION}/verify", Example(_INSTRUCTIONS, write=_api(
        at(instruction_id="instruction done"), lambda made: {"note": "見た"}))),
    **_calls("POST", f"{AN_INSTRUCTION}/send-back", Example(_INSTRUCTIONS, write=_api(
        at(instruction_id="instruction done"), lambda made: {"text": "足りない"}))),
    **_calls("POST", f"{AN_INSTRUCTION}/withdraw", Example(_INSTRUCTIONS, write=_api(
        at(instruction_id="instruction open"), lambda made: {"text": "不要"}))),
    **_calls("PUT", f"{AN_INSTRUCTION}/due", Example(_INSTRUCTIONS, write=_api(
        at(instruction_id="instruction open"), lambda made: {"due_at": _moment()}))),
    **_calls("POST", f"{AN_INSTRUCTION}/again", Example(_INSTRUCTIONS, write=_api(
        at(instruction_id="instruction open"), lambda made: {
            "text": "もう一度", "due_at": _moment(), "operators": [_id(made, "otto")]},
        refers={"operators": "person"}))),
    # ---- warnings
    **_calls("GET", "warnings", Example(asks={
        "q": "word warning origin", "view": "=drafts", "kind": "=exploited", "tlp": "=TLP:RED"})),
    **_calls("POST", "warnings", Example(write=_api(
        body=lambda made: {**_content(made), "team": _id(made, "team a"),
                           "about": _id(made, "assessment green in a")},
        refers={"circle": "circle", "named": "person", "team": "team", "about": "=assessment"}))),
    **_calls("GET", A_WARNING, Example(_WARNINGS)),
    **_calls("PUT", A_WARNING, Example(_WARNINGS, write=_api(
        at(warning_id="warning amber draft"), _content,
        refers={"circle": "circle", "named": "person"}))),
    **_calls("DELETE", A_WARNING, Example(_WARNINGS, write=_api(
        at(warning_id="warning amber draft")))),
    **_calls("GET", f"{A_WARNING}/audience", Example(_WARNINGS)),
    **_calls("POST", f"{A_WARNING}/release", Example(_WARNINGS, write=_api(
        at(warning_id="warning amber draft"), _seen, allowed=("token alice", "token mana")))),
    **_calls("POST", f"{A_WARNING}/withdraw", Example(_WARNINGS, write=_api(
        at(warning_id="warning amber released"), lambda made: {"why": "誤り"},
        allowed=("token alice", "token mana")))),
    **_calls("POST", f"{A_WARNING}/answer", Example(_WARNINGS, write=_api(
        at(warning_id="warning green released"), lambda made: {"state": "affected"}, "token bob",
        ("token bob", "token charlie", "token team b"), refers={"team": "team"}))),
    **_calls("GET", f"{A_WARNING}/answers", Example(_WARNINGS)),
    **_calls("GET", f"{A_WARNING}/timeline", Example(_WARNINGS)),
    **_calls("GET", f"{A_WARNING}/release", Example(_WARNINGS)),
    # ---- reports and search
    **_calls("GET", "reports", Example()),
    **_calls("GET", "reports/<report_id>", Example(each("report", "report_id"))),
    **_calls("POST", "reports", Example(write=_api(
        body=lambda made: {"team": _id(made, "team a"), "from_on": _today(), "to_on": _today(),
                           "note": "月次"},
        allowed=("token alice", "token mana"), refers={"team": "team"}))),
    **_calls("POST", "reports/<report_id>/issue", Example(each("report", "report_id"), write=_api(
        at(report_id="report draft"), by="token mana", allowed=("token alice", "token mana")))),
    **_calls("DELETE", "reports/<report_id>", Example(each("report", "report_id"), write=_api(
        at(report_id="report draft"), allowed=("token alice", "token mana")))),
    **_calls("GET", "reports/<report_id>/pdf", Example(each("report", "report_id"), slow=True)),
    **_calls("GET", "search", Example(asks={"q": "word"})),
}  # fmt: skip

# Names in addresses that choose an order or a page and lead to nothing else.
HARMLESS = {
    "after": "a cursor of the reader's own list",
    "before": "the same",
    "limit": "how many rows a page has",
}

# Guarded models that hold no text of anybody, and why.
WORDLESS = {
    "sharing.ReleaseReader": "names of people and teams, frozen",
    "sharing.Receipt": "what became of a mail, in one word",
    "inventory.SystemOwner": "joins a system and a person",
    "inventory.ImportChange": "versions",
    "vulnerabilities.AdvisoryRevision": "versions; what a newer one changed is in its advisory",
    "vulnerabilities.AffectedRange": "versions and names of products",
    "vulnerabilities.Alias": "names of products",
    "vulnerabilities.AssessedSystem": "names of products and versions",
    "vulnerabilities.Match": "joins a range and a component",
}


@dataclass(frozen=True)
class Job:
    """For whom a job acts, and an id with which it is tried; ``None`` where it takes none."""

    rule: str
    id: Callable[[Canaries], str | None] = lambda made: None


def _of(what: str) -> Callable[[Canaries], str]:
    return lambda made: made.thing(what).id


JOBS: dict[str, Job] = {
    "noroshi.exchange.mail.jobs.deliver": Job(
        "the outbox's reader, asked of the policy again", lambda made: "E-00000000"),
    "noroshi.exchange.mail.jobs.deliver_letter": Job(
        "the letter's own address", lambda made: "E-00000000"),
    "noroshi.exchange.mail.jobs.deliver_waiting": Job("as deliver"),
    "noroshi.inventory.jobs.order_versions_again": Job(
        "nobody: keys for matching alone", _of("system given")),
    "noroshi.inventory.jobs.run_import": Job(
        "whoever started the import", _of("import under way")),
    "noroshi.inventory.jobs.systems_changed_by": Job(
        "nobody: keys for matching alone", _of("import done.json")),
    "noroshi.measures.jobs.close": Job("nobody: the matter is closed", _of("assessment circle in a")),
    "noroshi.measures.jobs.remind_late": Job("the operators and managers, asked of the policy"),
    "noroshi.measures.jobs.unfinished_on": Job("nobody: ids for matching alone"),
    "noroshi.measures.jobs.standing_on": Job(
        "nobody: ids for matching alone", _of("assessment circle in a")),
    "noroshi.measures.jobs.verify_by_inventory": Job(
        "nobody: what the inventory shows", _of("instruction done")),
    "noroshi.vulnerabilities.jobs.end_acceptances": Job("nobody: a day is over"),
    "noroshi.vulnerabilities.jobs.measures_moved": Job(
        "nobody: what operators did", _of("assessment circle in a")),
    "noroshi.vulnerabilities.jobs.read_again": Job(
        "whoever may read the advisory", _of("advisory red")),
    "noroshi.vulnerabilities.jobs.rematch_everything": Job("nobody: matching"),
    "noroshi.vulnerabilities.jobs.rematch_import": Job("nobody: matching", _of("import done.json")),
    "noroshi.vulnerabilities.jobs.rematch_system": Job("nobody: matching", _of("system given")),
    "noroshi.vulnerabilities.jobs.rematch_team": Job("nobody: matching", _of("team a")),
    "noroshi.vulnerabilities.jobs.run_import": Job(
        "whoever started the import", _of("advisory import")),
}  # fmt: skip
