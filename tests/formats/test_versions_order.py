"""The order of versions, against the programs that define it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
import semver
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import InvalidVersion
from packaging.version import Version as PackagingVersion
from univers.gem import GemVersion
from univers.maven import Version as UniversMavenVersion
from univers.versions import GenericVersion, SemverVersion

from noroshi.core.errors import Malformed
from noroshi.formats.versions import Scheme, key, scheme_for_purl_type
from tests.formats.version_pairs import PAIRS, pairs

generic = partial(key, scheme=Scheme.GENERIC)


def sign(first: object, second: object) -> int:
    return (first > second) - (first < second)  # type: ignore[operator]  # both of one type


def ours(first: str, second: str, scheme: Scheme) -> int:
    return sign(key(first, scheme), key(second, scheme))


def program(name: str, package: str) -> str:
    found = shutil.which(name)
    if not found:
        pytest.fail(f"This test asks {name} how versions compare: apt-get install {package}")
    return found


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
    loop = 'while read -r a op b; do dpkg --compare-versions "$a" $op "$b" || echo "$a $op $b"; done'
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
    for _, text in pairs("pypi", PEP440_PIECES, lambda text: len(text) < 99, seed=4):
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
    [("v1.2.3", "1.2.3"), ("=1.2.3", "1.2.3"), ("1.2", "1.2.0"), ("1", "1.0.0"),
     ("1.2.3.0", "1.2.3"), ("1.2.3+7", "1.2.3"), (" 1.2.3 ", "1.2.3")],
)  # fmt: skip
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

MAVEN_PIECES = ["-", ".", "0", "1", "10", "alpha", "rc", "sp", "final", "x", "SNAPSHOT", "beta", "m"]
MAVEN_QUALIFIER = r"-(?!ga|final|release)[A-Za-z]+(?:-?[1-9][0-9]*)?"
MAVEN_SHAPE = re.compile(rf"[0-9]+(?:\.[0-9]+)*(?:-[1-9][0-9]*)?(?:{MAVEN_QUALIFIER}){{,2}}", re.I)


def test_maven_versions_order_as_univers_orders_them() -> None:
    """On the same pairs Maven 3.9.6 itself answered as we do each time (shown by hand)."""
    compared = list(pairs("maven", MAVEN_PIECES, _fullmatch(MAVEN_SHAPE), seed=6))
    oracle = lambda a, b: sign(UniversMavenVersion(a), UniversMavenVersion(b))  # noqa: E731
    found = differences(Scheme.MAVEN, compared, oracle)
    assert [pair for pair in found if not _univers_is_wrong(*pair[:2])] == []
    assert len(compared) == PAIRS
    assert len(found) < PAIRS / 100


def _univers_is_wrong(first: str, second: str) -> bool:
    """The specification says release = final and .qualifier = -qualifier; univers does not."""
    either = f"{first} {second}".lower()
    return ".release" in either or bool(re.search(r"\.[a-z]+[0-9]", either))


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [("2.0.0.RELEASE", "2.0.0", 0), ("2.0.0.SR1", "2.0.0-SR1", 0), ("1.0.rc1", "1.0", -1),
     ("1.ga", "1", 0), ("1-1.foo-bar1baz-.1", "1-1.foo-bar-1-baz-0.1", 0), ("1.0.0-foo.0.0", "1-foo", 0),
     ("1-", "1", 0), ("1-foo2", "1-foo10", -1), ("1.foo", "1-foo", 0), ("1-foo", "1-1", -1),
     ("1-1", "1.1", -1), ("1-sp", "1-ga", 1), ("1-sp.1", "1-ga.1", 1), ("1-a1", "1-alpha-1", 0),
     ("1-a", "1-alpha", 1), ("1.final.5", "1", 1)],
)  # fmt: skip
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
    oracle = lambda a, b: sign(GemVersion(a), GemVersion(b))  # noqa: E731
    assert differences(Scheme.GENERIC, compared, oracle) == []
    # univers' own generic versions are compared as text, so they are no oracle at all.
    assert GenericVersion("1.10") < GenericVersion("1.9")


def _fullmatch(shape: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: len(text) <= 100 and bool(shape.fullmatch(text))
