"""Why something matches, and what a revision changed: as JSON to keep, as sentences to show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from noroshi.vulnerabilities.models import AffectedRange, How


def why(found: AffectedRange, *, how: str, installed: str, version: str, by_alias: bool) -> dict[str, Any]:
    """What the sentence is made of; kept as a copy, because the match may be gone tomorrow."""
    return {
        "how": How.ALIAS.value if by_alias else how,
        "advised": " ".join(part for part in (found.vendor, found.name) if part),
        "installed": installed,
        "version": version,
        "text": found.text,
        "read": found.is_read,
        "status": found.status,
    }


def sentence(reason: Mapping[str, Any]) -> str:
    """One sentence for a person: how the product is the same, and how the version lies."""
    names = {"advised": reason.get("advised", ""), "installed": reason.get("installed", "")}
    product = {
        How.PURL.value: _("The package URL is equal: %(installed)s."),
        How.CPE.value: _("The CPE name is equal: %(installed)s."),
        How.NAME.value: _("Vendor and product name are equal: %(installed)s."),
        How.ALIAS.value: _("By alias, %(advised)s = %(installed)s."),
        How.SIMILAR.value: _("The names are similar: %(advised)s and %(installed)s."),
    }[reason.get("how", How.NAME.value)] % names
    return f"{product} {_version(reason)}"


def changes(difference: Mapping[str, Any]) -> list[str]:
    """What a revision changed, one sentence each."""
    found = []
    if "title" in difference:
        found.append(_("The title was “%(before)s”.") % {"before": difference["title"]["before"]})
    if "label" in difference:
        found.append(_("The label was %(before)s.") % {"before": difference["label"]["before"]})
    for name, more, fewer in (
        ("ranges", "%(count)d product range was added.", "%(count)d product range was taken out."),
        ("vulnerabilities", "%(count)d vulnerability was added.", "%(count)d vulnerability was taken out."),
    ):
        part = difference.get(name, {})
        found += [
            _counted(text, part.get(key, 0))
            for text, key in ((more, "added_count"), (fewer, "removed_count"))
            if part.get(key)
        ]
    return found


def _counted(text: str, count: int) -> str:
    plural = {
        "%(count)d product range was added.": ngettext(
            "%(count)d product range was added.", "%(count)d product ranges were added.", count
        ),
        "%(count)d product range was taken out.": ngettext(
            "%(count)d product range was taken out.", "%(count)d product ranges were taken out.", count
        ),
        "%(count)d vulnerability was added.": ngettext(
            "%(count)d vulnerability was added.", "%(count)d vulnerabilities were added.", count
        ),
        "%(count)d vulnerability was taken out.": ngettext(
            "%(count)d vulnerability was taken out.", "%(count)d vulnerabilities were taken out.", count
        ),
    }[text]
    return plural % {"count": count}


def _version(reason: Mapping[str, Any]) -> str:
    version, text = reason.get("version", ""), reason.get("text", "")
    if not reason.get("read", True):
        return _("Nobody can read “%(text)s” as a range of versions; please look.") % {"text": text}
    if not version:
        return _("The inventory gives no version; affected: %(text)s.") % {"text": text or _("all versions")}
    if not text:
        return _("Version %(version)s, and all versions are affected.") % {"version": version}
    return _("Version %(version)s lies in the affected range %(text)s.") % {"version": version, "text": text}
