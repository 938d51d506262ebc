"""The inventory, as it declares itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from noroshi.directory.areas import Area, ConsoleImport, Kind, NavEntry
from noroshi.formats.drafts import SbomDraft
from noroshi.inventory import console, permissions

AREA = Area(
    kinds=[
        Kind("system", "S", _("System"), icon="server", page="inventory:system", labelled=True),
        Kind("component", "K", _("Component"), not_searched="it stands on the page of its system"),
        Kind("import", "IM", _("Import"), not_searched="it stands in the list of imports"),
    ],
    urls="systems/",
    nav=[
        NavEntry("arrange", _("Systems"), "/systems/", "server", "s", seen_by=permissions.may_list)
    ],
    operations=["inventory"],
    console_imports=[ConsoleImport(SbomDraft, console.take, console.outcome_of)],
)
