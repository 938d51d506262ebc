"""SSVC decision tables: CERT/CC's Deployer table and CISA's BOD 26-04, shipped as published.

The CSV files next to this module are CERT/CC's own, under the licence in ``LICENSE.txt``.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from noroshi.core.errors import Malformed, gettext_noop

Priority = Literal["immediate", "out-of-cycle", "scheduled", "defer"]

EXPLOITATION = ("none", "public poc", "active")
EXPOSURE = ("small", "controlled", "open")
AUTOMATABLE = ("no", "yes")
HUMAN_IMPACT = ("low", "medium", "high", "very high")
TECHNICAL_IMPACT = ("partial", "total")


@dataclass(frozen=True, slots=True)
class Timeline:
    """A deadline of BOD 26-04: ``days`` until remediation, ``None`` for "at the next upgrade"."""

    name: str
    days: int | None
    forensic: bool


def deployer(exploitation: str, exposure: str, automatable: str, human_impact: str) -> Priority:
    """Priority of a patch by the table "Deployer Patch Application Priority" 1.0.0.

    Words of the table in lower case (``poc`` is ``public poc``); raises ``Malformed`` for others.
    """
    exploitation = "public poc" if exploitation == "poc" else exploitation
    key = (exploitation, exposure, automatable, human_impact)
    return cast(Priority, _outcome("deployer_patch_application_priority_1_0_0.csv", key))


def bod_26_04(
    in_kev: bool, publicly_exposed: bool, automatable: bool, technical_impact: str
) -> Timeline:
    """Time to remediate by "CISA BOD 26-04 Remediation Timelines" 1.0.0.

    ``technical_impact`` is ``partial`` or ``total``; raises ``Malformed`` for others.
    """
    key = (*(("no", "yes")[flag] for flag in (in_kev, publicly_exposed, automatable)),)
    name = _outcome("cisa_bod_26_04_1_0_0.csv", (*key, technical_impact))
    words = name.split()
    return Timeline(
        name=name,
        days=int(words[0]) if words[0].isdigit() else None,
        forensic="forensic" in words,
    )


def _outcome(table: str, key: tuple[str, ...]) -> str:
    try:
        return _table(table)[key]
    except KeyError:
        raise Malformed(
            "", gettext_noop("“%(words)s” is not a row of the SSVC table."), words=", ".join(key)
        ) from None


@cache
def _table(name: str) -> dict[tuple[str, ...], str]:
    text = files(__name__).joinpath(name).read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))[1:]
    return {tuple(row[1:-1]): row[-1] for row in rows}
