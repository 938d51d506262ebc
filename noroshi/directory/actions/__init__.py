"""Changing the directory: people come by invitation, and leave at once.

The modules are named as the pages that call them; everybody calls them from here.
"""

from noroshi.directory.actions.entrance import (
    accept_invitation,
    ask_for_new_password,
    invite,
    invite_from_console,
    note_account_change,
    note_sign_in,
    revoke_invitation,
    set_password_by_link,
)
from noroshi.directory.actions.own import (
    Issued,
    change_own_settings,
    issue_token,
    revoke_token,
    touch_token,
)
from noroshi.directory.actions.running import (
    add_person,
    leave,
    open_circle,
    open_organisation,
    open_team,
    reinstate_person,
    set_circle_teams,
    set_roles,
    set_standing,
    suspend_person,
)

__all__ = [
    "Issued",
    "accept_invitation",
    "add_person",
    "ask_for_new_password",
    "change_own_settings",
    "invite",
    "invite_from_console",
    "issue_token",
    "leave",
    "note_account_change",
    "note_sign_in",
    "open_circle",
    "open_organisation",
    "open_team",
    "reinstate_person",
    "revoke_invitation",
    "revoke_token",
    "set_circle_teams",
    "set_password_by_link",
    "set_roles",
    "set_standing",
    "suspend_person",
    "touch_token",
]
