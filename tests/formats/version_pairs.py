"""Pairs of versions to compare with an oracle: real ones, and real ones changed a little."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence

PAIRS = 10_000
LONGEST = 100

REAL = {
    "deb": """1:4.13+dfsg1-1 1.18.0-6ubuntu11 1:2.36.1-8+deb11u2 2.36-9+deb12u7 0.9.8g-15+lenny1
        3.0.15-1~deb12u1 1.1.1n-0+deb11u5 5.10.0-8.1 2:8.2.3995-1ubuntu2.17 252.22-1~deb12u1
        20230311+deb12u1 1.22.0~rc1-1 7.88.1-10+deb12u5 6.1.90-1 1.0~beta2 1.0-1.1 1.0-1 4.0
        1:9.18.24-1 0~20171227.c9a8a59-2 2.4.57-2+b1 1.2.11.dfsg-2+deb11u2 0 0-1 00.1 1.0a7-2""",
    "rpm": """8.7p1-38.el9_4.1 0:1.8.0-3.fc39 1:3.0.7-27.el9 4.18.0-372.9.1.el8 2.34-60.el9_2.7
        1.0~rc1-1 1.0^20240101git1234-1 1.0^git1 1.0~rc1^git1 6.4.0-150600.23.7.3 2:4.9-13.el9
        3.1.2-14.el9 1.1.1k-12.el8_9 20230731-1.git94f0e2c 5.0.0a 5.0.0 5.0 1.0.0.fc10 FC5 2_0
        xyz.4 1b.fc17 10xyz 413.92.202407091321-0 0.0.99-1.20050930cvs 5.5p10 1.0..2""",
    "pypi": """1.0 1.0.0 2.31.0 4.2.16 1!2.0 0.1.dev1 1.0a1 1.0b2.post3.dev4 1.0rc1 1.0.post1
        2024.7.4 3.0.0rc1 5.0a1 22.1.0 1.0+local 1.0+ubuntu.1 1.0+1.2 1.0-1 1.0c4 1.0-r4 v1.1
        1.0.0.0 0.0 2.0.dev0 2.0.0.dev0+g1234 1.4.0b3 1.0preview2 1.0alpha 1.0_post_2 10.0.1""",
    "semver": """1.0.0 1.2.3 0.0.1 2.31.0 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta
        1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 4.17.21 1.0.0+build.5 1.0.0-x-y-z.1 9.10.11
        1.0.0-0.3.7 1.0.0-x.7.z.92 2.0.0-0.20240102030405-abcdefabcdef 10.0.1-canary.3 0.0.0""",
    "maven": """1 1.0 1.0.0 2.13.4.2 5.3.39 1.0-alpha-1 1.0-beta-2 1.0-rc1 2.0.0.RELEASE
        2.0.0.SR1 1.0-SNAPSHOT 4.1.100.Final 31.1-jre 31.1-android 1.0-sp1 9.4.48.v20220622
        2.17.1 1.2.17 1.0.0.GA 6.0.0-M3 1.0-m3 10.1.0-M17 1.0a1 3.0-b05 1-1 1-ga-1 2.4.0-cr2""",
    "pre-releases": """1.1 1.2.alpha 1.2.alpha.1 1.2.beta 1.2.beta.2 1.2.rc 1.2.rc.1 1.2.rc.10
        2.31 10.1.2.3456 3.5.11.4.rc.2 7.8.90""",
    "numbers": """1 1.0 1.9 1.10 4.0.0 10.1.2.3456 11.0.5.2210 2023.1 3.5.11.0 3.5.15.0 2.1.0.10
        100.20.000.1110 1.012 05.028 16.20.00001 6.14.263.0 13.3.0.1 2401.0 0 0.0 1.2.3.4.5 02.05
        20121 9.64 7.8.90 2312.0005 1.4.365.48""",
}


def pairs(
    scheme: str, pieces: Sequence[str], valid: Callable[[str], bool], seed: int
) -> Iterator[tuple[str, str]]:
    """``PAIRS`` pairs of valid versions, the same for the same seed.

    Half of them are neighbours, one made from the other by a single change, because two
    random versions nearly always differ in the first number.
    """
    chance = random.Random(seed)
    pool = REAL[scheme].split()

    def changed(version: str) -> str:
        for _ in range(200):
            candidate = _changed(version, pieces, chance)
            if len(candidate) <= LONGEST and valid(candidate):
                return candidate
        return version

    for number in range(PAIRS):
        first = chance.choice(pool)
        for _ in range(chance.randrange(3)):
            first = changed(first)
        second = changed(first if number % 2 else chance.choice(pool))
        yield first, second


def _changed(version: str, pieces: Sequence[str], chance: random.Random) -> str:
    parts = re.findall(r"[0-9]+|[A-Za-z]+|.", version)
    place = chance.randrange(len(parts))
    match chance.randrange(6):
        case 0:
            parts[place] = chance.choice(pieces)
        case 1:
            del parts[place]
        case 2:
            parts.insert(place, chance.choice(pieces))
        case 3:
            parts.append(chance.choice(pieces))
        case 4:
            parts.insert(place, parts[chance.randrange(len(parts))])
        case _:
            if parts[place].isdigit():
                parts[place] = str(max(0, int(parts[place]) + chance.choice((-1, 1, 8, 100))))
    return "".join(parts)
