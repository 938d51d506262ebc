"""How the doors of this area are tried: coming in, the own account, teams, people, circles, organisations."""

from __future__ import annotations

from collections.abc import Mapping

from noroshi.directory.models import Person
from noroshi.directory.tokens import PasswordLinks, secret_of
from tests.harness.canaries import Canaries
from tests.harness.doors import (
    ADMIN,
    API,
    EVERYBODY,
    PERSON,
    Example,
    Part,
    Place,
    Write,
    at,
    by_path,
    each,
    id_of,
    in_team,
    nobody,
)
from tests.harness.people import PASSWORD


def password_link(made: Canaries) -> Mapping[str, str]:
    """The path of a link with which ann chooses a new password."""
    ann = Person.objects.get(pk=made.person("ann").pk)  # as she is now: she has signed in since
    return {"secret": f"{ann.public_id}~{PasswordLinks().make_token(ann)}"}


def _invitation(made: Canaries) -> Mapping[str, str]:
    return {"secret": secret_of("invite", made.thing("invitation").id)}


DEVICE = "a device has to sign, which tests/directory does"
FRESH = "asks for the password again first, which tests/directory does"
SECURITY = "settings/security/"

EXAMPLES: dict[str, Example] = {
    "account/login": Example(
        write=Write(
            "public",
            body=lambda made: {"login": "ann@a.example", "password": PASSWORD},
            allowed=EVERYBODY,
            why_silent="her passkey is asked for next",
        )
    ),
    "account/logout": Example(
        write=Write(allowed=EVERYBODY, why_silent="ends a session, which is no content")
    ),
    "account/passkey": Example(
        write=Write(
            "public", body=lambda made: {"credential": "{}"}, allowed=EVERYBODY, why_silent=DEVICE
        )
    ),
    "account/second": Example(
        write=Write(
            "public", body=lambda made: {"code": "000000"}, allowed=EVERYBODY, why_silent=DEVICE
        )
    ),
    "account/sample/<person_id>": Example(
        each("person", "person_id"),
        write=Write(
            "public", at(person_id="alice"), allowed=(), why_silent="there is no sample here"
        ),
    ),
    "account/password/forgotten": Example(
        write=Write(
            "public", body=lambda made: {"mail": "ann@a.example"}, allowed=EVERYBODY, anybody=PERSON
        )
    ),
    "account/password/new/<secret>": Example(
        by_path(password_link),
        write=Write(
            "public",
            password_link,
            lambda made: {
                "password": "staple battery 77 horse",
                "again": "staple battery 77 horse",
            },
            allowed=EVERYBODY,
            anybody=PERSON,
        ),
    ),
    "invitation/<secret>": Example(
        by_path(_invitation, "name of somebody invited to team A"),
        write=Write(
            "public",
            _invitation,
            lambda made: {
                "name": "新しい人",
                "password": "staple battery 77 horse",
                "again": "staple battery 77 horse",
                "language": "ja",
            },
            allowed=EVERYBODY,
            anybody=PERSON | {"directory_invitation", "directory_membership"},
        ),
    ),
    SECURITY: Example(),
    f"{SECURITY}password": Example(
        write=Write(
            "ann",
            body=lambda made: {
                "oldpassword": PASSWORD,
                "password1": "staple battery 77 horse",
                "password2": "staple battery 77 horse",
            },
            allowed=EVERYBODY,
            anybody=PERSON,
        )
    ),
    f"{SECURITY}again": Example(
        write=Write(
            "ann",
            body=lambda made: {"password": PASSWORD},
            allowed=EVERYBODY,
            why_silent="is noted in the session alone",
        )
    ),
    f"{SECURITY}again/code": Example(
        write=Write(body=lambda made: {"code": "000000"}, allowed=EVERYBODY, why_silent=DEVICE)
    ),
    f"{SECURITY}again/passkey": Example(
        write=Write(body=lambda made: {"credential": "{}"}, allowed=EVERYBODY, why_silent=DEVICE)
    ),
    f"{SECURITY}app": Example(
        write=Write(body=lambda made: {"code": "000000"}, allowed=EVERYBODY, why_silent=DEVICE)
    ),
    f"{SECURITY}app/remove": Example(write=Write(allowed=EVERYBODY, why_silent=DEVICE)),
    f"{SECURITY}codes": Example(write=Write(allowed=EVERYBODY, why_silent="shows them on asking")),
    f"{SECURITY}codes/new": Example(write=Write(allowed=EVERYBODY, why_silent=FRESH)),
    f"{SECURITY}passkeys/new": Example(
        write=Write(
            body=lambda made: {"name": "鍵", "credential": "{}"},
            allowed=EVERYBODY,
            why_silent=DEVICE,
        )
    ),
    f"{SECURITY}passkeys/<pk>/remove": Example(
        lambda made: [Place((Part("pk", str(made.rows["passkey"].pk), nobody),))],
        write=Write(
            "ann",
            lambda made: {"pk": str(made.rows["passkey"].pk)},
            why_silent=FRESH,
            allowed=("ann",),
        ),
    ),
    "settings": Example(
        write=Write(
            body=lambda made: {"language": "ja", "time_zone": "Asia/Tokyo", "theme": "dark"},
            allowed=EVERYBODY,
            anybody=PERSON,
        )
    ),
    "settings/theme": Example(
        write=Write(body=lambda made: {"theme": "dark"}, allowed=EVERYBODY, anybody=PERSON)
    ),
    "settings/language": Example(
        write=Write(body=lambda made: {"language": "ja"}, allowed=EVERYBODY, anybody=PERSON)
    ),
    "settings/tokens": Example(
        write=Write(
            body=lambda made: {"name": "取り込み", "team": "me", "scopes": ["read"], "days": "30"},
            allowed=EVERYBODY,
            anybody=PERSON | {"directory_apitoken"},
            refers={"team": "team"},
        )
    ),
    "settings/tokens/<token_id>": Example(
        each("token", "token_id"), write=Write(at=at(token_id="token alice"), allowed=("alice",))
    ),
    "teams/": Example(asks={"q": "word name", "standing": "=active", "view": "=mine"}),
    "teams/<team_id>": Example(each("team", "team_id")),
    "teams/<team_id>/standing": Example(
        each("team", "team_id"),
        write=Write(
            "adam", at(team_id="team c"), lambda made: {"standing": "suspended"}, allowed=ADMIN
        ),
    ),
    "teams/<team_id>/invite": Example(
        each("team", "team_id"),
        write=Write(
            "mana",
            at(team_id="team a"),
            lambda made: {"mail": "x@a.example", "name": "名", "role": "csirt", "language": "ja"},
            allowed=("mana", "adam"),
        ),
    ),
    "teams/<team_id>/invitations/<invitation_id>": Example(
        in_team("invitation", "invitation_id"),
        write=Write(
            "mana", at(team_id="team a", invitation_id="invitation"), allowed=("mana", "adam")
        ),
    ),
    "teams/<team_id>/people": Example(each("team", "team_id"), asks={"state": "=active"}),
    "teams/<team_id>/people/<person_id>": Example(
        in_team("person", "person_id"),
        write=Write(
            "mana",
            at(team_id="team a", person_id="ann"),
            lambda made: {"roles": ["csirt", "manager"]},
            allowed=("mana", "adam"),
        ),
    ),
    "teams/<team_id>/people/<person_id>/<name>": Example(
        in_team("person", "person_id", name="suspend"),
        write=Write(
            "mana",
            at(team_id="team a", person_id="otto", name="=suspend"),
            allowed=("mana", "adam"),
        ),
    ),
    "people/<person_id>": Example(each("person", "person_id")),
    "circles/": Example(),
    "circles/new": Example(
        write=Write(
            "adam",
            body=lambda made: {
                "name": "新しい輪",
                "name_en": "",
                "purpose": "",
                "teams": [id_of(made, "team c")],
            },
            allowed=ADMIN,
        )
    ),
    "circles/<circle_id>": Example(each("circle", "circle_id")),
    "circles/<circle_id>/teams": Example(
        each("circle", "circle_id"),
        write=Write(
            "adam",
            at(circle_id="circle x"),
            lambda made: {"teams": [id_of(made, "team c")]},
            allowed=ADMIN,
        ),
    ),
    "organisations/": Example(),
    "organisations/new": Example(
        write=Write("adam", body=lambda made: {"name": "新会社", "name_en": ""}, allowed=ADMIN)
    ),
    "organisations/<organisation_id>/teams/new": Example(
        each("organisation", "organisation_id"),
        write=Write(
            "adam",
            at(organisation_id="organisation of c"),
            lambda made: {
                "name": "新班",
                "name_en": "",
                "slug": "new",
                "mail": "",
                "is_member": "on",
            },
            allowed=ADMIN,
        ),
    ),
    f"GET {API}me": Example(),
    f"GET {API}teams": Example(asks={"q": "word name", "mine": "=true"}),
    f"GET {API}teams/<team_id>": Example(each("team", "team_id")),
    f"GET {API}circles": Example(),
    f"GET {API}circles/<circle_id>": Example(each("circle", "circle_id")),
    f"GET {API}people": Example(asks={"q": "word name", "team": "team"}),
    f"GET {API}people/<person_id>": Example(each("person", "person_id")),
}
