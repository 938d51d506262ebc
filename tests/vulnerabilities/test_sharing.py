"""Advisories that the whole circle may read: who brings them in says which circle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from noroshi.config.importing import import_files
from noroshi.core import jobs
from noroshi.core.errors import Malformed
from noroshi.directory import actions as directory
from noroshi.directory.viewer import Viewer
from noroshi.inventory import actions as inventory
from noroshi.sharing import search
from noroshi.vulnerabilities.actions import receive_advisory, start_import
from noroshi.vulnerabilities.models import Advisory, Outcome
from noroshi.vulnerabilities.states import State
from tests.harness.people import World
from tests.vulnerabilities.builders import (
    a_component,
    affected_systems,
    an_advisory,
    assessments,
    received,
)


def seen(by: Viewer) -> list[str]:
    return sorted(Advisory.objects.visible_to(by).values_list("tracking_id", flat=True))


def test_alice_chooses_the_circle_on_the_page_and_bob_reads_what_is_amber(
    world: World, bob: Viewer, charlie: Viewer, sign_in: Any
) -> None:
    files = [
        SimpleUploadedFile(f"{number}.json", an_advisory(tracking_id=f"A-{number}", tlp=tlp))
        for number, tlp in enumerate(("AMBER", "", "RED"))
    ]
    page = sign_in(world.alice).get("/vulnerabilities/advisories/import").content.decode()
    assert "Makers" in page
    assert "Banks" not in page
    fields = {
        "team": world.teams["a"].public_id,
        "circle": world.circles["x"].public_id,
        "unlabelled": "amber",
        "files": files,
    }
    answer = sign_in(world.alice).post("/vulnerabilities/advisories/import", fields)
    assert answer.status_code == 302
    jobs.run_waiting()
    assert seen(bob) == ["A-0", "A-1"]
    assert {row.label.text for row in Advisory.objects.visible_to(bob)} == {"TLP:AMBER"}
    assert seen(charlie) == []


def test_what_has_no_label_stays_with_the_own_team_as_amber_strict_unless_somebody_says_more(
    world: World, alice: Viewer, bob: Viewer, sign_in: Any
) -> None:
    file = SimpleUploadedFile("a.json", an_advisory(tlp=""))
    fields = {"team": world.teams["a"].public_id, "files": [file]}
    sign_in(world.alice).post("/vulnerabilities/advisories/import", fields)
    jobs.run_waiting()
    (advisory,) = Advisory.objects.visible_to(alice)
    assert (advisory.label.text, advisory.label.circle) == ("TLP:AMBER+STRICT", None)
    assert seen(bob) == []


def test_nobody_shares_with_a_circle_in_which_their_team_has_no_part(
    world: World, alice: Viewer, sign_in: Any
) -> None:
    uploads = [ContentFile(an_advisory(), "a.json")]
    for start in (
        lambda: start_import(
            team=world.teams["a"], uploads=uploads, circle=world.circles["y"], by=alice
        ),
        lambda: receive_advisory(
            raw=an_advisory(), team=world.teams["a"], circle=world.circles["y"], by=alice
        ),
    ):
        with pytest.raises(Malformed) as refused:
            start()
        assert refused.value.where == "circle"


def test_what_was_brought_in_for_the_team_alone_reaches_the_circle_when_it_is_brought_in_for_it(
    world: World, alice: Viewer, bob: Viewer
) -> None:
    a_component(world.teams["b"], bob)
    received(an_advisory(tlp="AMBER"), world.teams["a"], alice)
    assert seen(bob) == []
    again = received(an_advisory(tlp="AMBER"), world.teams["a"], alice, world.circles["x"])
    assert again.outcome is Outcome.SAME
    assert seen(bob) == ["ACME-2024-001"]
    assert [row.key for row in assessments(bob)] == ["CVE-2024-0001"]
    assert [row.kind for row in search.find(bob, "Press") if row.kind == "advisory"]


def test_a_circle_is_none_of_the_business_of_what_is_red_or_clear(
    world: World, alice: Viewer, bob: Viewer
) -> None:
    for tlp in ("RED", "WHITE"):
        raw = an_advisory(tracking_id=tlp, tlp=tlp)
        advisory = received(raw, world.teams["a"], alice, world.circles["x"]).advisory
        assert advisory.label.circle is None
    assert seen(bob) == ["WHITE"]


def test_the_console_shares_with_the_circle_it_is_told(
    world: World, bob: Viewer, tmp_path: Path
) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(an_advisory(tlp=""))
    with pytest.raises(Malformed, match="in no circle 金融の輪; its circles: 製造の輪"):
        import_files([file], team_slug="a", circle_name="金融の輪", tlp="TLP:AMBER")
    with pytest.raises(Malformed, match="no label of TLP"):
        import_files([file], team_slug="a", tlp="SECRET")
    assert import_files([file], team_slug="a", circle_name="Makers", tlp="TLP:AMBER") == 0
    assert {row.label.text for row in Advisory.objects.visible_to(bob)} == {"TLP:AMBER"}


def test_a_team_that_joins_the_circle_meets_what_the_circle_holds_already(
    world: World, alice: Viewer, charlie: Viewer, adam: Viewer
) -> None:
    a_component(world.teams["c"], charlie)
    received(an_advisory(tlp="AMBER"), world.teams["a"], alice, world.circles["x"])
    assert assessments(charlie) == []
    teams = [world.teams[slug] for slug in "abc"]
    directory.set_circle_teams(circle=world.circles["x"], teams=teams, by=adam)
    jobs.run_waiting()
    assert [row.key for row in assessments(world.viewer("charlie"))] == ["CVE-2024-0001"]


def test_a_team_that_takes_part_again_meets_what_came_meanwhile(
    world: World, alice: Viewer, charlie: Viewer, adam: Viewer
) -> None:
    a_component(world.teams["c"], charlie)
    directory.set_standing(team=world.teams["c"], standing="suspended", by=adam)
    received(an_advisory(tlp="GREEN"), world.teams["a"], alice)
    assert assessments(world.viewer("charlie")) == []
    directory.set_standing(team=world.teams["c"], standing="active", by=adam)
    jobs.run_waiting()
    assert [row.key for row in assessments(world.viewer("charlie"))] == ["CVE-2024-0001"]


def test_a_team_that_may_no_longer_read_what_opened_its_work_keeps_the_work(
    world: World, alice: Viewer, bob: Viewer, adam: Viewer
) -> None:
    team = world.teams["b"]
    a_component(team, bob)
    received(an_advisory(tlp="AMBER"), world.teams["a"], alice, world.circles["x"])
    (row,) = assessments(bob)
    directory.set_standing(team=team, standing="suspended", by=adam)
    received(an_advisory(tlp="AMBER", revision=3), world.teams["a"], alice)
    row.refresh_from_db()
    assert (
        row.state == State.TO_ASSESS
    )  # a revision that bob may not read withdraws none of his work
    directory.set_standing(team=team, standing="active", by=adam)
    directory.set_circle_teams(circle=world.circles["x"], teams=[world.teams["a"]], by=adam)
    bob = world.viewer("bob")
    inventory.set_version(component=affected_systems(bob)[0].component, version="3.3", by=bob)
    jobs.run_waiting()
    row.refresh_from_db()
    assert row.state == State.TO_ASSESS  # nor is a version in order because nothing is said of it
    assert affected_systems(bob)[0].verified_at is None
    inventory.remove_component(component=affected_systems(bob)[0].component, by=bob)
    jobs.run_waiting()
    row.refresh_from_db()
    assert row.state == State.CLOSED  # what is gone needs no advisory


def test_work_that_the_team_has_goes_on_when_a_revision_names_people_alone(
    world: World, alice: Viewer
) -> None:
    a_component(world.teams["a"], alice)
    received(an_advisory(tlp="AMBER"), world.teams["a"], alice)
    received(an_advisory(tlp="RED", revision=3), world.teams["a"], alice)
    ann = world.viewer("ann")
    (row,) = assessments(ann)
    inventory.set_version(component=affected_systems(ann)[0].component, version="3.3", by=ann)
    jobs.run_waiting()
    row.refresh_from_db()
    assert row.state == State.TO_ASSESS
    assert len(assessments(world.viewer("alice"))) == 2
