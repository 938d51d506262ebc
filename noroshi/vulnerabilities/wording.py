"""The words of the decision tables in both languages; the tables themselves are ``formats.ssvc``."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from noroshi.formats import ssvc

# The decision points in the order in which a page asks for them, and the words of each.
POINT_NAMES = {
    "exploitation": pgettext_lazy("ssvc", "Exploitation"),
    "exposure": pgettext_lazy("ssvc", "Exposure"),
    "automatable": pgettext_lazy("ssvc", "Can the attack be automated?"),
    "human_impact": pgettext_lazy("ssvc", "Impact on people and business"),
    "technical_impact": pgettext_lazy("ssvc", "Technical impact"),
}
POINT_WORDS = {
    "exploitation": ssvc.EXPLOITATION,
    "exposure": ssvc.EXPOSURE,
    "automatable": ssvc.AUTOMATABLE,
    "human_impact": ssvc.HUMAN_IMPACT,
    "technical_impact": ssvc.TECHNICAL_IMPACT,
}

# No word stands in two tables with two meanings, so one list serves all.
POINTS = {
    "none": pgettext_lazy("ssvc", "None known"),
    "public poc": pgettext_lazy("ssvc", "Proof of concept is public"),
    "active": pgettext_lazy("ssvc", "Being exploited"),
    "small": pgettext_lazy("ssvc", "Small"),
    "controlled": pgettext_lazy("ssvc", "Controlled"),
    "open": pgettext_lazy("ssvc", "Open"),
    "no": pgettext_lazy("ssvc", "No"),
    "yes": pgettext_lazy("ssvc", "Yes"),
    "low": pgettext_lazy("ssvc", "Low"),
    "medium": pgettext_lazy("ssvc", "Medium"),
    "high": pgettext_lazy("ssvc", "High"),
    "very high": pgettext_lazy("ssvc", "Very high"),
    "partial": pgettext_lazy("ssvc", "Partial"),
    "total": pgettext_lazy("ssvc", "Total"),
}

# The meaning of a priority for the people who act.
PRIORITY_MEANS = {
    "immediate": _("Act now, out of hours if needed."),
    "out-of-cycle": _("Act before the next regular maintenance."),
    "scheduled": _("Act in the next regular maintenance."),
    "defer": _("No need to act now."),
}
