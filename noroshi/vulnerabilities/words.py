"""The words of the decision tables in both languages; the tables themselves are ``formats.ssvc``."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# No word stands in two tables with two meanings, so one list serves all.
POINTS = {
    "none": pgettext_lazy("exploitation", "None known"),
    "public poc": _("Proof of concept is public"),
    "active": _("Being exploited"),
    "small": _("Small"),
    "controlled": _("Controlled"),
    "open": _("Open to the internet"),
    "no": _("No"),
    "yes": _("Yes"),
    "low": _("Low"),
    "medium": _("Medium"),
    "high": _("High"),
    "very high": _("Very high"),
    "partial": _("Partial"),
    "total": _("Total"),
}

# What a priority means for the people who act.
PRIORITY_MEANS = {
    "immediate": _("Act now, out of hours if needed."),
    "out-of-cycle": _("Act before the next regular maintenance."),
    "scheduled": _("Act in the next regular maintenance."),
    "defer": _("No need to act now."),
}
