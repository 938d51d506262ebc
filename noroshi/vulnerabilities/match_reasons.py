"""Sentences: why a component counts as affected, and what a revision of an advisory changed.

The values of a sentence are stored and not the sentence, so readers get it in their own language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypedDict
from urllib.parse import unquote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from noroshi.core.errors import Malformed
from noroshi.formats.versions import read_range
from noroshi.vulnerabilities.models import MatchMethod, RangeStatus


class MatchReason(TypedDict):
    """The values of the sentence of a match; each is a text."""

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
    """The sentence that says why settled work is open again (see ``reopening``)."""
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
    excepted = _excepted_versions(why["normal"])
    if excepted:
        versions = ", ".join(excepted)
        return _("every version is affected except %(versions)s") % {"versions": versions}
    chain = _chain(why["version"], _interval_around(why["version"], why["normal"]))
    if chain:
        return _("version %(chain)s") % {"chain": chain}
    return _("version %(version)s lies in “%(text)s”") % why


def _excepted_versions(normal: str) -> list[str]:
    """The versions that ``vers:…/!=1|!=2`` leaves out; none for any other range."""
    constraints = normal.partition("/")[2].split("|")
    if not all(constraint.startswith("!=") for constraint in constraints):
        return []
    return [unquote(constraint[2:]) for constraint in constraints]


def _interval_around(version: str, normal: str) -> str:
    """The interval of a ``vers:`` string in which the version lies, itself as a ``vers:`` string."""
    scheme, _, constraints = normal.partition("/")
    intervals: list[str] = []
    for constraint in constraints.split("|"):
        closes = constraint.startswith("<") and intervals
        if closes and re.fullmatch(r">[^|]+", intervals[-1]):
            intervals[-1] += f"|{constraint}"
        elif not constraint.startswith("!="):
            intervals.append(constraint)
    for interval in intervals if len(intervals) > 1 else ():
        with suppress(Malformed):
            if read_range(f"{scheme}/{interval}").contains(version):
                return f"{scheme}/{interval}"
    return normal


def _chain(version: str, normal: str) -> str:
    """``3.2 < 4.1``, ``3.0 ≤ 3.2 < 4.1`` or ``4.1 = 4.1``; empty for what is not one interval."""
    matched = [_CONSTRAINT.fullmatch(text) for text in normal.partition("/")[2].split("|")]
    bounds = [(match[1] or "=", unquote(match[2])) for match in matched if match]
    signs = [sign for sign, _bound in bounds]
    if len(bounds) == 1 and signs[0] != "!=":
        return f"{version} {_SIGNS.get(signs[0], signs[0])} {bounds[0][1]}"
    if len(bounds) == 2 and signs[0] in _TURNED and signs[1] in {"<", "<="}:
        low, high = bounds
        return f"{low[1]} {_TURNED[low[0]]} {version} {_SIGNS.get(high[0], high[0])} {high[1]}"
    return ""


def changes(difference: Mapping[str, Any]) -> list[str]:
    """The sentences about a ``differences.difference``."""
    return [
        sentence
        for name, sentences in _CHANGE_SENTENCES.items()
        if name in difference
        for sentence in sentences(difference[name])
    ]


def _withdrawn_sentences(pair: list[bool]) -> list[str]:
    return [_("The advisory was withdrawn.") if pair[1] else _("The advisory is in force again.")]


def _title_sentences(pair: list[str]) -> list[str]:
    return [_("New title: %(title)s") % {"title": pair[1]}]


def _tlp_sentences(pair: list[str]) -> list[str]:
    nothing = _("no label")
    return [
        _("The label changed from %(before)s to %(after)s.")
        % {"before": pair[0] or nothing, "after": pair[1] or nothing}
    ]


def _summary_sentences(_pair: list[str]) -> list[str]:
    return [_("The summary was rewritten.")]


def _vulnerabilities_sentences(change: Mapping[str, list[str]]) -> list[str]:
    sentences = []
    if "added" in change:
        sentences.append(_("Vulnerabilities added: %(ids)s") % {"ids": ", ".join(change["added"])})
    if "removed" in change:
        ids = ", ".join(change["removed"])
        sentences.append(_("Vulnerabilities taken out: %(ids)s") % {"ids": ids})
    return sentences


def _ranges_sentences(change: Mapping[str, Any]) -> list[str]:
    sentences = []
    for name, text in (
        ("added", _("Added: %(product)s, %(text)s (%(status)s, %(id)s)")),
        ("removed", _("Taken out: %(product)s, %(text)s (%(status)s, %(id)s)")),
    ):
        for key, product, versions, status in change.get(name, ()):
            label = RangeStatus(status).label
            sentences.append(
                text % {"id": key, "product": product, "text": versions, "status": label}
            )
        more = change.get(f"{name}_more")
        if more:
            sentences.append(
                ngettext("… and %(count)d more", "… and %(count)d more", more) % {"count": more}
            )
    return sentences


def _scores_sentences(entries: list[list[Any]]) -> list[str]:
    return [
        _("The score of %(id)s changed from %(before)s to %(after)s.")
        % {"id": key, "before": _score(before), "after": _score(after)}
        for key, before, after in entries
    ]


def _score(base: float | None) -> str:
    return _("none") if base is None else f"{base:.1f}"


def _remediations_sentences(ids: list[str]) -> list[str]:
    return [_("New advice on what to do: %(ids)s") % {"ids": ", ".join(ids)}]


def _kev_sentences(ids: list[str]) -> list[str]:
    return [_("Now known to be exploited (KEV): %(ids)s") % {"ids": ", ".join(ids)}]


_CHANGE_SENTENCES: dict[str, Callable[[Any], list[str]]] = {
    "withdrawn": _withdrawn_sentences,
    "title": _title_sentences,
    "tlp": _tlp_sentences,
    "summary": _summary_sentences,
    "vulnerabilities": _vulnerabilities_sentences,
    "ranges": _ranges_sentences,
    "scores": _scores_sentences,
    "remediations": _remediations_sentences,
    "kev": _kev_sentences,
}
