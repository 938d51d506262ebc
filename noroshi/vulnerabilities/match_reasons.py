"""Why a component is said to be affected, and what a revision changed, in the reader's words.

What is stored is what the sentence is made of, so every reader gets it in his own language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypedDict
from urllib.parse import unquote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from noroshi.core.errors import Malformed
from noroshi.formats.versions import read_range
from noroshi.vulnerabilities.models import MatchMethod, RangeStatus


class MatchReason(TypedDict):
    """What the sentence of a match is made of; every value is a text."""

    how: str
    advised: str  # the product as the advisory names it
    advised_vendor: str  # and in normal form, as an alias keeps it
    advised_name: str
    installed: str  # as the inventory names it
    identifier: str  # the package URL or CPE name that is equal
    version: str  # as installed
    text: str  # the versions as the advisory writes them
    normal: str  # and as Noroshi read them, a ``vers:`` string
    doubt: str  # why a person must look besides the names; empty where nobody must
    advisory: str  # public id
    tracking_id: str


_CONSTRAINT = re.compile(r"(>=|<=|>|<|!=|=)?(.+)")
_SIGNS = {">=": "≥", "<=": "≤"}
_TURNED = {">=": "≤", ">": "<"}


def sentence(why: Mapping[str, Any]) -> str:
    """``product name equal by alias Acme PLC = ACME Plc-500, version 3.2 < 4.1``."""
    if not why:
        return ""
    return _("%(names)s, %(versions)s") % {"names": _names(why), "versions": _versions(why)}


REOPEN_SENTENCES = {
    "version": gettext_noop("%(system)s: %(before)s became %(after)s, which is affected too."),
    "inventory": gettext_noop("%(system)s: the inventory shows %(after)s again."),
    "range": gettext_noop("%(advisory)s changed the affected versions."),
    "named": gettext_noop("%(advisory)s names it again."),
    "acceptance": gettext_noop("The day until which the risk was accepted is over."),
}


def reopen_reason(because: Mapping[str, str]) -> str:
    """Why work that was settled is open again (see ``reopening``)."""
    return _(REOPEN_SENTENCES[because["reason"]]) % because


def _names(why: Mapping[str, Any]) -> str:
    match why["how"]:
        case MatchMethod.PURL:
            return _("package URL equal (%(identifier)s)") % why
        case MatchMethod.CPE:
            return _("CPE name equal (%(identifier)s)") % why
        case MatchMethod.NAME:
            return _("vendor and product name equal (%(installed)s)") % why
        case MatchMethod.ALIAS:
            return _("product name equal by alias %(advised)s = %(installed)s") % why
        case _:
            return _("product names similar (%(advised)s and %(installed)s)") % why


def _versions(why: Mapping[str, Any]) -> str:
    match why["doubt"]:
        case "no_version":
            return _("the inventory has no version (affected: %(text)s)") % why
        case "version":
            return _("version “%(version)s” cannot be read (affected: %(text)s)") % why
        case "range":
            return _("version %(version)s, but “%(text)s” cannot be read as versions") % why
        case "scheme":
            return _("version %(version)s cannot be compared with “%(text)s”") % why
        case "investigation":
            return _("version %(version)s, which the vendor is still investigating") % why
    if why["normal"].endswith("/*"):
        return _("every version is affected")
    spared = _spared(why["normal"])
    if spared:
        return _("every version is affected except %(versions)s") % {"versions": ", ".join(spared)}
    chain = _chain(why["version"], _around(why["version"], why["normal"]))
    if chain:
        return _("version %(chain)s") % {"chain": chain}
    return _("version %(version)s lies in “%(text)s”") % why


def _spared(normal: str) -> list[str]:
    """The versions that ``vers:…/!=1|!=2`` leaves out; none for any other range."""
    parts = normal.partition("/")[2].split("|")
    if not all(part.startswith("!=") for part in parts):
        return []
    return [unquote(part[2:]) for part in parts]


def _around(version: str, normal: str) -> str:
    """The stretch of a ``vers:`` string in which the version lies, itself as a ``vers:`` string."""
    scheme, _, said = normal.partition("/")
    stretches: list[str] = []
    for part in said.split("|"):
        if part.startswith("<") and stretches and re.fullmatch(r">[^|]+", stretches[-1]):
            stretches[-1] += f"|{part}"
        elif not part.startswith("!="):
            stretches.append(part)
    for stretch in stretches if len(stretches) > 1 else ():
        with suppress(Malformed):
            if read_range(f"{scheme}/{stretch}").contains(version):
                return f"{scheme}/{stretch}"
    return normal


def _chain(version: str, normal: str) -> str:
    """``3.2 < 4.1``, ``3.0 ≤ 3.2 < 4.1`` or ``4.1 = 4.1``; empty for what is not one stretch."""
    parts = [_CONSTRAINT.fullmatch(part) for part in normal.partition("/")[2].split("|")]
    found = [(part[1] or "=", unquote(part[2])) for part in parts if part]
    signs = [sign for sign, _bound in found]
    if len(found) == 1 and signs[0] != "!=":
        return f"{version} {_SIGNS.get(signs[0], signs[0])} {found[0][1]}"
    if len(found) == 2 and signs[0] in _TURNED and signs[1] in {"<", "<="}:
        low, high = found
        return f"{low[1]} {_TURNED[low[0]]} {version} {_SIGNS.get(high[0], high[0])} {high[1]}"
    return ""


def changes(difference: Mapping[str, Any]) -> list[str]:
    """What ``differences.difference`` found, one sentence each."""
    told: list[str] = []
    for name, say in (
        ("withdrawn", _told_withdrawn), ("title", _told_title), ("tlp", _told_tlp),
        ("summary", _told_summary), ("vulnerabilities", _told_vulnerabilities),
        ("ranges", _told_ranges), ("scores", _told_scores), ("remediations", _told_remediations),
        ("kev", _told_kev),
    ):  # fmt: skip
        if name in difference:
            told += say(difference[name])
    return told


def _told_withdrawn(pair: list[bool]) -> list[str]:
    return [_("The advisory was withdrawn.") if pair[1] else _("The advisory is in force again.")]


def _told_title(pair: list[str]) -> list[str]:
    return [_("New title: %(title)s") % {"title": pair[1]}]


def _told_tlp(pair: list[str]) -> list[str]:
    nothing = _("no label")
    return [
        _("The label changed from %(before)s to %(after)s.")
        % {"before": pair[0] or nothing, "after": pair[1] or nothing}
    ]


def _told_summary(_pair: list[str]) -> list[str]:
    return [_("The summary was rewritten.")]


def _told_vulnerabilities(change: Mapping[str, list[str]]) -> list[str]:
    told = []
    if "added" in change:
        told.append(_("Vulnerabilities added: %(ids)s") % {"ids": ", ".join(change["added"])})
    if "removed" in change:
        told.append(_("Vulnerabilities taken out: %(ids)s") % {"ids": ", ".join(change["removed"])})
    return told


def _told_ranges(change: Mapping[str, Any]) -> list[str]:
    told = []
    for name, text in (
        ("added", _("Added: %(product)s, %(text)s (%(status)s, %(id)s)")),
        ("removed", _("Taken out: %(product)s, %(text)s (%(status)s, %(id)s)")),
    ):
        told += [
            text % {"id": key, "product": product, "text": versions, "status": RangeStatus(status).label}
            for key, product, versions, status in change.get(name, ())
        ]  # fmt: skip
        more = change.get(f"{name}_more")
        if more:
            told.append(
                ngettext("… and %(count)d more", "… and %(count)d more", more) % {"count": more}
            )
    return told


def _told_scores(entries: list[list[Any]]) -> list[str]:
    return [
        _("The score of %(id)s changed from %(before)s to %(after)s.")
        % {"id": key, "before": _score(before), "after": _score(after)}
        for key, before, after in entries
    ]


def _score(base: float | None) -> str:
    return _("none") if base is None else f"{base:.1f}"


def _told_remediations(ids: list[str]) -> list[str]:
    return [_("New advice on what to do: %(ids)s") % {"ids": ", ".join(ids)}]


def _told_kev(ids: list[str]) -> list[str]:
    return [_("Now known to be exploited (KEV): %(ids)s") % {"ids": ", ".join(ids)}]
