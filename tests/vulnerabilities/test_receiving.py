"""An advisory comes in: once, twice, newer, older, broken, under each label."""

from __future__ import annotations

import json

import pytest

from noroshi.core import files, history
from noroshi.core.errors import Forbidden, Malformed
from noroshi.directory.viewer import Viewer
from noroshi.vulnerabilities import match_reasons
from noroshi.vulnerabilities.actions import receive_advisory
from noroshi.vulnerabilities.models import (
    Advisory,
    AdvisoryRevision,
    AffectedRange,
    Outcome,
    Vulnerability,
)
from tests.formats.advisories import cve_record
from tests.harness.people import World
from tests.inventory.builders import sbom
from tests.vulnerabilities.builders import a_component, an_advisory, assessments, received


def test_an_advisory_is_kept_as_received_and_as_understood(world: World, alice: Viewer) -> None:
    raw = an_advisory()
    answer = received(raw, world.teams["a"], alice)
    assert answer.outcome is Outcome.NEW
    advisory = Advisory.objects.one_for(alice, public_id=answer.advisory.public_id)
    assert files.read_file(advisory.raw_sha256) == raw
    assert (advisory.publisher, advisory.tracking_id, advisory.revision) == (
        "Acme Works",
        "ACME-2024-001",
        "2",
    )
    entry = Vulnerability.objects.visible_to(alice).get(advisory=advisory)
    assert (entry.key, entry.severity, entry.scores[0]["base"]) == ("CVE-2024-0001", "high", 7.5)
    assert entry.remediations[0]["text"] == "Install 4.1."
    ranges = AffectedRange.objects.visible_to(alice).filter(advisory=advisory)
    assert {(row.status, row.normal) for row in ranges} == {
        ("affected", "vers:generic/<4.1"),
        ("fixed", "vers:generic/9.9"),
    }


def test_the_same_bytes_again_change_nothing_and_say_so(world: World, alice: Viewer) -> None:
    a_component(world.teams["a"], alice)
    first = received(an_advisory(), world.teams["a"], alice)
    rows = history.rows_of("advisory", first.advisory.public_id).count()
    again = received(an_advisory(), world.teams["a"], alice)
    assert (again.outcome, again.advisory) == (Outcome.SAME, first.advisory)
    assert history.rows_of("advisory", first.advisory.public_id).count() == rows
    assert len(assessments(alice)) == 1


def test_a_newer_revision_updates_one_record_and_shows_the_difference(
    world: World, alice: Viewer
) -> None:
    received(an_advisory(), world.teams["a"], alice)
    newer = an_advisory(revision=3, versions="vers:generic/<4.2", title="Acme Press, corrected")
    answer = received(newer, world.teams["a"], alice)
    assert answer.outcome is Outcome.UPDATED
    advisory = Advisory.objects.visible_to(alice).get()
    assert (advisory.title, advisory.revision) == ("Acme Press, corrected", "3")
    assert answer.difference["title"] == ["Acme Press Controller", "Acme Press, corrected"]
    revision = AdvisoryRevision.objects.visible_to(alice).get(advisory=advisory, revision="3")
    sentences = match_reasons.changes(revision.difference)
    assert "New title: Acme Press, corrected" in sentences
    assert any("<4.2" in line and line.startswith("Added") for line in sentences)
    assert any("<4.1" in line and line.startswith("Taken out") for line in sentences)


def test_an_older_revision_after_a_newer_one_is_kept_and_overwrites_nothing(
    world: World, alice: Viewer
) -> None:
    received(an_advisory(revision=3, title="Newest"), world.teams["a"], alice)
    answer = received(an_advisory(revision=2, title="Old"), world.teams["a"], alice)
    assert answer.outcome is Outcome.OLDER
    advisory = Advisory.objects.visible_to(alice).get()
    assert (advisory.title, advisory.revision) == ("Newest", "3")
    revisions = AdvisoryRevision.objects.visible_to(alice).values_list("revision", "is_older")
    assert set(revisions) == {("3", False), ("2", True)}


def test_revision_ten_is_newer_than_revision_nine(world: World, alice: Viewer) -> None:
    document = json.loads(an_advisory(revision=9))
    received(json.dumps(document).encode(), world.teams["a"], alice)
    tracking = document["document"]["tracking"]
    tracking["version"] = "10"
    tracking["revision_history"].append(
        {"date": "2024-10-01T00:00:00Z", "number": "10", "summary": "Changed"}
    )
    tracking["current_release_date"] = "2024-10-01T00:00:00Z"
    answer = received(json.dumps(document).encode(), world.teams["a"], alice)
    assert answer.outcome is Outcome.UPDATED


