"""Ranges of versions: what they hold, how they are written, and what is refused."""

from __future__ import annotations

import random

import pytest

from noroshi.core.errors import Malformed
from noroshi.formats.versions import (
    Interval,
    Scheme,
    VersionRange,
    key,
    range_from_bounds,
    read_range,
)
from noroshi.formats.versions.ranges import Span, range_of
from tests.formats.version_pairs import REAL

GENERIC = Scheme.GENERIC


def holds(range_: VersionRange, versions: str) -> list[str]:
    return [version for version in versions.split() if range_.contains(version)]


def test_a_range_without_bounds_holds_every_version() -> None:
    everything = range_from_bounds(GENERIC)
    assert everything.normal == str(everything) == "vers:generic/*"
    assert everything.intervals == (Interval(None, False, None, False),)
    assert everything.contains("0") and everything.contains("SE2021MP9")


@pytest.mark.parametrize(
    ("bounds", "normal", "inside"),
    [
        ({"ge": "1.0", "lt": "2.0"}, ">=1.0|<2.0", ["1.0", "1.9.9"]),
        ({"gt": "1.0", "le": "2.0"}, ">1.0|<=2.0", ["1.9.9", "2.0"]),
        ({"lt": "V1.0"}, "<1.0", ["0.9"]),
        ({"gt": "2.0"}, ">2.0", ["2.1"]),
        ({"eq": "1.0.0"}, "1.0.0", ["1.0"]),
        ({"ge": "1.0", "lt": "*"}, ">=1.0", ["1.0", "1.9.9", "2.0", "2.1"]),
        ({"ge": "0", "le": "1.9.*"}, ">=0|<1.10", ["0.9", "1.0", "1.9.9"]),
        ({"gt": "1.x"}, ">=2", ["2.0", "2.1"]),
        ({"lt": "2.x"}, "<2", ["0.9", "1.0", "1.9.9"]),
        ({"ge": "2.x"}, ">=2", ["2.0", "2.1"]),
        ({"eq": "2.0.x"}, ">=2.0|<2.1", ["2.0"]),
    ],
)
def test_bounds_of_a_cve_record(bounds: dict[str, str], normal: str, inside: list[str]) -> None:
    range_ = range_from_bounds(GENERIC, **bounds)
    assert range_.normal == f"vers:generic/{normal}"
    assert holds(range_, "0.9 1.0 1.9.9 2.0 2.1") == inside


