"""The order of versions, against the programs that define it."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import semver
from packaging.version import InvalidVersion
from packaging.version import Version as PackagingVersion
from univers.gem import GemVersion
from univers.maven import Version as UniversMavenVersion
from univers.versions import GenericVersion, SemverVersion

from noroshi.core.errors import Malformed
from noroshi.formats.versions import Scheme, key, scheme_for_purl_type
from tests.formats.version_pairs import PAIRS, pairs

# univers has no types.
univers_maven: Callable[[str], Any] = UniversMavenVersion
univers_gem: Callable[[str], Any] = GemVersion


def sign(first: Any, second: Any) -> int:
    return int(first > second) - int(first < second)


def ours(first: str, second: str, scheme: Scheme) -> int:
    return sign(key(first, scheme), key(second, scheme))


def program(name: str, package: str) -> str:
    path = shutil.which(name)
    if not path:
        pytest.fail(f"This test asks {name} how versions compare: apt-get install {package}")
    return path


def differences(
    scheme: Scheme, compared: Iterable[tuple[str, str]], oracle: Callable[[str, str], int]
) -> list[tuple[str, str, int]]:
    """The pairs that the oracle orders in another way, with its answer."""
    return [
        (first, second, answer)
        for first, second in compared
        if (answer := oracle(first, second)) != ours(first, second, scheme)
    ]


# --- Debian ---------------------------------------------------------------------------------

DEB_PIECES = ["~", "+", ".", "-", "0", "1", "00", "10", "a", "rc", "~~", "Z", "deb12u1", ":", "99"]
DEB_SHAPE = re.compile(r"(?:[0-9]{1,9}:)?[0-9][A-Za-z0-9.+~]*(?:-[A-Za-z0-9.+~]+)*")


def test_debian_versions_order_as_dpkg_orders_them(tmp_path: Path) -> None:
    """dpkg is asked whether it agrees: one call for each pair, all from one shell."""
    program("dpkg", "dpkg")
    questions = []
    for first, second in pairs("deb", DEB_PIECES, _fullmatch(DEB_SHAPE), seed=1):
        relation = {-1: "lt", 0: "eq", 1: "gt"}[ours(first, second, Scheme.DEB)]
        questions.append(f"{first} {relation} {second}\n")
    (tmp_path / "pairs").write_text("".join(questions))
    loop = (
        'while read -r a op b; do dpkg --compare-versions "$a" $op "$b" || echo "$a $op $b"; done'
    )
    with (tmp_path / "pairs").open() as stream:
        answer = subprocess.run(
            ["sh", "-c", loop], stdin=stream, capture_output=True, text=True, check=True
        )
    assert len(questions) == PAIRS
    assert answer.stderr == ""
    assert answer.stdout == ""


@pytest.mark.parametrize("text", ["", "a1", "1:", ":1", "1 2", "1_2", "1.2:3", "１.0", "1-" * 80])
def test_a_text_that_dpkg_refuses_is_no_debian_version(text: str) -> None:
    with pytest.raises(Malformed):
        key(text, Scheme.DEB)


# --- RPM ------------------------------------------------------------------------------------

RPM_PIECES = ["~", "^", ".", "_", "+", "0", "1", "00", "10", "a", "rc", "Z", "el9", "~~", "-", ":"]
RPM_SHAPE = re.compile(r"(?:[0-9]{1,9}:)?[A-Za-z0-9.+~^_]+(?:-[A-Za-z0-9.+~^_]+)?")


def test_rpm_versions_order_as_rpm_orders_them(tmp_path: Path) -> None:
    compared = list(pairs("rpm", RPM_PIECES, _fullmatch(RPM_SHAPE), seed=2))
    listed = tmp_path / "pairs"
    listed.write_text("".join(f"{first} {second}\n" for first, second in compared))
    script = f"""%{{lua: for line in io.lines("{listed}") do
        local a, b = line:match("^(%S+) (%S+)$"); print(rpm.vercmp(a, b) .. ",") end}}"""
    answer = subprocess.run(
        [program("rpm", "rpm"), "--eval", script], capture_output=True, text=True, check=True
    )
    answers = [int(each) for each in answer.stdout.split(",")[:-1]]
    assert len(answers) == PAIRS
    wrong = [
        (first, second, theirs)
        for (first, second), theirs in zip(compared, answers, strict=True)
        if theirs != ours(first, second, Scheme.RPM)
    ]
    assert wrong == []


@pytest.mark.parametrize("text", ["", "1 2", "1:", "１.0", "1" * 101])
def test_a_text_with_blanks_or_without_a_version_is_no_rpm_version(text: str) -> None:
    with pytest.raises(Malformed):
        key(text, Scheme.RPM)


# --- Python ---------------------------------------------------------------------------------

PEP440_PIECES = ["a", "b", "rc", ".post", ".dev", "0", "1", "10", ".", "!", "+", "-", "x", "_", "c"]


def is_pep440(text: str) -> bool:
    try:
        PackagingVersion(text)
    except InvalidVersion:
        return False
    return True


def test_python_versions_order_as_packaging_orders_them() -> None:
    compared = pairs("pypi", PEP440_PIECES, is_pep440, seed=3)
    oracle = lambda a, b: sign(PackagingVersion(a), PackagingVersion(b))  # noqa: E731
    assert differences(Scheme.PEP440, compared, oracle) == []


def test_what_packaging_refuses_is_refused_and_what_it_reads_is_read() -> None:
    """Here the changes may break a version, and both must notice."""
    for _, text in pairs("pypi", PEP440_PIECES, lambda text: bool(text), seed=4):
        try:
            key(text, Scheme.PEP440)
            read = True
        except Malformed:
            read = False
        assert read == is_pep440(text), text


# --- Semantic versions and npm --------------------------------------------------------------

SEMVER_PIECES = ["-", ".", "+", "0", "1", "10", "alpha", "rc", "A", "x-1", "-0.1", "99"]


@pytest.mark.parametrize("scheme", [Scheme.SEMVER, Scheme.NPM])
def test_semantic_versions_order_as_the_semver_package_orders_them(scheme: Scheme) -> None:
    compared = pairs("semver", SEMVER_PIECES, semver.Version.is_valid, seed=5)
    oracle = lambda a, b: semver.Version.parse(a).compare(b)  # noqa: E731
    assert differences(scheme, compared, oracle) == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("v1.2.3", "1.2.3"),
        ("=1.2.3", "1.2.3"),
        ("1.2", "1.2.0"),
        ("1", "1.0.0"),
        ("1.2.3.0", "1.2.3"),
        ("1.2.3+7", "1.2.3"),
        (" 1.2.3 ", "1.2.3"),
    ],
)
def test_go_and_npm_and_nuget_write_more_than_the_standard(written: str, meant: str) -> None:
    assert key(written, Scheme.NPM) == key(meant, Scheme.NPM)


def test_the_fourth_number_of_nuget_counts() -> None:
    versions = ["1.2.3", "1.2.3.1", "1.2.3.10", "1.2.4-rc.1", "1.2.4"]
    assert [ours(a, b, Scheme.SEMVER) for a, b in pairwise(versions)] == [-1] * 4
    # univers drops it, which is why it is no oracle for versions with four numbers.
    assert not SemverVersion("1.2.3") < SemverVersion("1.2.3.1")


@pytest.mark.parametrize("text", ["", "a", "1.2.3.4.5", "1..2", "1.2.3-", "1.2.3-a..b", "1.2 3"])
def test_a_text_that_is_no_semantic_version_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match="cannot be read as a version"):
        key(text, Scheme.SEMVER)


# --- Maven ----------------------------------------------------------------------------------

MAVEN_PIECES = [
    "-",
    ".",
    "0",
    "1",
    "10",
    "alpha",
    "rc",
    "sp",
    "final",
    "x",
    "SNAPSHOT",
    "beta",
    "m",
]
MAVEN_QUALIFIER = r"-(?!ga|final|release)[A-Za-z]+(?:-?[1-9][0-9]*)?"
MAVEN_SHAPE = re.compile(
    rf"[0-9]+(?:\.[0-9]+)*(?:-[1-9][0-9]*)?(?:{MAVEN_QUALIFIER}){{,2}}", re.IGNORECASE
)


def test_maven_versions_order_as_univers_orders_them() -> None:
    """On the same pairs Maven 3.9.6 itself answered as we do each time (shown by hand)."""
    compared = list(pairs("maven", MAVEN_PIECES, _fullmatch(MAVEN_SHAPE), seed=6))
    oracle = lambda a, b: sign(univers_maven(a), univers_maven(b))  # noqa: E731
    different = differences(Scheme.MAVEN, compared, oracle)
    assert [pair for pair in different if not _univers_is_wrong(*pair[:2])] == []
    assert len(compared) == PAIRS
    assert len(different) < PAIRS / 100


def _univers_is_wrong(first: str, second: str) -> bool:
    """The specification says release = final and .qualifier = -qualifier; univers does not."""
    either = f"{first} {second}".lower()
    return ".release" in either or bool(re.search(r"\.[a-z]+[0-9]", either))


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        ("2.0.0.RELEASE", "2.0.0", 0),
        ("2.0.0.SR1", "2.0.0-SR1", 0),
        ("1.0.rc1", "1.0", -1),
        ("1.ga", "1", 0),
        ("1-1.foo-bar1baz-.1", "1-1.foo-bar-1-baz-0.1", 0),
        ("1.0.0-foo.0.0", "1-foo", 0),
        ("1-", "1", 0),
        ("1-foo2", "1-foo10", -1),
        ("1.foo", "1-foo", 0),
        ("1-foo", "1-1", -1),
        ("1-1", "1.1", -1),
        ("1-sp", "1-ga", 1),
        ("1-sp.1", "1-ga.1", 1),
        ("1-a1", "1-alpha-1", 0),
        ("1-a", "1-alpha", 1),
        ("1.final.5", "1", 1),
    ],
)
def test_the_examples_of_the_maven_specification(first: str, second: str, answer: int) -> None:
    assert ours(first, second, Scheme.MAVEN) == answer
    assert ours(second, first, Scheme.MAVEN) == -answer


@pytest.mark.parametrize("text", ["", "1 2", "${project.version}", "[1,2)", "-.-"])
def test_a_text_that_is_no_maven_version_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        key(text, Scheme.MAVEN)


# --- Generic --------------------------------------------------------------------------------


def test_versions_of_numbers_alone_order_as_univers_orders_those_of_rubygems() -> None:
    """Number by number with trailing zeros without meaning, the rule for generic versions."""
    shape = re.compile(r"[0-9]+(?:\.[0-9]+)*")
    compared = pairs("numbers", ["0", "1", "10", ".", "007", "99"], _fullmatch(shape), seed=7)
    oracle = lambda a, b: sign(univers_gem(a), univers_gem(b))  # noqa: E731
    assert differences(Scheme.GENERIC, compared, oracle) == []
    # univers' own generic versions are compared as text, so they are no oracle at all.
    assert GenericVersion("1.10") < GenericVersion("1.9")


def test_pre_releases_of_generic_versions_order_as_those_of_rubygems() -> None:
    """alpha < beta < rc < the release; other words come after a release with us, not with gems."""
    shape = re.compile(
        r"[1-9][0-9]*(?:\.[1-9][0-9]*)*(?:\.(?:alpha|beta|rc)(?:\.[1-9][0-9]{,3})?)?"
    )
    pieces = ["1", "10", ".", "alpha", "beta", "rc", ".alpha", ".beta.2", ".rc.1", ".rc"]
    compared = pairs("pre-releases", pieces, _fullmatch(shape), seed=10)
    oracle = lambda a, b: sign(univers_gem(a), univers_gem(b))  # noqa: E731
    assert differences(Scheme.GENERIC, compared, oracle) == []


@pytest.mark.parametrize(
    "rising",
    [
        "1.9 < 1.10 < 1.10.0.1 < 2.0 < 10.0",
        "5.1.2 dev1 < 5.1.2 alpha < 5.1.2 beta2 < 5.1.2 beta10 < 5.1.2 rc1 < 5.1.2",
        "9.0.98 < 10.1.0-M1 < 10.1.0-M20 < 10.1.0-RC1 < 10.1.0 < 10.1.13 < 11.0.0-M1 < 11.0.0",
        "8.5.98 < 9.0.0.M1 < 9.0.0.M27 < 9.0.0 < 9.0.0.1 < 10.10-m1 < 10.10",
        "5.1.2 < 5.1.2-4 < 5.1.2 build 7 < 5.1.2-h1 < 5.1.2 Patch 1 < 5.1.2 Update 3 < 5.1.2 SP1",
        "5.1.2 SP1 < 5.1.2 SP1 Update 1 < 5.1.2 SP2 < 5.1.2 R2 < 5.1.2a < 5.1.2.1 < 5.1.3",
        "10.1.6 < 10.1.6-h1 < 10.1.6-h3 < 10.1.6-h10 < 10.1.7",
        "7.0R1 < 7.0R2 < 7.0R10",
        "21.2R1 < 21.2R3 < 21.2R3-S7 < 21.2R3-S10 < 21.2R4 < 21.4R1",
        "15.1(3)M < 15.1(4)M < 15.1(4)M2 < 15.1(4)M10 < 15.2(1)T",
        "V14 < V14 Update 1 < V14 SP1 < V14 SP1 Update 4 < V14 SP1 Update 14 < V14 SP2 < V15",
        "1.2 FP2 < 1.2 FP2 HF10 < 1.2 FP3 HF4 < 1.2 FP3 HF10",
        "2017 < 2017 SP1 < 2017 R2 < 2017 R2 SP1 < 2019",
        "1.00A < 1.02C < 1.215Z < 1.270G",
        "08-10 < 08-10-05 < 08-11 < 09-00",
        "06-71 < 06-71-/A < 06-71-/D < 06-72",
        "R9.01 < R10.04",
        "SE2021MP5 < SE2021MP9 < SE2022MP1",
        "2.0 < 2.0-22165 < 2.0.5",
        "Build 9 < Build 1180",
        "99999 < A1",
        ".5 < 6",
    ],
)
def test_vendors_order_their_own_versions_so(rising: str) -> None:
    versions = rising.split(" < ")
    wrong = [pair for pair in pairwise(versions) if ours(*pair, Scheme.GENERIC) != -1]
    assert wrong == []


@pytest.mark.parametrize(
    "same",
    [
        "4.0 = 4.0.0 = V4 = v4.0 = Version 4.0 = Ver. 4.0 = Rev 4 = ４．０",
        "0 = 0.0",
        "5.2 SP1 = 5.2SP1 = 5.2 Service Pack 1 = V5.2_SP1 = 5.2.0 sp 1",
        "02.05 = 2.5",
        "8.1 Update 5 = 8.1 Upd5",
        "5_7_04_6469 = 5.7.4.6469",
        "2024-1 = 2024.1",
    ],
)
def test_spellings_of_one_generic_version_are_one_key(same: str) -> None:
    assert len({key(text, Scheme.GENERIC) for text in same.split(" = ")}) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "latest",
        "n/a",
        "*",
        "1" * 101,
        "V" + "1" * 100,
        "< 1.0",
        "1.0, 1.1",
        "1.0 and 1.1",
        "１.0 版",
    ],
)
def test_a_text_that_is_no_generic_version_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        key(text, Scheme.GENERIC)


def test_the_versions_of_the_synthetic_inventory_are_equal_and_ordered_number_by_number() -> None:
    """The shapes that the generator of the inventory writes, ordered as tuples of numbers."""
    chance = random.Random(11)
    for _ in range(PAIRS):
        first = [
            chance.randrange(4),
            chance.randrange(4),
            chance.randrange(30),
            chance.randrange(130),
        ]
        second = list(first)
        second[chance.randrange(4)] += chance.choice((-1, 0, 1)) if min(first) else 1
        size, lead = chance.randint(2, 4), chance.choice(("", "V"))
        left, right = (lead + ".".join(map(str, numbers[:size])) for numbers in (first, second))
        assert ours(left, right, Scheme.GENERIC) == sign(first[:size], second[:size])


def test_a_purl_type_has_a_scheme() -> None:
    expected = {
        "pypi": "pypi",
        "deb": "deb",
        "rpm": "rpm",
        "maven": "maven",
        "npm": "npm",
        "golang": "semver",
        "Cargo": "semver",
        "gem": "generic",
        "github": "generic",
    }
    assert {kind: scheme_for_purl_type(kind) for kind in expected} == expected


def _fullmatch(shape: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: bool(shape.fullmatch(text))
