"""A program that calls the API with a token, and things for it to find."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import jsonschema_rs
import orjson
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from noroshi.api.document import document
from noroshi.core import clock
from noroshi.directory import actions as directory
from noroshi.directory.models import Team
from noroshi.directory.viewer import Viewer
from noroshi.measures.models import Instruction
from noroshi.vulnerabilities import actions, queries
from noroshi.vulnerabilities.models import Assessment
from tests.harness.people import World
from tests.vulnerabilities import builders

ALL = ("read", "write", "share")


class Program:
    """``program.get("/systems", q="mail")``; the answer has ``.json()``."""

    def __init__(self, secret: str = "", **headers: str) -> None:
        if secret:
            headers["Authorization"] = f"Bearer {secret}"
        self.client = Client(headers={"Accept-Language": "en", **headers})

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1{path}", query)

    def send(self, method: str, path: str, body: Any = None) -> Any:
        raw = b"" if body is None else body if isinstance(body, bytes) else orjson.dumps(body)
        form = "application/json"
        return self.client.generic(method, f"/api/v1{path}", raw, content_type=form)

    def post(self, path: str, body: Any = None) -> Any:
        return self.send("POST", path, body)

    def upload(self, path: str, **fields: Any) -> Any:
        """Bytes under a name are files: ``file=("bom.json", b"…")``."""
        parts = {
            name: SimpleUploadedFile(*value) if isinstance(value, tuple) else value
            for name, value in fields.items()
        }
        return self.client.post(f"/api/v1{path}", parts)

    def pages(self, path: str, limit: int, **query: Any) -> Iterator[list[dict[str, Any]]]:
        """Every page from the first to the last."""
        after: str | None = ""
        while after is not None:
            page = self.get(path, limit=limit, after=after, **query).json()
            yield page["items"]
            after = page["next"]


def program_of(by: Viewer, *scopes: str, team: Team | None = None) -> Program:
    """A program with a fresh token of this person, or of the team."""
    chosen = scopes or ALL
    return Program(
        directory.issue_token(name="scanner", scopes=chosen, days=30, team=team, by=by).secret
    )


@dataclass(frozen=True)
class Stock:
    """One vulnerability of team A, decided and instructed, with the system that it touches."""

    system_id: str
    component_id: str
    advisory_id: str
    vulnerability: Assessment
    instruction: Instruction


def stock(world: World) -> Stock:
    """A press controller of otto's that an advisory names; mana decided, otto is to upgrade."""
    alice, mana, team = world.viewer("alice"), world.viewer("mana"), world.teams["a"]
    component = builders.a_component(team, alice, owners=(world.otto,))
    advisory = builders.received(builders.an_advisory(), team, alice).advisory
    (row,) = builders.assessments(alice)
    words = ("active", "open", "yes", "high", "total", True, "immediate")
    due = clock.today() + timedelta(days=2)
    choice = actions.Choice(*words, due, "保守の窓に合わせる", "外から届く")
    actions.assess(assessment=row, choice=choice, by=alice)
    actions.decide(assessment=row, decision="apply", text="攻撃されています。", by=mana)
    (instruction,) = actions.instruct(
        assessment=row,
        systems=queries.systems_of(alice, row),
        kind="upgrade",
        text="9.9 へ上げる",
        due_on=due,
        wanted_version="9.9",
        by=alice,
    )
    row.refresh_from_db()
    return Stock(
        component.system.public_id, component.public_id, advisory.public_id, row, instruction
    )


@cache
def validator(path: str, method: str, status: int) -> Any:
    """The schema of an answer, as the document has it."""
    answer = document()["paths"][f"/api/v1{path}"][method]["responses"][str(status)]
    if "$ref" in answer:
        answer = document()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    (content,) = answer["content"].values()
    schema = {**content["schema"], "components": document()["components"]}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def check_fits(answer: HttpResponse, path: str, method: str = "get") -> Any:
    """Raise when the bytes are not what the document promises; returns them as values."""
    value = orjson.loads(answer.content)
    validator(path, method, answer.status_code).validate(value)
    return value


def get_checked(program: Program, path: str, template: str) -> dict[str, Any]:
    """The thing at ``path``, which the document describes as ``template``."""
    answer = program.get(path)
    assert answer.status_code == 200, answer.content
    received: dict[str, Any] = check_fits(answer, template)
    return received
