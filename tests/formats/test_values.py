"""Labels, scores, names and tables that stand in documents of every format."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from noroshi.core.errors import Malformed
from noroshi.formats import cpe, cvss, kev, purl, ssvc, tlp
from noroshi.formats.node import Node
from tests.harness.shared import shared_data


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("TLP:AMBER+STRICT", "AMBER+STRICT"),
        ("amber strict", "AMBER+STRICT"),
        ("ＴＬＰ：ＲＥＤ", "RED"),
        ("WHITE", "CLEAR"),
        ("tlp-green", "GREEN"),
        ("Clear", "CLEAR"),
    ],
)
def test_a_label_is_read_as_people_write_it(written: str, meant: str) -> None:
    assert tlp.read(written) == meant


@pytest.mark.parametrize("written", ["", "TLP", "EX:CHR", "ORANGE", "AMBER STRICTER"])
def test_what_is_no_label_is_refused_and_never_guessed(written: str) -> None:
    with pytest.raises(Malformed):
        tlp.read(written)


@pytest.mark.parametrize(
    ("vector", "version", "base", "severity"),
    [
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", "2.0", 10.0, "high"),
        ("(AV:L/AC:M/Au:N/C:P/I:P/A:P)", "2.0", 4.4, "medium"),
        ("AV:L/AC:H/Au:M/C:N/I:N/A:P", "2.0", 0.8, "low"),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "3.0", 9.8, "critical"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", "3.1", 0.0, "none"),
        (
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            "4.0",
            9.3,
            "critical",
        ),
    ],
)
def test_a_vector_of_any_version_gives_its_base_score(
    vector: str, version: str, base: float, severity: str
) -> None:
    score = cvss.read(vector, "CISA-ADP")
    assert (score.version, score.base, score.severity) == (version, base, severity)
    assert score.source == "CISA-ADP"


@pytest.mark.parametrize(
    "vector",
    ["", "CVSS:3.1/AV:N", "CVSS:4.0/AV:Q", "AV:N/AC:L", "CVSS:5.0/AV:N", "AV:N/" * 1000],
)
def test_a_wrong_vector_is_refused(vector: str) -> None:
    with pytest.raises(Malformed):
        cvss.read(vector)


def test_a_package_url_gives_its_parts_and_a_form_without_version() -> None:
    package = purl.read("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar#x")
    assert (package.type, package.namespace, package.name) == (
        "maven",
        "org.apache.logging.log4j",
        "log4j-core",
    )
    assert package.version == "2.14.1"
    assert package.text == "pkg:maven/org.apache.logging.log4j/log4j-core?type=jar"


@pytest.mark.parametrize("text", ["", "log4j", "pkg:", "pkg:npm/", "pkg:npm/" + "a" * 3000])
def test_what_is_no_package_url_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        purl.read(text)


def test_a_cpe_name_of_either_binding_means_the_same() -> None:
    new = cpe.read(r"cpe:2.3:a:acme:press\:controller:4.1:sp1:*:*:*:linux:*:*")
    old = cpe.read("cpe:/a:acme:press%3acontroller:4.1:sp1:~~~linux~~")
    assert (new.vendor, new.product, new.version) == ("acme", "press:controller", "4.1 sp1")
    assert new.text == r"cpe:2.3:a:acme:press\:controller:*:*:*:*:*:linux:*:*"
    assert old == new


def test_a_cpe_without_version_names_none() -> None:
    assert cpe.read("cpe:/o:acme:firmware").version == ""
    assert cpe.read("cpe:2.3:h:acme:press:-:*:*:*:*:*:*:*").version == ""
    assert cpe.read("cpe:/a:acme:press:1.0").version == "1.0"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cpe:2.3:a:acme:press",
        "cpe:2.3:x:acme:press:*:*:*:*:*:*:*:*",
        "cpe:/a:acme",
        "cpe:2.3:a:*:*:*:*:*:*:*:*:*:*",
        "cpe:/a:" + "b" * 3000,
    ],
)
def test_what_is_no_cpe_name_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        cpe.read(text)


def test_an_actively_exploited_open_system_is_patched_at_once() -> None:
    assert ssvc.deployer("active", "open", "yes", "very high") == "immediate"
    assert ssvc.deployer("none", "small", "no", "low") == "defer"
    assert ssvc.deployer("poc", "open", "no", "medium") == ssvc.deployer(
        "public poc", "open", "no", "medium"
    )


def test_the_deployer_table_is_the_published_one() -> None:
    published = _table(shared_data() / "ssvc" / "deployer_patch_application_priority_1_0_0.csv")
    assert len(published) == 72
    for row in published:
        assert ssvc.deployer(*row[1:5]) == row[5]


def test_the_directive_gives_days_and_says_when_to_look_for_traces() -> None:
    assert ssvc.bod_26_04(True, True, True, "total") == ssvc.Timeline(
        "3 days & forensic investigation", 3, forensic=True
    )
    assert ssvc.bod_26_04(False, True, False, "partial").days == 60
    assert ssvc.bod_26_04(False, False, False, "total").days is None


def test_the_directive_table_is_the_published_one() -> None:
    published = _table(shared_data() / "ssvc" / "cisa_bod_26_04_1_0_0.csv")
    assert len(published) == 16
    for _, in_kev, exposed, automatable, impact, outcome in published:
        timeline = ssvc.bod_26_04(in_kev == "yes", exposed == "yes", automatable == "yes", impact)
        assert timeline.name == outcome


@pytest.mark.parametrize("impact", ["", "Total", "medium"])
def test_words_that_the_table_does_not_have_are_refused(impact: str) -> None:
    with pytest.raises(Malformed):
        ssvc.bod_26_04(True, True, True, impact)


def test_a_kev_entry_needs_the_day_on_which_it_was_added() -> None:
    assert kev.read_entry(Node({"dateAdded": "2024-01-04T00:00:00"})).added_on.day == 4
    with pytest.raises(Malformed) as error:
        kev.read_entry(Node({"dateAdded": "soon"}, "other/content"))
    assert error.value.where == "other/content/dateAdded"


def _table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))[1:]
