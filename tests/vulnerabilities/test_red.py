"""TLP:RED goes to named people: whoever is instructed is named by that, and nothing goes by mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.utils import timezone

from noroshi.core import clock, history, jobs
from noroshi.core.errors import NotFound, Refused
from noroshi.directory import actions as directory
from noroshi.directory.models import ApiToken
from noroshi.directory.viewer import Viewer, viewer_for_token
from noroshi.measures import actions as measures
from noroshi.measures import queries as instructions
from noroshi.sharing import system
from noroshi.sharing.models import Link, Release, ReleaseReader
from noroshi.vulnerabilities import queries
from noroshi.vulnerabilities.actions import answer_match
from noroshi.vulnerabilities.models import Advisory, Alias, Assessment
from tests.harness.people import World
from tests.harness.smtp import PostOffice, running, text_of
from tests.vulnerabilities.builders import (
    a_component,
    affected_systems,
    an_advisory,
    assessed,
    assessments,
    decided,
    instructed,
    received,
)

TITLE = "Kakusu Press Controller"
SECRETS = (TITLE, "CVE-2024-0001", "4.1 を入れる", "外から届くため", "プレス1号機")


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with running(settings) as office:
        yield office


@pytest.fixture
def row(world: World, alice: Viewer, mana: Viewer) -> Assessment:
    """Alice and mana each received the RED document; it is decided to apply measures."""
    a_component(world.teams["a"], alice, owners=(world.otto,))
    for by in (alice, mana):
        received(an_advisory(tlp="RED", title=TITLE), world.teams["a"], by)
    (assessment,) = assessments(alice)
    return decided(assessed(assessment, alice), mana)


def sees(world: World, instruction: Any) -> set[str]:
    """Everybody who finds the instruction."""
    names = set()
    for name in world.people:
        try:
            instructions.instruction_for(world.viewer(name), instruction.public_id)
        except NotFound:
            continue
        names.add(name)
    return names


def test_who_received_the_red_document_too_reads_the_work_that_it_opened(
    row: Assessment, alice: Viewer, mana: Viewer, ann: Viewer
) -> None:
    assert assessments(alice) == assessments(mana) == [row]
    assert assessments(ann) == []


def test_an_instruction_on_a_red_vulnerability_is_read_by_the_named_and_the_instructed_alone(
    row: Assessment, world: World, alice: Viewer
) -> None:
    (instruction,) = instructed(row, alice)
    assert instruction.label.text == "TLP:RED"
    assert sees(world, instruction) == {"alice", "mana", "otto"}
    release = Release.objects.visible_to(alice).get(thing_id=instruction.public_id)
    readers = ReleaseReader.objects.visible_to(alice).filter(release=release)
    assert set(readers.values_list("person_name", flat=True)) == {
        world.people[name].name for name in ("alice", "mana", "otto")
    }


def test_the_mail_of_a_red_instruction_is_a_notice_and_its_link_asks_to_sign_in(
    row: Assessment, world: World, alice: Viewer, office: PostOffice, sign_in: Any
) -> None:
    (instruction,) = instructed(row, alice)
    jobs.run_waiting()
    (mail,) = office.to("otto@a.example")
    whole = f"{mail['Subject']}\n{text_of(mail)}"
    assert not [secret for secret in SECRETS if secret in whole]
    assert f"/measures/{instruction.public_id}" in whole
    assert not Link.objects.exists()
    page = sign_in(world.otto).get(f"/measures/{instruction.public_id}").content.decode()
    assert TITLE in page


def test_instructing_somebody_else_names_them_and_no_longer_the_one_before(
    row: Assessment, world: World, alice: Viewer, office: PostOffice
) -> None:
    (instruction,) = instructed(row, alice)
    measures.instruct_again(
        instruction=instruction,
        text="別の人に頼みます",
        due_at=clock.now() + timedelta(days=3),
        operators=[world.olga],
        by=alice,
    )
    assert sees(world, instruction) == {"alice", "mana", "olga"}
    jobs.run_waiting()
    assert office.to("otto@a.example") == []  # withheld: no longer named when it would leave
    assert len(office.to("olga@a.example")) == 1
    assert Release.objects.visible_to(alice).filter(thing_id=instruction.public_id).count() == 2


def test_a_red_instruction_goes_the_whole_way(row: Assessment, alice: Viewer, otto: Viewer) -> None:
    (instruction,) = instructed(row, alice)
    measures.answer(instruction=instruction, what="done", text="入れました", by=otto)
    jobs.run_waiting()
    row.refresh_from_db()
    assert row.state == "verifying"
    measures.verify(instruction=instruction, by=alice)
    jobs.run_waiting()
    row.refresh_from_db()
    assert row.state == "closed"
    assert {each.label.sensitivity for each in every_release()} == {"red"}


def test_an_answer_about_names_in_a_red_document_is_kept_from_the_team(
    world: World, alice: Viewer, ann: Viewer
) -> None:
    for host in ("one", "two"):
        a_component(world.teams["a"], alice, "Plc-500", vendor="ACME", host=host)
    received(an_advisory(tlp="RED", vendor="Acme", name="PLC"), world.teams["a"], alice)
    (row,) = assessments(alice)
    answer_match(assessment=row, affected_id=affected_systems(alice)[0].pk, same=True, by=alice)
    assert {affected.certainty for affected in affected_systems(alice)} == {"yes"}
    assert not Alias.objects.visible_to(ann).exists()
    on_the_team = history.rows_of("team", world.teams["a"].public_id)
    assert "vulnerabilities.remember_alias" not in {each.action for each in on_the_team}


def test_an_answer_on_a_red_matter_leaves_the_teams_other_matter_to_the_team(
    world: World, alice: Viewer
) -> None:
    team = world.teams["a"]
    a_component(team, alice, "Plc-500", vendor="ACME")
    received(an_advisory(tlp="RED", vendor="Acme", name="PLC"), team, alice)
    (red,) = assessments(alice)
    open_to_all = an_advisory(tracking_id="ACME-2", cve="CVE-2024-0002", vendor="Acme", name="PLC")
    received(open_to_all, team, alice)
    answer_match(
        assessment=red, affected_id=affected_systems(alice, red)[0].pk, same=True, by=alice
    )
    assert {each.assessment == red: each.certainty for each in affected_systems(alice)} == {
        True: "yes",
        False: "waiting",
    }


def every_release() -> Any:
    return system.rows(Release, "a test looks at everything").select_related("label")


def test_the_form_says_who_will_read_it_before_it_is_sent(
    row: Assessment, world: World, sign_in: Any
) -> None:
    browser = sign_in(world.alice)
    page = browser.get(f"/vulnerabilities/{row.public_id}/instruct").content.decode()
    aside = page.split('id="audience"')[1]
    for name in ("Alice Aoki", "Mana Manaka", "Otto Otomo"):
        assert name in aside
    assert "Olga Oga" not in aside
    system_id = affected_systems(world.viewer("alice"), row)[0].system.public_id
    fields = {
        "systems": [system_id],
        "operator": world.olga.public_id,
        "kind": "patch",
        "wanted_version": "",
        "text": "x",
        "due_on": str(timezone.localdate()),
    }
    preview = browser.post(f"/vulnerabilities/{row.public_id}/instruct/readers", fields)
    aside = preview.content.decode().split('id="audience"')[1]
    assert (preview.status_code, "Olga Oga" in aside, "Otto Otomo" in aside) == (200, True, False)
    ann = sign_in(world.ann)
    for path in ("instruct", "instruct/readers"):
        answer = ann.post(f"/vulnerabilities/{row.public_id}/{path}", fields)
        assert answer.status_code == 404


def test_what_only_the_red_revisions_said_stays_unread_when_the_next_one_is_clear(
    world: World, alice: Viewer, sign_in: Any
) -> None:
    team = world.teams["a"]
    received(an_advisory(tlp="RED", revision=1, title=TITLE), team, alice)
    range_of_red = "vers:generic/<1.2.3"
    received(an_advisory(tlp="RED", revision=2, title="Red", versions=range_of_red), team, alice)
    advisory = received(an_advisory(revision=3, title="For everybody"), team, alice).advisory
    page = sign_in(world.charlie).get(f"/vulnerabilities/advisories/{advisory.public_id}")
    assert "For everybody" in page.content.decode()
    assert not [each for each in (TITLE, "1.2.3") if each in page.content.decode()]
    quoted = [
        orjson.dumps(each.difference).decode()
        for each in queries.revisions_of(world.viewer("charlie"), advisory)
    ]
    assert not [each for each in quoted if TITLE in each or "1.2.3" in each]
    assert '"tlp":["RED","CLEAR"]' in quoted[0]  # that it was RED is said


def test_a_program_receives_no_red_advisory(world: World, mana: Viewer) -> None:
    """Nobody would be named who could read it, and the team must not."""
    issued = directory.issue_token(
        name="取り込み", scopes=["read", "write"], days=30, team=world.teams["a"], by=mana
    )
    program = viewer_for_token(ApiToken.objects.get(public_id=issued.public_id))
    with pytest.raises(Refused, match="by a person"):
        received(an_advisory(tlp="RED"), world.teams["a"], program)
    assert not system.rows(Advisory, "a test looks at everything").exists()


def test_the_history_says_who_came_to_read_a_red_document(world: World, alice: Viewer) -> None:
    raw = an_advisory(tlp="RED")
    advisory = received(raw, world.teams["a"], alice).advisory
    ann = world.viewer("ann")
    for _again in range(2):
        received(raw, world.teams["a"], ann)
    rows = history.rows_of("advisory", advisory.public_id).filter(
        action="vulnerabilities.name_reader"
    )
    assert [(each.actor, each.after) for each in rows] == [
        (ann.public_id, {"person": ann.public_id})
    ]


def test_a_red_advisory_keeps_none_of_the_teams_own_work_open(world: World, alice: Viewer) -> None:
    a_component(world.teams["a"], alice)
    received(an_advisory(), world.teams["a"], alice)
    received(an_advisory(tlp="RED", tracking_id="RED-1"), world.teams["a"], alice)
    received(an_advisory(revision=3, name="Something else"), world.teams["a"], alice)
    assert [row.state for row in assessments(world.viewer("ann"))] == ["closed"]
    assert [row.state for row in assessments(alice) if row.is_red] == ["to_assess"]
