"""Version ranges as advisories write them, and the texts nobody can read."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from noroshi.core.errors import Malformed
from noroshi.formats.versions import Scheme, read_range
from tests.harness.shared import shared_data, unpacked

ENGLISH = """
< V4.1                                          ⇒ <4.1
<V4.1                                           ⇒ <4.1
All versions < V2.1.82                          ⇒ <2.1.82
All Versions >= V2.1 and < V2.1.3               ⇒ >=2.1|<2.1.3
All versions                                    ⇒ *
*                                               ⇒ *
all known firmware versions                     ⇒ *
>= 3.5.11.0 | <= 3.5.15.0                       ⇒ >=3.5.11.0|<=3.5.15.0
>=3.0|<3.4                                      ⇒ >=3.0|<3.4
<= 3.5 | >= 3.0                                 ⇒ >=3.0|<=3.5
<= 3.0 | >= 3.5                                 ⇒ <=3.0|>=3.5
>=8.0|=<8.5                                     ⇒ >=8.0|<=8.5
>= 7.0 < V8.06                                  ⇒ >=7.0|<8.06
0 < 8.0.1                                       ⇒ >=0|<8.0.1
> 4.001 | < 4.005 | > 5.011 | < 5.017           ⇒ >4.001|<4.005|>5.011|<5.017
<=1.2                                           ⇒ <=1.2
1.2.3                                           ⇒ 1.2.3
= 1.2.3                                         ⇒ 1.2.3
1.2.3.                                          ⇒ 1.2.3
10 | 11                                         ⇒ 10|11
1.0, 1.1 and 1.2                                ⇒ 1.0|1.1|1.2
, and 5.028                                     ⇒ 5.028
11.3 | R5.1 | <= R6                             ⇒ 11.3|<=R6
* | 1.5.0 plus205                               ⇒ *
4.X | 5.X                                       ⇒ >=4|<6
<4.x                                            ⇒ <4
5.1.0-x | >= 6.0.0-1 | <= 6.0.0-3               ⇒ >=5.1.0|<5.1.1|>=6.0.0-1|<=6.0.0-3
Versions 1.0 through 2.3                        ⇒ >=1.0|<=2.3
V1.0 to V2.0                                    ⇒ >=1.0|<=2.0
from 1.0 to < 2.0                               ⇒ >=1.0|<2.0
> 1.0 to 2.0                                    ⇒ >1.0|<=2.0
28 – 32                                         ⇒ >=28|<=32
1.0.0-1.4.2                                     ⇒ >=1.0.0|<=1.4.2
V5-V6                                           ⇒ >=5|<=6
08-10                                           ⇒ 08-10
prior to 3.2                                    ⇒ <3.2
all versions up to 2.3                          ⇒ <=2.3
up to 2.3                                       ⇒ <=2.3
up to (excluding) 2.3                           ⇒ <2.3
v1.0 up to and including v2.3                   ⇒ >=1.0|<=2.3
between V2.5 (including) and V2.7 (excluding)   ⇒ >=2.5|<2.7
between 2.5 (excluding) and 2.7 (including)     ⇒ >2.5|<=2.7
1.0 through 1.5 (inclusive)                     ⇒ >=1.0|<=1.5
1.5 (included)                                  ⇒ 1.5
1.2 and earlier                                 ⇒ <=1.2
1.2 and prior versions                          ⇒ <=1.2
5.0 or later                                    ⇒ >=5.0
5.0 and later and before 6.0                    ⇒ >=5.0|<6.0
3.x before 3.1.4 and 4.x before 4.0.2           ⇒ >=3|<3.1.4|>=4|<4.0.2
Acme 3.x versions before 3.1.4                  ⇒ >=3|<3.1.4
<V33.017_V34.014_V35.013_V36.011                ⇒ <33.017|>=34|<34.014|>=35|<35.013|>=36|<36.011
<= 2.5, 3.1                                     ⇒ <=2.5|>=3|<=3.1
1.0 to 2.0, excluding 1.5                       ⇒ >=1.0|!=1.5|<=2.0
<= 9.6 (excluding 9.4.2.6 and 9.5.3.2)          ⇒ !=9.4.2.6|!=9.5.3.2|<=9.6
!=1.5                                           ⇒ !=1.5
none                                            ⇒ none
Product X: Versions prior to 3.1                ⇒ <3.1
GX Works3: vers:all/*                           ⇒ *
Suite, including A and B: <=10.97.3             ⇒ <=10.97.3
Product X all versions                          ⇒ *
CARESCAPE B650: all versions                    ⇒ *
FortiOS before 7.0.3                            ⇒ <7.0.3
Acme 1.0, Acme 1.1                              ⇒ 1.0|1.1
Product X version 5                             ⇒ 5
Sample365 Portal version 5                      ⇒ 5
Acme before version 5                           ⇒ <5
vers:generic/16.12.1x                           ⇒ 16.12.1x
RTU500 firmware 12.0.1 – 12.0.14                ⇒ >=12.0.1|<=12.0.14
V1.2/V1.3                                       ⇒ 1.2|1.3
< 3.2.3 HF2 only                                ⇒ <3.2.3 HF2
<= 5.0.1.1-hotfix2                              ⇒ <=5.0.1.1-hotfix2
Rev. B02                                        ⇒ B02
Sample365 Portal 2.1                            ⇒ 2.1
Windows 10 Version 1809                         ⇒ 1809
Web firmware v01.12.10                          ⇒ 01.12.10
<=PSC_2020_v5.21.x                              ⇒ <5.22
All versions < CPCI85 V05.11                    ⇒ <05.11
RoboDK_v5.5.4_(Windows_64_bit)                  ⇒ 5.5.4
<V9.62_installed_on_CP150_and_CP300_devices     ⇒ <9.62
<=2.0.0.5_with_DOPSoft_v5.0.0.93                ⇒ <=2.0.0.5
< V12.1a (2018 R1)                              ⇒ <12.1a
vers:all/*_installed_on_CP200_devices           ⇒ *
< V15.1 Upd 4                                   ⇒ <15.1 update 4
<V7.4_SP1_Update_23                             ⇒ <7.4 SP1 update 23
<=3.8.0_Feature_Pack_1                          ⇒ <=3.8.0 FP1
<= 9.4 FP2 Hotfix 4                             ⇒ <=9.4 FP2 hotfix 4
< 6.0.3.3 RU1                                   ⇒ <6.0.3.3 RU1
< NVR 5.6 Build 595 T2-Patch                    ⇒ <5.6 build 595 T2-Patch
15.1(4)M and earlier                            ⇒ <=15.1(4)M
<15.2{7}E2                                      ⇒ <15.2{7}E2
21.2 versions prior to 21.2R3-S7                ⇒ >=21.2|<21.2R3-S7
10.1.6-h1 and earlier                           ⇒ <=10.1.6-h1
<= 01.02.29(09)                                 ⇒ <=01.02.29(09)
>=R9.01|<=R10.04                                ⇒ >=R9.01|<=R10.04
d78dda6                                         ⇒ d78dda6
vers:all/*                                      ⇒ *
vers:all/<V10.1                                 ⇒ <10.1
vers:all/>=V1.80<V2.20                          ⇒ >=1.80|<2.20
vers:all/>=V5.4<V5.5 SP1                        ⇒ >=5.4|<5.5 SP1
vers:intdot/>=1.2.3.4|<1.3                      ⇒ >=1.2.3.4|<1.3
vers:none/*                                     ⇒ none
"""

UNCLEAR = """
latest
n/a
-
unspecified
May 1 2024
<May_1_2024
prior to June 2024
first 2 digits of serial number are 01
S/N 1000 to 2000
<with_Nozomi_Guardian_/_CMC_23.4.1
All versions with maxView Storage Manager < V4.14.00.26068 on Windows
1.0 on Windows and 2.0 on Linux
2.0 with patch 3
2.0 without patch 3
not affected: 2.0
unaffected 2.0
2.0 (fixed)
2.0 is fixed
1.0 (before 2024)
V7.6x
< 8.1x
<=d78dda6
20000-21150
TSXETY4103 *
* , 1.5
1.5 | *
all versions 1.5
Modicon M221
9.0.1; Java SE Embedded: 8u151
SD865 5G
firmware version 1.4.3 bios version 1.2
1.0, 1.1, Acme: 1.2
Devices sold before 2019
Acme and Foo 1.0
FortiOS 6.0.0, FortiProxy 2.0.0
1.0, FortiProxy 2.0
3.1a系
16.12.1x
1.2 Product
1.0 2.0
1.0 V2.0
< 7.03 / 7.04
< 1.2.3, 1.3.4
< A1, B2
>= 1.0, 2.0
1.0 | < 2.0, 3.1
< 3.5 | < 4.0
> 3.5 | > 4.0
>= 2 | <= 1
1.5 >= 1.0
Windows 7 prior to 10.0.1
5 to R7
<= nxal100v-p1-9-1and
< 5.1 Rev E/5.1 FP4 Rev E TC6
< < 1.0
< and 2.0
<
to
1.0 to
1.0 to to 2.0
< 1.0 to 2.0
1.0 and
and earlier
1.0, and earlier
1.2 and earlier and later
1.2 (excluding) (including)
all versions (excluding)
except 2.0
all versions except 2.0 | 2.0.1
except < 2.0
all versions except 2.0 to 3.0
all versions except 2.0 and earlier
< except 2.0
> 1.0 系
系
none 1.0
2.0 (excluded) 3.0
vers:generic/>=a|<b
vers:deb/>=1 2
vers:pypi/>=1.0-foo
バージョン 2.0 は影響を受けません
2.0 で修正済み
2.0 以前 (2.0 を含まない)
開発者が提供する情報を確認してください
"""


@pytest.mark.parametrize("line", ENGLISH.strip().splitlines())
def test_an_advisory_says_which_versions_it_means(line: str) -> None:
    text, _, expected = line.partition("⇒")
    normal = "vers:none/*" if expected.strip() == "none" else f"vers:generic/{expected.strip()}"
    assert unquote(read_range(text.strip()).normal) == normal


@pytest.mark.parametrize("text", ["", " ", "1" * 101, "1." * 600, *UNCLEAR.strip().splitlines()])
def test_a_text_that_nobody_can_read_gets_no_range(text: str) -> None:
    with pytest.raises(Malformed):
        read_range(text)


def test_the_error_points_at_the_part_that_cannot_be_read() -> None:
    with pytest.raises(Malformed) as raised:
        read_range(">= 1.0 | < 8.1x")
    assert raised.value.where == "8.1x"
    assert str(raised.value) == (
        "8.1x: “>= 1.0 | < 8.1x” does not say clearly which versions it means."
    )


def test_the_versions_of_a_package_are_read_in_its_own_scheme() -> None:
    versions = read_range("vers:deb/>=1:2.36-9~rc1|<1:2.36-9+deb12u7")
    assert versions.scheme is Scheme.DEB
    assert versions.contains("1:2.36-9")
    assert not versions.contains("2.36-9")
    assert read_range("vers:pypi/>=1.0a1|<1!2.0").contains("1.0")
    assert read_range(">= 1.0a1 and < 1!2.0", Scheme.PEP440).contains("1.0")
    assert read_range("vers:all/*", Scheme.RPM).normal == "vers:rpm/*"
    assert read_range("5.10.*", Scheme.SEMVER).normal == "vers:semver/>=5.10|<5.11"


def test_the_japanese_sentences_of_jvn_are_read_as_the_people_who_wrote_them_meant() -> None:
    for name in ("expected_readings.json", "more_sentences.json"):
        document = json.loads((shared_data() / "jvn-synthetic" / name).read_bytes())
        wrong = [
            (sentence["text"], reading, expected)
            for sentence in document["sentences"]
            if (reading := _read(sentence["text"])) != (expected := _expected(sentence["reading"]))
        ]
        assert wrong == []


def _read(text: str) -> set[str]:
    try:
        normal = read_range(text).normal
    except Malformed:
        return {"unclear"}
    return set(unquote(normal.partition("/")[2]).split("|")) - {"*"} or {normal}


def _expected(reading: dict[str, Any]) -> set[str]:
    signs = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<", "eq": ""}
    bounds = {signs[kind] + text for each in reading["ranges"] for kind, text in each.items()}
    bounds |= {f"!={each['eq']}" for each in reading["except"]}
    named = {"all": "vers:generic/*", "none": "vers:none/*", "unclear": "unclear"}
    return bounds or {named[reading["kind"]]}


def test_the_version_texts_of_the_cisa_advisories_get_a_range(tmp_path: Path) -> None:
    """98 of 100; the others are listed, and for each of them there is a reason in UNCLEAR."""
    texts: Counter[str] = Counter()
    for path in unpacked("csaf-cisa.tar.gz", tmp_path).rglob("*.json"):
        texts.update(_version_texts(json.loads(path.read_bytes()).get("product_tree", {})))
    refused = {text: times for text, times in texts.items() if _read(text) == {"unclear"}}
    assert texts.total() > 1000
    assert sum(refused.values()) / texts.total() <= 0.02, refused


def _version_texts(branch: dict[str, Any]) -> Iterator[str]:
    if branch.get("category") in ("product_version", "product_version_range"):
        yield branch["name"]
    for below in branch.get("branches", ()):
        yield from _version_texts(below)


WORDS = [
    *("1.0", "2.0", "V3", "R5", "3.x", "<", "<=", ">", ">=", "=", "!=", "|", ",", "and", "to"),
    *("prior to", "and earlier", "or later", "all versions", "*", "except", "(excluding)"),
    *("Acme", "version", "SP1", "-", "(", ")", "系", "以前", "未満", "から", "を除く", "a1b"),
]


def test_a_text_of_random_words_is_read_or_refused_and_reads_back() -> None:
    """No text makes the reader stumble; what it reads, it reads again from the normal form."""
    chance = random.Random(9)
    read = 0
    for _ in range(5_000):
        text = " ".join(chance.choices(WORDS, k=chance.randint(1, 6)))
        try:
            versions = read_range(text)
        except Malformed:
            continue
        read += 1
        assert read_range(versions.normal) == versions, text
    assert read > 300
