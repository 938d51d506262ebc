"""Which components an advisory names, in whose inventory, and how sure that is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product as combinations

import pytest

from noroshi.core import clock, jobs
from noroshi.directory.models import Standing, Team
from noroshi.directory.viewer import Viewer
from noroshi.formats.versions import Interval, Scheme, key
from noroshi.inventory import actions as inventory
from noroshi.sharing import labelling, policy, system
from noroshi.sharing.labels import Sensitivity, State
from noroshi.sharing.models import Label
from noroshi.vulnerabilities import match_reasons, matching
from noroshi.vulnerabilities.affected_products import half_open
from noroshi.vulnerabilities.models import Match
from tests.harness.people import World
from tests.vulnerabilities.builders import (
    a_component,
    affected_systems,
    an_advisory,
    assessments,
    matched,
    received,
)


@pytest.mark.parametrize(
    ("versions", "inside", "outside"),
    [
        ("vers:generic/<4.1", ["3.2", "4.0.9", "0"], ["4.1", "4.10", "4.1.0"]),
        ("vers:generic/<=4.1", ["4.1", "4.1.0", "3"], ["4.1.1", "4.2"]),
        ("vers:generic/>=3.0|<4.1", ["3.0", "3.99"], ["2.9", "4.1"]),
        ("vers:generic/4.1", ["4.1", "V4.1", "4.1.0"], ["4.0", "4.2", "4.1.1"]),
        ("All versions", ["0.1", "99", ""], []),
    ],
)
def test_versions_match_from_bound_to_bound(
    world: World, alice: Viewer, versions: str, inside: list[str], outside: list[str]
) -> None:
    for version in (*inside, *outside):
        a_component(world.teams["a"], alice, version=version, host=f"host {version or 'none'}")
    received(an_advisory(versions=versions), world.teams["a"], alice)
    assert {affected.component.version for affected in affected_systems(alice)} == set(inside)


@pytest.mark.parametrize("low", [None, b"\x10", b"\x10\x00", b"\x10\x20"])
@pytest.mark.parametrize("high", [None, b"\x10\x20", b"\x40"])
@pytest.mark.parametrize("closed", list(combinations((True, False), repeat=2)))
def test_a_range_as_half_open_bytes_holds_the_same_keys(
    low: bytes | None, high: bytes | None, closed: tuple[bool, bool]
) -> None:
    interval = Interval(low, closed[0] and low is not None, high, closed[1] and high is not None)
    first, end = half_open(interval)
    for value in (
        b"",
        b"\x01",
        b"\x10",
        b"\x10\x00",
        b"\x10\x00\x00",
        b"\x10\x20",
        b"\x10\x20\x01",
        b"\x40",
        b"\x40\x00",
        b"\xf0\x20",
        key("9999999999.1", Scheme.GENERIC),
    ):
        assert (first <= value < end) == interval.holds(value), value


def test_why_says_which_names_and_which_versions(world: World, alice: Viewer) -> None:
    a_component(world.teams["a"], alice)
    a_component(world.teams["a"], alice, "django", "4.2.1", vendor="", purl="pkg:pypi/django@4.2.1")
    received(an_advisory(), world.teams["a"], alice)
    django = an_advisory(
        tracking_id="DJ-1",
        vendor="Django Software Foundation",
        name="Django",
        versions="vers:pypi/>=4.2|<4.2.5",
        cve="CVE-2024-0002",
        purl="pkg:pypi/django",
    )
    received(django, world.teams["a"], alice)
    assert [match_reasons.sentence(affected.why) for affected in affected_systems(alice)] == [
        "vendor and product name equal (Acme Works Press Controller), version 3.2 < 4.1",
        "package URL equal (pkg:pypi/django), version 4.2 ≤ 4.2.1 < 4.2.5",
    ]
    assert {affected.certainty for affected in affected_systems(alice)} == {"certain"}


def test_equal_cpe_names_are_the_same_product_whatever_people_call_it(
    world: World, alice: Viewer
) -> None:
    cpe = "cpe:2.3:a:acme:press_controller:3.2:*:*:*:*:*:*:*"
    a_component(world.teams["a"], alice, "プレス制御", vendor="アクメ", cpe=cpe)
    received(
        an_advisory(cpe="cpe:2.3:a:acme:press_controller:*:*:*:*:*:*:*:*"),
        world.teams["a"],
        alice,
    )
    assert [affected.how for affected in affected_systems(alice)] == ["cpe"]


def test_lookalikes_are_no_certain_match(world: World, alice: Viewer) -> None:
    team = world.teams["a"]
    a_component(team, alice, vendor="Acme Works Partners", host="other vendor")
    a_component(team, alice, "Press Controller Lite", host="added word")
    a_component(team, alice, purl="pkg:npm/press-controller@3.2", host="other package")
    a_component(team, alice, cpe="cpe:2.3:a:other:press:3.2:*:*:*:*:*:*:*", host="other cpe")
    received(
        an_advisory(
            purl="pkg:pypi/press-controller",
            cpe="cpe:2.3:a:acme:press:*:*:*:*:*:*:*:*",
            versions="vers:pypi/<4.1",
        ),
        team,
        alice,
    )
    assert assessments(alice) == []


@pytest.mark.parametrize(
    ("vendor", "name"),
    [
        ("Acme Works, Inc.", "Press Controller"),
        ("ACME Works AG", "PRESS-CONTROLLER"),
        ("アクメ", ""),
        ("Acme Works", "Acme Works Press Controller"),
        ("Acme Works", "Press Controller-500"),
        ("Acme Works", "Press Controller Series"),
        ("", "Press Controller"),
    ],
)
def test_similar_names_wait_for_a_person(
    world: World, alice: Viewer, vendor: str, name: str
) -> None:
    advised = {"vendor": "Acme Works", "name": "Press Controller"}
    if vendor == "アクメ":
        vendor, name = "株式会社アクメ", "プレス制御"
        advised = {"vendor": "アクメ", "name": "プレス制御"}
    a_component(world.teams["a"], alice, name, vendor=vendor)
    received(an_advisory(**advised), world.teams["a"], alice)  # type: ignore[arg-type]  # texts
    (affected,) = affected_systems(alice)
    assert (affected.certainty, affected.how) == ("waiting", "similar")
    assert assessments(alice)[0].state == "waiting_match"


def test_a_version_that_nobody_can_compare_waits_for_a_person(world: World, alice: Viewer) -> None:
    a_component(world.teams["a"], alice, version="", host="no version")
    a_component(world.teams["a"], alice, version="unknown", host="unreadable")
    received(an_advisory(), world.teams["a"], alice)
    sentences = {
        affected.system.name: match_reasons.sentence(affected.why)
        for affected in affected_systems(alice)
    }
    assert sentences["no version"].endswith(
        "the inventory has no version (affected: vers:generic/<4.1)"
    )
    assert "“unknown” cannot be read" in sentences["unreadable"]
    assert {affected.certainty for affected in affected_systems(alice)} == {"waiting"}


def test_a_range_that_nobody_can_read_asks_about_every_version(world: World, alice: Viewer) -> None:
    a_component(world.teams["a"], alice)
    received(an_advisory(versions="see the vendor's page"), world.teams["a"], alice)
    (affected,) = affected_systems(alice)
    assert affected.certainty == "waiting"
    assert "cannot be read as versions" in match_reasons.sentence(affected.why)


def test_a_range_of_all_but_one_version_is_said_in_words(world: World, alice: Viewer) -> None:
    a_component(world.teams["a"], alice)
    received(an_advisory(versions="vers:generic/*|!=4.1"), world.teams["a"], alice)
    (affected,) = affected_systems(alice)
    assert match_reasons.sentence(affected.why).endswith("every version is affected except 4.1")


def test_of_a_range_in_several_stretches_the_one_with_the_version_is_said(
    world: World, alice: Viewer
) -> None:
    for version in ("1.2", "2.5", "9.0"):
        a_component(world.teams["a"], alice, version=version, host=version)
    received(an_advisory(versions="vers:generic/<1.4|>=2.0|<2.6|>3.1"), world.teams["a"], alice)
    sentences = {
        affected.system.name: match_reasons.sentence(affected.why)
        for affected in affected_systems(alice)
    }
    for host, chain in (("1.2", "1.2 < 1.4"), ("2.5", "2.0 ≤ 2.5 < 2.6"), ("9.0", "9.0 > 3.1")):
        assert sentences[host].endswith(f"version {chain}")


def test_a_package_is_compared_by_the_advisorys_scheme_where_the_two_differ(
    world: World, alice: Viewer
) -> None:
    team = world.teams["a"]
    for version in ("1.2.0", "4.2.0"):
        a_component(
            team,
            alice,
            "widget",
            version,
            vendor="Acme Works",
            purl=f"pkg:pypi/widget@{version}",
            host=version,
        )
    received(an_advisory(name="Widget"), team, alice)
    assert [affected.component.version for affected in affected_systems(alice)] == ["1.2.0"]


def test_a_distributions_epoch_hides_no_version_from_the_publishers_range(
    world: World, alice: Viewer
) -> None:
    for version in ("1.0-1", "2:1.0-1", "2:2.1-1"):
        a_component(
            world.teams["a"],
            alice,
            "presslib",
            version,
            vendor="Acme Works",
            purl=f"pkg:deb/debian/presslib@{version}",
            host=version,
        )
    received(an_advisory(name="presslib", versions="vers:generic/<2.0"), world.teams["a"], alice)
    compared = [
        (affected.component.version, affected.certainty) for affected in affected_systems(alice)
    ]
    assert compared == [("1.0-1", "waiting"), ("2:1.0-1", "waiting")]


def test_an_amber_advisory_matches_its_circle_and_never_another_team(
    world: World, alice: Viewer, bob: Viewer, charlie: Viewer
) -> None:
    for team, by in (("a", alice), ("b", bob), ("c", charlie)):
        a_component(world.teams[team], by, host=f"host of {team}")
    received(an_advisory(tlp="AMBER"), world.teams["a"], alice, world.circles["x"])
    assert [len(assessments(by)) for by in (alice, bob, charlie)] == [1, 1, 0]
    # Nor when team C imports again, nor when everything is matched anew.
    a_component(world.teams["c"], charlie, host="another host of c")
    jobs.run_waiting()
    matching.rematch_all()
    teams = system.rows(Match, "a test").values_list("component__team__slug", flat=True)
    assert set(teams) == {"a", "b"}
    assert assessments(charlie) == []


def test_a_clear_advisory_matches_every_team_and_each_sees_only_its_own(
    world: World, alice: Viewer, charlie: Viewer
) -> None:
    for team, by in (("a", alice), ("c", charlie)):
        a_component(world.teams[team], by, host=f"host of {team}")
    received(an_advisory(), world.teams["a"], alice)
    assert [affected.system.name for affected in affected_systems(alice)] == ["host of a"]
    assert [affected.system.name for affected in affected_systems(charlie)] == ["host of c"]


def test_what_is_gone_or_fixed_is_not_matched(world: World, alice: Viewer) -> None:
    gone = a_component(world.teams["a"], alice, host="gone")
    inventory.remove_component(component=gone, by=alice)
    a_component(world.teams["a"], alice, version="9.9", host="fixed")
    received(an_advisory(), world.teams["a"], alice)
    assert matched() == set()


def test_a_system_matched_by_itself_matches_what_the_advisory_matched(
    world: World, alice: Viewer
) -> None:
    for number in range(6):
        a_component(world.teams["a"], alice, version=f"{number}.5", host=f"host {number}")
    received(an_advisory(), world.teams["a"], alice)
    rows = system.rows(Match, "a test")
    by_advisory = set(rows.values_list("affected_range_id", "component_id", "is_certain"))
    systems = list(rows.values_list("component__system_id", flat=True))
    matching.match_systems(systems)
    assert set(rows.values_list("affected_range_id", "component_id", "is_certain")) == by_advisory
    matching.rematch_all()
    assert set(rows.values_list("affected_range_id", "component_id", "is_certain")) == by_advisory
    assert len(by_advisory) == 4


@pytest.mark.parametrize("standing", [Standing.ACTIVE, Standing.SUSPENDED])
def test_the_database_and_the_policy_agree_on_what_a_team_may_read(
    world: World, alice: Viewer, standing: Standing
) -> None:
    """A team matches exactly where somebody who reads for it may see, or whom RED names there."""
    advisory = received(an_advisory(), world.teams["a"], alice).advisory
    for slug, name in (("a", "alice"), ("b", "bob"), ("c", "charlie")):
        a_component(world.teams[slug], world.viewer(name), host=f"host of {slug}")
    jobs.run_waiting()
    Team.objects.filter(slug="b").update(standing=standing)
    now = clock.now()
    compared = 0
    for sensitivity, state, circle, days, named in combinations(
        Sensitivity, State, ("x", "y", None), (None, -1, 1), ((), ("alice",), ("bob", "charlie"))
    ):
        Label.objects.filter(pk=advisory.label_id).update(
            sensitivity=sensitivity,
            state=state,
            circle=world.circles[circle] if circle else None,
            embargo_until=None if days is None else now + timedelta(days=days),
        )
        label = Label.objects.get(pk=advisory.label_id)
        labelling.name(label, [world.people[name] for name in named])
        matching.match_advisory(advisory.pk)
        teams = system.rows(Match, "a test").values_list("component__team__slug", flat=True)
        expected = {
            slug
            for slug, reader in (("a", "alice"), ("b", "bob"), ("c", "charlie"))
            if _may_read(label, world.viewer(reader))
        }
        assert set(teams) == expected, (sensitivity, state, circle, days, named)
        compared += 1
    assert compared == 6 * 2 * 3 * 3 * 3


def _may_read(label: Label, reader: Viewer) -> bool:
    """May the team of this reader? Being named opens a thing to a person; a team only when RED."""
    if label.sensitivity != Sensitivity.RED:
        reader = replace(reader, person_id=0)
    return policy.may_see(reader, label)
