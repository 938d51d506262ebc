"""Early warnings as an area: their kind, pages, navigation entry and report figures."""

from __future__ import annotations

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from noroshi.directory.areas import (
    Area,
    Kind,
    NavEntry,
    ReportFigures,
    Subject,
    SubjectLink,
)
from noroshi.warnings import figures, permissions, queries, today


def _warn_about(subject: Subject) -> str:
    """The form of a new warning, filled in from what the team works on."""
    about = {"about": subject.public_id, "key": subject.key, "title": subject.title}
    return f"{reverse('warnings:new')}?{urlencode(about)}"


AREA = Area(
    kinds=[
        Kind(
            "warning",
            "W",
            _("Early warning"),
            icon="warning",
            page="warnings:one",
            mail_word=_("early warning"),
            labelled=True,
        )
    ],
    urls="warnings/",
    nav=[
        NavEntry(
            "share",
            _("Early warnings"),
            "/warnings/",
            "warning",
            "w",
            seen_by=permissions.may_list,
            waits=queries.unanswered_for,
            association=True,
        )
    ],
    today=today.today_for,
    operations=["warnings"],
    on_subjects=[SubjectLink(_("Warn others"), _warn_about, icon="warning")],
    report=ReportFigures("warnings", figures.counts, figures.sentence),
)
