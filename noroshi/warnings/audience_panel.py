"""The panel on the pages of a draft: who would read it, who not, and why.

``sharing.audience`` computes the ``Audience``; here it becomes the ``AudiencePanel`` that the
component ``{% audience %}`` draws.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from noroshi.core import clock
from noroshi.directory.models import Circle, Person, Team
from noroshi.directory.viewer import Viewer
from noroshi.sharing.audience import Audience, audience_if
from noroshi.sharing.channels import MAIL, PAGE, Passage, passage
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.models import Label
from noroshi.ui.shapes import AudienceGroup, AudienceLine, AudiencePanel
from noroshi.ui.times import absolute
from noroshi.warnings import permissions

MOST_TEAMS = 12  # teams named in the panel next to the form; the release page names all


def preview(
    viewer: Viewer,
    *,
    team: Team,
    sensitivity: str,
    circle: Circle | None = None,
    named: Iterable[Person] = (),
    embargo_until: datetime | None = None,
) -> AudiencePanel:
    """The panel for a label that is not saved yet. Constant queries.

    The caller takes circle and people from the directory's queries, so that the viewer may see
    them; a team for which the viewer does not write is refused.
    """
    permissions.may_draft.check(viewer, team.pk)
    people = list(named)
    label = Label(owner=team, sensitivity=sensitivity, circle=circle, embargo_until=embargo_until)
    audience = audience_if(
        owner=team,
        sensitivity=sensitivity,
        circle=circle,
        named=people,
        embargo_until=embargo_until,
    )
    return panel_of(audience, label, named=frozenset(person.pk for person in people))


def panel_of(
    audience: Audience,
    label: Label,
    *,
    named: frozenset[int],
    most_teams: int | None = MOST_TEAMS,
) -> AudiencePanel:
    """The panel of an audience; ``None`` for ``most_teams`` names every team. No queries."""
    red = label.sensitivity == Sensitivity.RED
    groups = [
        _channels_group(audience, label),
        _people_group(audience, named) if red else _teams_group(audience, most_teams),
        None if red else _people_group(audience, named),
        _left_out_group(audience),
        _own_group(audience),
    ]
    return AudiencePanel(
        people=len(audience.people),
        teams=None if red else len(audience.teams),
        anybody=label.sensitivity == Sensitivity.CLEAR and not _under_embargo(label),
        summary=_summary(label),
        groups=[group for group in groups if group is not None],
    )


def _summary(label: Label) -> str:
    meaning = str(Sensitivity(label.sensitivity).label)
    if label.circle is not None and label.sensitivity != Sensitivity.RED:
        meaning = _("%(circle)s. %(meaning)s.") % {"circle": label.circle, "meaning": meaning}
    else:
        meaning = _("%(meaning)s.") % {"meaning": meaning}
    if label.embargo_until is None or not _under_embargo(label):
        return meaning
    until = _("Until %(moment)s only the circle and the people named read it.") % {
        "moment": absolute(label.embargo_until)
    }
    return f"{meaning} {until}"


def _under_embargo(label: Label) -> bool:
    return label.embargo_until is not None and label.embargo_until > clock.now()


def _channels_group(audience: Audience, label: Label) -> AudienceGroup | None:
    if not audience.recipients:
        return None
    size = _count_teams_and_people(len(audience.teams), len(audience.people))
    page = AudienceLine(_("Page: %(size)s") % {"size": size}, _("The whole text, after signing in"))
    by_mail = passage(label.sensitivity, MAIL)
    sentence = {
        Passage.WHOLE: _("The whole text, with a link to answer without signing in"),
        Passage.TITLE: _("Only the title, with a link to answer"),
        Passage.NOTICE: _("Only a notice without the content, with a link to answer"),
        Passage.BARE: _("Only that there is something to read"),
        Passage.NEVER: _("No mail"),
    }[by_mail]
    tone: Literal["ok", "warn"] = "ok" if by_mail is Passage.WHOLE else "warn"
    mail = AudienceLine(_("Mail: %(size)s") % {"size": size}, sentence, tone)
    on_page = passage(label.sensitivity, PAGE) is Passage.WHOLE
    return AudienceGroup(_("How it reaches them"), [page, mail] if on_page else [mail])


def _teams_group(audience: Audience, most: int | None) -> AudienceGroup | None:
    teams = audience.teams
    if not teams:
        return None
    lines = [
        AudienceLine(str(team), _count_people(len(audience.in_team(team)))) for team in teams[:most]
    ]
    more = len(teams) - len(lines)
    note = ""
    if more > 0:
        note = ngettext("and %(count)d more team", "and %(count)d more teams", more)
        note %= {"count": more}
    return AudienceGroup(_("Teams"), lines, note)


def _people_group(audience: Audience, named: frozenset[int]) -> AudienceGroup | None:
    lines = [
        AudienceLine(str(reader.person), str(reader.team) if reader.team else "")
        for reader in audience.recipients
        if reader.person.pk in named
    ]
    return AudienceGroup(_("People it names"), lines) if lines else None


def _left_out_group(audience: Audience) -> AudienceGroup | None:
    lines = [AudienceLine(row.name, _(row.why), "no") for row in audience.left_out]
    return AudienceGroup(_("Whom it does not reach"), lines) if lines else None


def _own_group(audience: Audience) -> AudienceGroup | None:
    people = {reader.person.pk for reader in audience.own}
    if not people:
        return None
    size = _count_people(len(people))
    line = AudienceLine(_("Own team: %(size)s") % {"size": size}, _("On the page, no mail"))
    return AudienceGroup(_("Inside your team"), [line])


def _count_teams_and_people(teams: int, people: int) -> str:
    of = ngettext("%(count)d team", "%(count)d teams", teams) % {"count": teams}
    return _("%(teams)s, %(people)s") % {"teams": of, "people": _count_people(people)}


def _count_people(count: int) -> str:
    return ngettext("%(count)d person", "%(count)d people", count) % {"count": count}
