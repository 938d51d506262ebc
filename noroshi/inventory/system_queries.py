"""Reading the inventory for nobody: for matching, which acts for every reader at once."""

from __future__ import annotations

from noroshi.inventory.models import ImportChange
from noroshi.sharing.system import as_system


def systems_changed_by(import_id: str) -> list[int]:
    """The keys of the systems in which an import changed anything: what must be matched again."""
    with as_system("an import acts for the person who started it, who may be away"):
        return list(
            ImportChange.objects.filter(imported__public_id=import_id)
            .order_by("component__system_id")
            .values_list("component__system_id", flat=True)
            .distinct()
        )
