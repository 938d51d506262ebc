"""Rows locked for a change by hand, and whether the system takes one."""

from __future__ import annotations

from typing import TypeVar

from noroshi.core import history
from noroshi.core.errors import Refused, gettext_noop
from noroshi.directory.viewer import Viewer
from noroshi.inventory import permissions
from noroshi.inventory.models import System
from noroshi.sharing.guard import Guarded

T = TypeVar("T", bound=Guarded)


def locked(model: type[T], pk: int, by: Viewer) -> T:
    """A system or component, locked after the end of the history: the order of every action."""
    history.lock_end()
    return model.objects.locked_for(by, pk)


def check_may_change(by: Viewer, system: System) -> None:
    """Raise unless the viewer may change the system and it is in use."""
    permissions.may_edit.check(by, system.team_id)
    check_in_use(system)


def check_in_use(system: System) -> None:
    """Raise ``Refused`` for a retired system."""
    if system.retired_at is not None:
        raise Refused(gettext_noop("This system is retired; it is kept as it was."))
