"""CVE records: what the list and CISA say of one vulnerability."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime

import pytest

from noroshi.core.errors import Malformed
from noroshi.formats import cve
from noroshi.formats.drafts import Affected, Kev, Ssvc
from tests.formats.advisories import Json, cve_record, cve_rows, read_cve
from tests.harness.shared import shared_data


def _only_row(*versions: Json, **entry: object) -> Affected:
    (row,) = cve_rows(*versions, **entry)
    return row


def _range(row: Affected) -> str | None:
    return row.range.normal if row.range else None


def test_a_record_says_what_it_is_and_is_public() -> None:
    draft = read_cve(cve_record())
    assert (draft.format, draft.tracking_id, draft.tlp) == ("cve-5", "CVE-2024-0001", "CLEAR")
    assert (draft.publisher, draft.namespace) == ("acme", "https://www.cve.org")
    assert draft.published_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert draft.revision == "2024-01-02T00:00:00+00:00"
    assert draft.title == "Acme Press: packet writes too far"
    assert draft.summary == "A packet writes too far. It is bad."
    assert [reference.url for reference in draft.references] == [
        "https://a.example",
        "https://b.example",
    ]


def test_a_record_says_how_bad_it_is_and_what_cisa_knows() -> None:
    (vulnerability,) = read_cve(cve_record()).vulnerabilities
    assert [(score.base, score.source) for score in vulnerability.scores] == [(7.5, "acme")]
    assert vulnerability.cwes == ("CWE-787",)
    assert vulnerability.kev == Kev(date(2024, 1, 4), "https://kev.example")
    at = datetime(2024, 1, 3, tzinfo=UTC)
    assert vulnerability.ssvc == Ssvc("active", "yes", "total", at)
    (remediation,) = vulnerability.remediations
    assert (remediation.kind, remediation.text) == ("vendor_fix", "Install 4.1.")


def test_the_newest_complete_decision_points_count() -> None:
    record = cve_record()
    metrics = record["containers"]["adp"][0]["metrics"]
    newer = json.loads(json.dumps(metrics[0]))
    newer["other"]["content"]["options"][0] = {"Exploitation": "none"}
    newer["other"]["content"]["timestamp"] = "2025-01-01T00:00:00Z"
    incomplete = {"other": {"type": "ssvc", "content": {"options": [{"Exploitation": "poc"}]}}}
    metrics += [newer, incomplete]
    ssvc = read_cve(record).vulnerabilities[0].ssvc
    assert ssvc and ssvc.exploitation == "none"


def test_a_wrong_vector_is_a_problem_and_the_rest_is_read() -> None:
    record = cve_record()
    record["containers"]["cna"]["metrics"].append({"cvssV4_0": {"vectorString": "CVSS:4.0/x"}})
    draft = read_cve(record)
    assert [problem.where for problem in draft.problems] == [
        "containers/cna/metrics/1/cvssV4_0/vectorString"
    ]
    assert len(draft.vulnerabilities[0].scores) == 1


def test_a_rejected_record_is_withdrawn_and_says_why() -> None:
    record = cve_record(
        cveMetadata__state="REJECTED",
        cveMetadata__dateUpdated=None,
        cveMetadata__assignerShortName=None,
        containers__cna={
            "providerMetadata": {"shortName": "mitre"},
            "rejectedReasons": [{"lang": "ja", "value": "重複"}],
        },
        containers__adp=[],
    )
    draft = read_cve(record)
    assert draft.withdrawn and draft.affected == ()
    assert (draft.title, draft.summary, draft.revision) == ("重複", "重複", "")
    assert draft.publisher == "mitre"
    assert draft.vulnerabilities[0].kev is None and draft.vulnerabilities[0].ssvc is None


@pytest.mark.parametrize(
    ("problem", "title"),
    [
        ("CWE-787 Out-of-bounds Write", "Acme Works Press: Out-of-bounds Write"),
        ("CWE-787: Out-of-bounds  Write.", "Acme Works Press: Out-of-bounds Write"),
        ("Remote Code Execution", "Acme Works Press: Remote Code Execution"),
        ("CWE-787", "A packet writes too far."),
        ("n/a", "A packet writes too far."),
        ("An attacker who can reach the port " * 5, "A packet writes too far."),
    ],
)
def test_a_record_without_title_is_called_by_its_product_and_weakness_where_both_are_named(
    problem: str, title: str
) -> None:
    types = [{"descriptions": [{"lang": "en", "description": problem}]}]
    record = cve_record(containers__cna__title=None, containers__cna__problemTypes=types)
    draft = read_cve(record)
    assert draft.title == draft.vulnerabilities[0].title == title


def test_a_short_title_names_two_products_of_many() -> None:
    types = [{"descriptions": [{"lang": "en", "description": "Use After Free"}]}]
    versions = [{"version": "1", "status": "affected"}]
    products = [
        {"vendor": "n/a", "product": "n/a", "versions": versions},
        *(
            {"vendor": "Acme", "product": name, "versions": versions}
            for name in ("Acme Press", "acme_press", "Mill", "Lathe")
        ),
    ]
    record = cve_record(
        containers__cna__title=None,
        containers__cna__problemTypes=types,
        containers__cna__affected=products,
    )
    assert read_cve(record).title == "Acme Press, Acme Mill …: Use After Free"


def test_a_product_without_a_name_gives_no_short_title() -> None:
    types = [{"descriptions": [{"lang": "en", "description": "Use After Free"}]}]
    versions = [{"version": "1", "status": "affected"}]
    record = cve_record(
        containers__cna__title=None,
        containers__cna__problemTypes=types,
        containers__cna__affected=[
            {"vendor": "Acme", "product": "unspecified", "versions": versions}
        ],
    )
    assert read_cve(record).title == "A packet writes too far."


def test_a_reference_without_an_address_is_left_out() -> None:
    links = [{"name": "Paper"}, {"url": "https://a.example/1", "name": "Advisory"}]
    draft = read_cve(cve_record(containers__cna__references=links, containers__adp=[]))
    assert [link.url for link in draft.references] == ["https://a.example/1"]


def test_a_record_without_title_and_weakness_is_called_by_its_first_sentence() -> None:
    record = cve_record(containers__cna__title=None, containers__cna__problemTypes=[])
    assert read_cve(record).title == "A packet writes too far."
    record["containers"]["cna"]["descriptions"] = [{"lang": "en", "value": "x" * 500}]
    assert len(read_cve(record).title) == 200
    record["containers"]["cna"]["descriptions"] = []
    assert read_cve(record).title == "CVE-2024-0001"


@pytest.mark.parametrize(
    ("version", "text", "normal"),
    [
        ({"version": "1.0", "lessThan": "2.0"}, ">= 1.0, < 2.0", "vers:generic/>=1.0|<2.0"),
        ({"version": "0", "lessThanOrEqual": "2.0"}, "<= 2.0", "vers:generic/<=2.0"),
        ({"version": "n/a", "lessThanOrEqual": "2.0"}, "<= 2.0", "vers:generic/<=2.0"),
        ({"version": "?", "lessThan": "2.0"}, "< 2.0", "vers:generic/<2.0"),
        ({"version": "1.0", "lessThan": "*"}, ">= 1.0", "vers:generic/>=1.0"),
        ({"version": "1.0", "lessThan": "unspecified"}, ">= 1.0", "vers:generic/>=1.0"),
        ({"version": "0", "lessThan": "*"}, "*", "vers:generic/*"),
        ({"version": "5.15.1", "lessThanOrEqual": "5.15.*"}, ">= 5.15.1, < 5.16", None),
        ({"version": "10.0"}, "10.0", "vers:generic/10.0"),
        ({"version": 10}, "10", "vers:generic/10"),
        ({"version": "< 2.0"}, "< 2.0", "vers:generic/<2.0"),
        ({"version": "all versions"}, "all versions", "vers:generic/*"),
        ({"version": "1:2-3", "versionType": "rpm"}, "1:2-3", "vers:rpm/1:2-3"),
        ({"version": "1.0", "versionType": "python"}, "1.0", "vers:pypi/1.0"),
        ({"version": "1.0", "versionType": "semver"}, "1.0", "vers:generic/1.0"),
        (
            {
                "version": "cpe:2.3:a:x:y:1.0:*:*:*:*:*:*:*",
                "lessThan": "cpe:2.3:a:x:y:2.0:*:*:*:*:*:*:*",
                "versionType": "cpe",
            },
            ">= 1.0, < 2.0",
            "vers:generic/>=1.0|<2.0",
        ),
        (
            {"version": "cpe:2.3:a:x:y:*:*:*:*:*:*:*:*", "lessThanOrEqual": "2.0"},
            "<= 2.0",
            "vers:generic/<=2.0",
        ),
    ],
)
def test_a_version_entry_means_a_range(
    version: dict[str, object], text: str, normal: str | None
) -> None:
    row = _only_row({"status": "affected", **version})
    assert row.text == text
    assert row.range
    assert normal is None or row.range.normal == normal


@pytest.mark.parametrize(
    "version",
    [
        {"version": "n/a"},
        {"version": "-"},
        {"version": "See references, there are too many of them"},
        {"version": "1da177e4c3f4", "lessThan": "e9edc188fc76", "versionType": "git"},
        {"version": "1da177e4c3f4", "lessThan": "9d7d4649dc1c", "versionType": "custom"},
        {"version": "0", "lessThan": "9d7d4649dc1c"},
        {"version": "d78dda6"},
        {"version": "3.0", "lessThan": "2.0"},
        {"version": "1.0", "lessThan": "cpe:2.3:broken of its own"},
    ],
)
def test_what_has_no_order_or_no_meaning_gets_no_range_and_is_named(
    version: dict[str, object],
) -> None:
    row = _only_row({"status": "affected", **version})
    assert row.range is None
    record = cve_record(
        containers__cna__affected=[
            {"vendor": "Acme", "product": "Press", "versions": [{"status": "affected", **version}]}
        ]
    )
    assert [problem.where for problem in read_cve(record).problems] == [row.where]
    assert row.where == "containers/cna/affected/0/versions/0"


def test_changes_within_a_range_cut_it() -> None:
    rows = cve_rows(
        {
            "version": "1.0",
            "lessThan": "3.0",
            "status": "affected",
            "changes": [
                {"at": "1.5", "status": "unaffected"},
                {"at": "2.0", "status": "affected"},
                {"at": "3.1", "status": "unaffected"},
                {"at": "no version at all !", "status": "unaffected"},
            ],
        }
    )
    assert [(row.status, row.text) for row in rows] == [
        ("affected", ">= 1.0, < 1.5"),
        ("fixed", ">= 1.5, < 2.0"),
        ("affected", ">= 2.0, < 3.0"),
    ]


def test_changes_of_an_open_range_are_taken_as_they_come() -> None:
    rows = cve_rows(
        {
            "version": "1.0",
            "lessThan": "*",
            "status": "unknown",
            "changes": [{"at": "2.0", "status": "affected"}],
        }
    )
    assert [(row.status, row.text) for row in rows] == [
        ("unknown", ">= 1.0, < 2.0"),
        ("affected", ">= 2.0"),
    ]


def test_where_the_default_is_affected_the_rest_is_affected() -> None:
    """As the Linux kernel writes: affected from 5.8 on, except what was repaired."""
    rows = cve_rows(
        {"version": "5.8", "status": "affected"},
        {"version": "0", "lessThan": "5.8", "status": "unaffected"},
        {"version": "5.10.215", "lessThanOrEqual": "5.10.*", "status": "unaffected"},
        {"version": "5.10.300", "status": "unaffected"},
        {"version": "6.9", "lessThanOrEqual": "*", "status": "unaffected"},
        defaultStatus="affected",
    )
    rest = rows[-1]
    assert (rest.status, rest.text) == ("affected", "*")
    assert rest.range
    assert [rest.range.contains(version) for version in ("5.7", "5.8", "5.10.214", "5.10.215")] == [
        False,
        True,
        True,
        False,
    ]
    assert rest.range.contains("6.8") and not rest.range.contains("6.9")


def test_the_rest_may_be_open_above_or_unreadable() -> None:
    (_, rest) = cve_rows(
        {"version": "1.0", "lessThan": "2.0", "status": "unaffected"}, defaultStatus="affected"
    )
    assert rest.range and rest.range.contains("0.9") and rest.range.contains("2.0")
    rows = cve_rows(
        {"version": "1.0", "lessThan": "2.0", "status": "unaffected"},
        {"version": "R3", "lessThan": "R4", "status": "unaffected"},
        defaultStatus="affected",
    )
    assert rows[-1].text == "*"


@pytest.mark.parametrize(
    ("version", "inside", "outside"),
    [
        ({"version": "5.0", "status": "unaffected"}, ["10"], ["4", "5.0", "7"]),
        ({"version": "20", "lessThan": "30", "status": "unknown"}, ["10", "30"], ["20", "29"]),
        (
            {
                "version": "20",
                "lessThan": "*",
                "status": "affected",
                "changes": [{"at": "25", "status": "unaffected"}],
            },
            ["10", "20", "24"],
            ["25", "40"],
        ),
    ],
)
def test_the_rest_holds_nothing_of_which_the_record_says_otherwise(
    version: dict[str, object], inside: list[str], outside: list[str]
) -> None:
    rows = cve_rows(
        {"version": "0", "lessThan": "10", "status": "unaffected"},
        version,
        defaultStatus="affected",
    )
    rest = rows[-1]
    assert (rest.status, rest.text) == ("affected", "*") and rest.range
    assert [text for text in (*inside, *outside) if rest.range.contains(text)] == inside


def test_a_release_line_that_was_repaired_was_affected_before() -> None:
    """As the Linux kernel writes of a fault that came with 6.8 and, later, with 6.1.80."""
    rows = cve_rows(
        {"version": "0", "lessThan": "6.8", "status": "unaffected"},
        {"version": "6.1.88", "lessThanOrEqual": "6.1.*", "status": "unaffected"},
        {"version": "6.8.8", "lessThanOrEqual": "6.8.*", "status": "unaffected"},
        {"version": "6.9", "lessThanOrEqual": "*", "status": "unaffected"},
        defaultStatus="affected",
    )
    rest = rows[-1].range
    assert rest
    inside = ["6.1.87", "6.8", "6.8.7"]
    outside = ["5.15.1", "6.0.9", "6.1.88", "6.1.90", "6.2", "6.7.9", "6.8.8", "6.8.9", "6.9"]
    assert [text for text in (*inside, *outside) if rest.contains(text)] == inside


def test_the_rest_is_ordered_as_its_stretches_are() -> None:
    """As Red Hat writes: what is installed is told without the epoch."""
    (_, rest) = cve_rows(
        {
            "version": "0:8.7p1-38.el9_4.1",
            "lessThan": "*",
            "versionType": "rpm",
            "status": "unaffected",
        },
        defaultStatus="affected",
    )
    assert rest.range
    assert rest.range.contains("8.7p1-34.el9") and not rest.range.contains("8.7p1-38.el9_4.1")


@pytest.mark.parametrize("version", ["SMR Jul-2023 Release 1", "< 2.0", "1.0 | 1.2"])
def test_where_nobody_can_tell_what_is_left_the_product_is_affected_without_a_range(
    version: str,
) -> None:
    """As Samsung writes: all is affected but one release, whose name is no version."""
    rows = cve_rows(
        {"version": version, "status": "unaffected"},
        {"version": "5.0", "status": "unaffected"},
        defaultStatus="affected",
    )
    assert [(row.status, row.text, row.range) for row in rows[2:]] == [("affected", "*", None)]


def test_nothing_is_left_where_all_versions_are_said_to_be_clear() -> None:
    for version in ({"version": "All versions"}, {"version": "0", "lessThan": "*"}):
        (row,) = cve_rows({**version, "status": "unaffected"}, defaultStatus="affected")
        assert row.status == "not_affected"


def test_a_product_without_versions_has_its_default_status() -> None:
    assert _range(_only_row(defaultStatus="affected")) == "vers:generic/*"
    assert _only_row(defaultStatus="unaffected").status == "not_affected"
    assert cve_rows() == [] == cve_rows(defaultStatus="unknown")


def test_a_package_is_known_by_its_collection() -> None:
    version = {"version": "1.0", "lessThan": "2.0", "status": "affected"}

    def purl(url: str, name: str) -> str:
        return _only_row(version, collectionURL=url, packageName=name, product=None).purl

    assert purl("https://pypi.org", "Django") == "pkg:pypi/django"
    assert purl("https://www.npmjs.com/", "@angular/core") == "pkg:npm/%40angular/core"
    assert purl("https://repo.maven.apache.org/maven2", "org.log:core") == "pkg:maven/org.log/core"
    assert purl("https://wordpress.org/plugins", "watu") == ""
    assert purl("https://pypi.org", "bad/") == ""
    row = _only_row(version, packageURL="pkg:npm/left-pad@1.0")
    assert (row.purl, _range(row)) == ("pkg:npm/left-pad", "vers:npm/>=1.0|<2.0")
    assert _only_row(version, packageURL="nonsense").purl == ""


def test_a_version_that_its_scheme_does_not_know_is_read_as_any_version() -> None:
    row = _only_row({"version": "5 SP1 Update 3", "status": "affected"}, packageURL="pkg:pypi/x")
    assert row.range and row.range.normal.startswith("vers:generic/")
    ranged = _only_row(
        {"version": "0", "lessThan": "V5 SP1", "status": "affected"}, packageURL="pkg:pypi/x"
    )
    assert _range(ranged) == "vers:generic/<V5%20SP1"


def test_an_entry_that_names_no_product_is_left_out() -> None:
    assert cve_rows({"version": "n/a", "status": "affected"}, vendor="n/a", product="n/a") == []
    row = _only_row({"version": "1.0", "status": "affected"}, vendor="n/a")
    assert (row.vendor, row.product) == ("", "Press")


def test_cpe_and_platforms_are_kept() -> None:
    row = _only_row(
        {"version": "1.0", "status": "affected"},
        cpes=["cpe:2.3:a:acme:press:1.0:*:*:*:*:*:*:*"],
        platforms=["Windows", "Linux"],
    )
    assert row.cpe == "cpe:2.3:a:acme:press:*:*:*:*:*:*:*:*"
    assert row.platform == "Windows, Linux"
    assert _only_row({"version": "1.0", "status": "affected"}, cpes=["x"]).cpe == ""


def test_commits_are_left_out_where_versions_are_named_too() -> None:
    git = {"version": "1da177e4c3f4", "lessThan": "e9edc188fc76", "versionType": "git"}
    release = {"version": "5.8", "lessThan": "6.0"}
    linux = {"vendor": "Linux", "product": "Linux"}
    record = cve_record(
        containers__cna__affected=[
            {**linux, "versions": [{"status": "affected", **git}]},
            {**linux, "versions": [{"status": "affected", **release}]},
        ]
    )
    assert [row.text for row in read_cve(record).affected] == [">= 5.8, < 6.0"]


def test_commits_are_kept_where_the_versions_only_say_what_is_clear() -> None:
    commits = {"version": "1da177e4c3f4", "lessThan": "9d7d4649dc1c", "status": "affected"}
    clear = {"version": "5.13", "status": "unaffected"}
    linux = {"vendor": "linux", "product": "linux_kernel"}
    record = cve_record(
        containers__cna__affected=[
            {**linux, "versions": [commits]},
            {**linux, "versions": [clear]},
        ]
    )
    assert [(row.status, row.range is None) for row in read_cve(record).affected] == [
        ("affected", True),
        ("not_affected", False),
    ]


def test_a_row_that_another_container_repeats_is_kept_once() -> None:
    record = cve_record()
    record["containers"]["adp"].append({"affected": record["containers"]["cna"]["affected"]})
    assert len(read_cve(record).affected) == 1


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"dataType": "CVE"}, "dataVersion"),
        ({"dataVersion": "4.0"}, "dataVersion"),
        ({"cveMetadata__cveId": "CVE-24-1"}, "cveMetadata/cveId"),
        ({"cveMetadata__cveId": None}, "cveMetadata/cveId"),
        ({"cveMetadata__datePublished": "yesterday"}, "cveMetadata/datePublished"),
        ({"containers__cna__affected": {}}, "containers/cna/affected"),
        ({"containers__cna__references": [{"url": 5}]}, "containers/cna/references/0/url"),
        ({"containers": []}, "containers"),
    ],
)
def test_a_broken_record_is_refused_with_the_place(changed: dict[str, object], where: str) -> None:
    with pytest.raises(Malformed) as error:
        read_cve(cve_record(**changed))
    assert error.value.where == where


def test_every_real_record_is_read_with_what_cisa_added() -> None:
    drafts = []
    with gzip.open(shared_data() / "cve.jsonl.gz") as lines:
        drafts = [cve.read(line) for line in lines]
    assert len(drafts) >= 606
    vulnerabilities = [vulnerability for draft in drafts for vulnerability in draft.vulnerabilities]
    assert sum(vulnerability.ssvc is not None for vulnerability in vulnerabilities) >= 605
    assert sum(vulnerability.kev is not None for vulnerability in vulnerabilities) >= 86
    assert sum(draft.withdrawn for draft in drafts) >= 1
    rows = [row for draft in drafts for row in draft.affected]
    assert sum(row.range is not None for row in rows) / len(rows) >= 0.9
