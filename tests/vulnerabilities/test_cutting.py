"""Versions that an advisory calls fixed or not affected are cut out of the affected ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noroshi.directory.viewer import Viewer
from noroshi.formats.drafts import Affected, Status
from noroshi.formats.versions import Scheme, read_range
from noroshi.vulnerabilities import affected_products
from noroshi.vulnerabilities.affected_products import _without
from tests.harness.people import World
from tests.vulnerabilities.builders import a_component, affected_systems, assessments, received

REAL = Path(__file__).resolve().parents[2] / "noroshi/sample/data/cve/CVE-2023-22527.json"


def test_the_real_record_that_says_from_8_0_0_affected_and_from_8_5_4_not_leaves_8_5_4_alone(
    world: World, alice: Viewer
) -> None:
    """CVE-2023-22527 has ten lines "affected" without an end and three "unaffected"."""
    for version in ("7.19.16", "8.0.0", "8.4.2", "8.5.3", "8.5.4", "8.6.0", "8.9.1"):
        a_component(
            world.teams["a"],
            alice,
            "Confluence Data Center",
            version,
            vendor="Atlassian",
            host=version,
        )
    received(REAL.read_bytes(), world.teams["a"], alice)
    (row,) = assessments(alice)
    assert {affected.system.name for affected in affected_systems(alice, row)} == {
        "8.0.0",
        "8.4.2",
        "8.5.3",
    }


def lines(*ranges: tuple[str, Status], platform: str = "") -> list[Affected]:
    return [
        Affected(
            vulnerability="CVE-1",
            vendor="Acme",
            product="PLC",
            text=text,
            status=status,
            range=read_range(text, Scheme.GENERIC),
            platform=platform,
        )
        for text, status in ranges
    ]


def intervals(rows: list[Affected]) -> list[tuple[str, bytes, bytes]]:
    made = affected_products.range_rows(rows, advisory_id=1, vulnerability_ids={"CVE-1": 1})
    return [
        (row.text, bytes(row.low or b""), bytes(row.high or b""))
        for row in made
        if row.status == "affected"
    ]


@pytest.mark.django_db
def test_a_fix_in_the_middle_leaves_what_comes_before_and_after_it() -> None:
    assert intervals(lines(("< 5.0", "affected"), (">= 4.2, < 4.3", "fixed"))) == [
        ("< 5.0", low, high)
        for _, low, high in intervals(lines(("< 4.2", "affected"), (">= 4.3, < 5.0", "affected")))
    ]


@pytest.mark.django_db
def test_a_source_that_contradicts_itself_altogether_is_believed_where_it_says_affected() -> None:
    ranges = lines((">= 1.0, < 2.0", "affected"), ("< 3.0", "not_affected"))
    assert intervals(ranges) == intervals(ranges[:1])


@pytest.mark.django_db
def test_what_is_fixed_on_one_platform_stays_affected_on_another() -> None:
    ranges = lines(("< 5.0", "affected"), platform="Windows")
    fixed = lines((">= 4.2", "fixed"), platform="Linux")
    assert intervals([*ranges, *fixed]) == intervals(ranges)


BYTES = st.binary(min_size=0, max_size=2)
INTERVAL = st.tuples(BYTES, BYTES).filter(lambda pair: pair[0] < pair[1])


@given(INTERVAL, st.lists(INTERVAL, max_size=5), BYTES)
def test_a_version_is_left_exactly_where_it_was_and_nothing_spares_it(
    whole: tuple[bytes, bytes], spared: list[tuple[bytes, bytes]], key: bytes
) -> None:
    left = any(low <= key < high for low, high in _without(whole, sorted(spared)))
    assert left == (
        whole[0] <= key < whole[1] and not any(low <= key < high for low, high in spared)
    )