@pytest.mark.parametrize(
    "bounds",
    [
        {"ge": "1", "gt": "2"},
        {"le": "1", "lt": "2"},
        {"eq": "1", "lt": "2"},
        {"ge": "2.0", "lt": "1.0"},
        {"ge": "1.0", "lt": "1.0.0"},
        {"ge": "unspecified"},
        {"lt": "publication"},
        {"ge": "1da177e4c3f4", "lt": "d01e9ce1af61"},
        {"ge": "5", "le": "R7"},
        {"eq": "All versions prior to 2.0"},
        {"lt": "8.1x"},
    ],
)
def test_bounds_that_are_no_range_are_refused(bounds: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        range_from_bounds(GENERIC, **bounds)


def test_a_commit_is_one_version_but_has_no_order() -> None:
    assert range_from_bounds(GENERIC, eq="d78dda6").contains("d78dda6")


def test_a_range_is_a_value() -> None:
    first, second = (range_from_bounds(GENERIC, ge="1", lt="2") for _ in range(2))
    assert first == second
    assert len({first, second}) == 1
    with pytest.raises(AttributeError):
        first.normal = "vers:generic/*"  # type: ignore[misc]  # frozen: this is what is tested


def test_a_range_of_one_kind_of_version_never_reaches_another_kind() -> None:
    """R5 is not before 6.0, nor after 4.0: such versions name another line of the product."""
    assert holds(range_from_bounds(GENERIC, lt="6.0"), "5.9 R5 SE2021MP9") == ["5.9"]
    assert holds(range_from_bounds(GENERIC, ge="4.0"), "5.9 R5 SE2021MP9") == ["5.9"]
    assert holds(range_from_bounds(GENERIC, le="R5"), "4 R4 R5 R6 SE1") == ["R4", "R5"]
    assert holds(range_from_bounds(GENERIC, ge="R5"), "6 R4 R5 R10 SE1") == ["R5", "R10"]


@pytest.mark.parametrize(
    ("spans", "normal"),
    [
        ([Span("1", True, "2"), Span("2", True, "3")], ">=1|<3"),
        ([Span("2", False, "3"), Span("1", True, "2")], ">=1|<2|>2|<3"),
        ([Span("1", True, "2", True), Span("2", False, "3")], ">=1|<3"),
        ([Span("1", True, "5"), Span("2", True, "3")], ">=1|<5"),
        ([Span("1", True, "2", True), Span("1", True, "2")], ">=1|<=2"),
        ([Span("1", True, "2"), Span("1", False)], ">=1"),
        ([Span(), Span("1", True, "2")], "*"),
        ([Span("3"), Span(None, high="4")], "*"),
        ([Span("1"), Span("3", True, "3", True)], ">=1"),
    ],
)
def test_spans_that_touch_are_one(spans: list[Span], normal: str) -> None:
    assert range_of(GENERIC, spans).normal == f"vers:generic/{normal}"


def test_a_span_without_an_end_takes_in_the_one_that_ends() -> None:
    spans = [Span("1", True, "2"), Span("1", False)]
    assert range_of(Scheme.DEB, spans).normal == "vers:deb/>=1"


@pytest.mark.parametrize(
    ("spans", "excluded", "normal", "inside"),
    [
        ([Span("1", True, "3", True)], ["2"], ">=1|!=2|<=3", ["1", "1.5", "2.5", "3"]),
        ([Span("1", True, "3", True)], ["1"], ">=1|!=1|<=3", ["1.5", "2", "2.5", "3"]),
        ([Span("1", True, "3", True)], ["3", "4"], ">=1|<=3|!=3", ["1", "1.5", "2", "2.5"]),
        ([Span()], ["2"], "!=2", ["1", "1.5", "2.5", "3", "4"]),
        ([Span("1", True, "1", True), Span("2")], ["1"], "1|!=1|>=2", ["2", "2.5", "3", "4"]),
    ],
)
def test_excluded_versions_are_left_out(
    spans: list[Span], excluded: list[str], normal: str, inside: list[str]
) -> None:
    range_ = range_of(GENERIC, spans, excluded)
    assert range_.normal == f"vers:generic/{normal}"
    assert holds(range_, "1 1.5 2 2.5 3 4") == inside


def test_no_span_is_no_version() -> None:
    assert range_of(GENERIC, []).normal == "vers:none/*"
    assert not range_of(GENERIC, []).contains("1")


def test_a_version_that_cannot_be_read_is_in_no_range_and_says_so() -> None:
    with pytest.raises(Malformed, match="cannot be read as a version"):
        range_from_bounds(GENERIC).contains("unknown")


def test_the_normal_form_reads_back_as_the_same_range() -> None:
    chance = random.Random(8)
    schemes = {
        Scheme.DEB: "deb",
        Scheme.RPM: "rpm",
        Scheme.PEP440: "pypi",
        Scheme.MAVEN: "maven",
        Scheme.SEMVER: "semver",
        Scheme.NPM: "semver",
        GENERIC: "numbers",
    }
    for scheme, pool in schemes.items():
        versions = REAL[pool].split()
        for _ in range(300):
            low, high = sorted(chance.choices(versions, k=2), key=lambda text: key(text, scheme))
            closed = key(low, scheme) == key(high, scheme)
            range_ = range_of(
                scheme, [Span(low, True, high, closed)], chance.choices(versions, k=1)
            )
            assert read_range(range_.normal) == range_
