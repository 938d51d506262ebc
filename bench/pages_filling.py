"""Fills the instance of ``bench/pages.py`` and counts the queries of its pages, few rows and many.

Prints one JSON object: ``session`` of a signed-in CSIRT member, ``paths`` by page, ``rows``, and
``queries`` by page with 50 assessments (``few``) and with all (``many``). With the argument
``act`` it writes two history rows a second instead, until it is ended.
"""

from __future__ import annotations

import json
import random
import sys
import time
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.contrib.sessions.backends.db import SessionStore  # after setup
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.pages import ASSESSMENTS, HISTORY, SYSTEMS
from noroshi.config import serving
from noroshi.core import clock, history
from noroshi.core.history import SYSTEM
from noroshi.directory import actions as directory
from noroshi.directory.models import Person, Role, Team
from noroshi.directory.viewer import viewer_for
from noroshi.formats.drafts import ComponentDraft
from noroshi.inventory import actions as inventory
from noroshi.inventory.models import Component, System
from noroshi.sharing import search
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.labels import State as LabelState
from noroshi.sharing.models import Label
from noroshi.sharing.system import rows
from noroshi.vulnerabilities.models import AssessedSystem, Assessment
from noroshi.vulnerabilities.states import State

FEW = 50


def main() -> None:
    serving.prepare()
    team, person = _people()
    _systems(team, person)
    _assessments(team, 0, FEW)
    few = _queries(person)
    _assessments(team, FEW, ASSESSMENTS)
    _history()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    many = _queries(person)
    answer = {
        "session": _session(person),
        "paths": _paths(),
        "rows": {"assessments": ASSESSMENTS, "systems": SYSTEMS, "history": HISTORY},
        "queries": {"few": few, "many": many},
    }
    print(json.dumps(answer))


def _people() -> tuple[Team, Person]:
    organisation = directory.open_organisation(name="あおば製作所", by=SYSTEM)
    team = directory.open_team(organisation=organisation, name="あおば CSIRT", slug="a", by=SYSTEM)
    person = directory.add_person(
        mail="alice@a.example", name="青木 アリス", team=team, roles=[Role.CSIRT], by=SYSTEM
    )
    return team, person


def _systems(team: Team, person: Person) -> None:
    by = viewer_for(person)
    for number in range(SYSTEMS):
        system = inventory.add_system(
            team=team, facts=inventory.SystemFacts(f"システム {number:03}"), by=by
        )
        inventory.add_component(
            system=system,
            draft=ComponentDraft(
                name=f"Product {number % 97}", version=f"1.{number}", vendor="Acme"
            ),
            by=by,
        )


def _assessments(team: Team, start: int, end: int) -> None:
    """Write assessments in bulk: ten thousand through the actions would measure the actions."""
    chance = random.Random(start)
    systems = list(rows(System, "a bench fills").order_by("pk"))
    components = {component.system_id: component for component in rows(Component, "a bench fills")}
    now = clock.now()
    with transaction.atomic():
        labels = Label.objects.bulk_create(
            Label(owner=team, sensitivity=Sensitivity.INTERNAL, state=LabelState.RELEASED)
            for _ in range(start, end)
        )
        made = Assessment.objects.bulk_create(
            Assessment(
                team=team,
                label=label,
                key=f"CVE-2099-{number:05}",
                title=f"製品 {number % 97} における認証回避の脆弱性 {number}",
                severity=chance.choice(["critical", "high", "medium", "low"]),
                state=chance.choice(
                    [State.TO_ASSESS, State.TO_DECIDE, State.INSTRUCTED, State.CLOSED]
                ),
                priority=chance.choice(["immediate", "out-of-cycle", "scheduled", "defer"]),
                opened_at=now - timedelta(minutes=number * 9),
                due_at=now + timedelta(hours=chance.randrange(-200, 2000)),
            )
            for number, label in enumerate(labels, start)
        )
        AssessedSystem.objects.bulk_create(
            AssessedSystem(
                assessment=assessment,
                system=system,
                component=components[system.pk],
                how="name",
                confidence=100,
                certainty="certain",
                exposure="internal",
            )
            for assessment in made
            for system in chance.sample(systems, 2)
        )
        for assessment in made:
            search.put(
                kind="assessment",
                thing_id=assessment.public_id,
                label=assessment.label,
                title=assessment.title,
                sub=assessment.key,
                path=f"/vulnerabilities/{assessment.public_id}",
            )


def _history() -> None:
    ids = list(rows(Assessment, "a bench fills").values_list("public_id", flat=True))
    for start in range(0, HISTORY, 2000):
        with transaction.atomic():
            for number in range(start, start + 2000):
                history.record(
                    "vulnerabilities.open",
                    ("assessment", ids[number % len(ids)]),
                    by=SYSTEM,
                    after={"n": number},
                )


def act() -> None:
    """Somebody acts twice a second."""
    while True:
        _act()
        time.sleep(0.5)


def _act() -> None:
    """Record an action, as every action does: no cached answer from before it is used again."""
    with transaction.atomic():
        history.record("bench.act", ("bench", "bench"), by=SYSTEM)


def _paths() -> dict[str, str]:
    assessment = rows(Assessment, "a bench asks").order_by("pk")[25]
    return {
        "list": "/vulnerabilities/",
        "detail": f"/vulnerabilities/{assessment.public_id}",
        "search": "/search?q=%E8%AA%8D%E8%A8%BC%E5%9B%9E%E9%81%BF",
        "today": "/",
    }


def _queries(person: Person) -> dict[str, int]:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    queries: dict[str, int] = {}
    for page, path in _paths().items():
        client.get(path)
        _act()
        with CaptureQueriesContext(connection) as caught:
            answer: Any = client.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
        queries[page] = len(caught)
    return queries


def _session(person: Person) -> str:
    store = SessionStore()
    store["_auth_user_id"] = str(person.pk)
    store["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
    store["_auth_user_hash"] = person.get_session_auth_hash()
    store.save()
    return str(store.session_key)


if __name__ == "__main__":
    act() if sys.argv[1:] == ["act"] else main()
