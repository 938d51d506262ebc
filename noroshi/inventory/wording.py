"""The words by which the pages call what the inventory holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from noroshi.core.errors import Malformed
from noroshi.formats.inventory_csv import SYSTEM_FIELDS
from noroshi.inventory.models import Criticality, Environment, Exposure

EXPOSURES = Exposure.choices
CRITICALITIES = Criticality.choices
ENVIRONMENTS = Environment.choices

FIELD_NAMES = {
    "system": gettext_lazy("System"),
    "vendor": gettext_lazy("Vendor"),
    "name": gettext_lazy("Product"),
    "version": gettext_lazy("Version"),
    "purl": gettext_lazy("Package URL"),
    "cpe": gettext_lazy("CPE"),
    "model": gettext_lazy("Model"),
    "serial": gettext_lazy("Serial number"),
    "kind": gettext_lazy("Kind"),
    "exposure": gettext_lazy("Reachable from"),
    "criticality": gettext_lazy("Importance for the business"),
    "environment": gettext_lazy("Environment"),
    "place": gettext_lazy("Place"),
    "owner": gettext_lazy("Operator"),
    "owners": gettext_lazy("Operators"),
    "note": gettext_lazy("Note"),
}
OF_SYSTEM = frozenset({"system", *SYSTEM_FIELDS})
TOO_LARGE = gettext_noop("The file is larger than %(limit)d MB.")
EMPTY = gettext_noop("The file is empty.")

# A sentence for each action in the history, without its subject.
HISTORY_SENTENCES = {
    "inventory.add_system": gettext_lazy("Added the system"),
    "inventory.change_system": gettext_lazy("Changed the facts"),
    "inventory.set_owners": gettext_lazy("Changed the operators"),
    "inventory.retire_system": gettext_lazy("Retired the system"),
    "inventory.add_component": gettext_lazy("Added a component"),
    "inventory.change_component": gettext_lazy("Corrected a component"),
    "inventory.set_version": gettext_lazy("Set a version"),
    "inventory.remove_component": gettext_lazy("Removed a component"),
    "inventory.import_into": gettext_lazy("Took in a file"),
    "inventory.order_versions": gettext_lazy("Ordered the versions anew after an upgrade"),
}

_LINE = re.compile(r"line (\d+)")
_COMPONENT = re.compile(r"components/(\d+)")
_EXAMPLE_LENGTH = 30


def stored_sentence(message: str, values: Mapping[str, Any]) -> str:
    """A stored sentence in the reader's language."""
    text = _(message)
    return text % values if values else text


def location_text(where: str) -> str:
    """A place in a file in the reader's language: a line, a component, else the pointer itself."""
    if line := _LINE.fullmatch(where):
        return _("Line %(number)s") % {"number": line[1]}
    if component := _COMPONENT.match(where):
        return _("Component %(number)d") % {"number": int(component[1]) + 1}
    return where


def file_error_text(name: str, error: Malformed) -> str:
    """A refusal with the name of the file and the place in it."""
    where = f" ({location_text(error.where)})" if error.where else ""
    return f"{name}{where}: {stored_sentence(error.message, error.values)}"


def column_choice(title: str, example: str) -> str:
    """A column as a choice: its title with the first cell under it."""
    if not example:
        return title
    short = example if len(example) <= _EXAMPLE_LENGTH else example[:_EXAMPLE_LENGTH] + "…"
    return _("%(title)s (%(example)s)") % {"title": title, "example": short}