@pytest.mark.parametrize("mark", ["\r\n", "\n\n", "\x0b", "\x85", "\u2028", "\u202e"])
def test_a_title_is_one_line_because_mails_have_it_as_their_subject(
    world: World, alice: Viewer, mark: str
) -> None:
    a_component(world.teams["a"], alice)
    raw = an_advisory(title=f"Acme Press{mark}Bcc: thief@evil.example")
    answer = received(raw, world.teams["a"], alice)
    title = "Acme Press Bcc: thief@evil.example"
    assert answer.advisory.title == title
    assert {row.title for row in assessments(alice)} == {title}


def test_two_teams_keep_the_same_advisory_each_for_itself(
    world: World, alice: Viewer, bob: Viewer
) -> None:
    raw = an_advisory(tlp="AMBER")
    assert received(raw, world.teams["a"], alice).outcome is Outcome.NEW
    assert received(raw, world.teams["b"], bob).outcome is Outcome.NEW
    assert Advisory.objects.visible_to(alice).count() == 1
    assert Advisory.objects.visible_to(bob).count() == 1


@pytest.mark.parametrize(
    ("tlp", "text"),
    [
        ("WHITE", "TLP:CLEAR"),
        ("GREEN", "TLP:GREEN"),
        ("AMBER", "TLP:AMBER"),
        ("RED", "TLP:RED"),
        ("", "TLP:AMBER+STRICT"),
    ],
)
def test_an_advisory_has_the_label_that_the_document_says(
    world: World, alice: Viewer, tlp: str, text: str
) -> None:
    advisory = received(an_advisory(tlp=tlp), world.teams["a"], alice).advisory
    assert (advisory.label.text, advisory.label.state) == (text, "released")


def test_a_cve_record_is_clear(world: World, alice: Viewer, public: Viewer) -> None:
    raw = json.dumps(cve_record()).encode()
    advisory = received(raw, world.teams["a"], alice).advisory
    assert advisory.label.text == "TLP:CLEAR"
    assert Advisory.objects.visible_to(public).get() == advisory


def test_an_unlabelled_advisory_is_read_in_the_senders_circle_and_nowhere_else(
    world: World, alice: Viewer, bob: Viewer, charlie: Viewer
) -> None:
    received(an_advisory(tlp=""), world.teams["a"], alice, world.circles["x"])
    assert Advisory.objects.visible_to(bob).count() == 1
    assert Advisory.objects.visible_to(charlie).count() == 0


def test_a_red_advisory_is_read_by_those_who_received_it_and_not_by_their_colleagues(
    world: World, alice: Viewer, ann: Viewer
) -> None:
    a_component(world.teams["a"], alice)
    received(an_advisory(tlp="RED"), world.teams["a"], alice)
    assert len(assessments(alice)) == 1
    assert Advisory.objects.visible_to(ann).count() == 0
    assert assessments(ann) == []
    again = received(an_advisory(tlp="RED"), world.teams["a"], ann)
    assert again.outcome is Outcome.SAME
    assert Advisory.objects.visible_to(ann).count() == 1


def test_a_revision_under_another_label_is_read_by_others_from_then_on(
    world: World, alice: Viewer, charlie: Viewer
) -> None:
    received(an_advisory(tlp="AMBER"), world.teams["a"], alice)
    assert Advisory.objects.visible_to(charlie).count() == 0
    answer = received(an_advisory(revision=3, tlp="WHITE"), world.teams["a"], alice)
    assert Advisory.objects.visible_to(charlie).count() == 1
    assert "The label changed from AMBER to CLEAR." in match_reasons.changes(answer.difference)


def test_a_broken_advisory_is_refused_with_the_place_and_its_bytes_are_kept(
    world: World, alice: Viewer
) -> None:
    document = json.loads(an_advisory())
    document["vulnerabilities"][0]["product_status"]["known_affected"] = ["NOWHERE"]
    raw = json.dumps(document).encode()
    with pytest.raises(Malformed) as refused:
        receive_advisory(raw=raw, name="broken.json", team=world.teams["a"], by=alice)
    assert "vulnerabilities/0" in refused.value.where
    assert Advisory.objects.visible_to(alice).count() == 0
    assert files.store(raw).sha256


def test_a_bill_of_materials_is_no_advisory(world: World, alice: Viewer) -> None:
    raw = sbom(("left-pad", "1.3.0"))
    with pytest.raises(Malformed, match="list of components"):
        receive_advisory(raw=raw, name="bom.json", team=world.teams["a"], by=alice)


def test_operators_and_other_teams_bring_nothing_in(
    world: World, otto: Viewer, bob: Viewer
) -> None:
    for by in (otto, bob):
        with pytest.raises(Forbidden):
            receive_advisory(raw=an_advisory(), name="a.json", team=world.teams["a"], by=by)
