"""Who will read a warning, and who not, and why, as the page shows it while one writes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from noroshi.core import clock
from noroshi.directory.models import Circle, Person, Team
from noroshi.directory.viewer import Viewer
from noroshi.sharing import audience as sharing
from noroshi.sharing.channels import MAIL, PAGE, Passage, passage
from noroshi.sharing.labels import Sensitivity
from noroshi.sharing.models import Label
from noroshi.ui.shapes import Audience, AudienceGroup, AudienceLine
from noroshi.ui.times import absolute
from noroshi.warnings import permissions

SHOWN_TEAMS = 12  # so many by name beside the form; the page of the audience lists all


def preview(
    viewer: Viewer,
    *,
    team: Team,
    sensitivity: str,
    circle: Circle | None = None,
    named: Iterable[Person] = (),
    embargo_until: datetime | None = None,
) -> Audience:
    """Who would read it if it were released now with this label. Constant queries.

    Circle and people must be ones that the viewer may see; both come from the directory's own
    queries, and a team that is not the viewer's is refused.
    """
    permissions.may_draft.check(viewer, team.pk)
    people = list(named)
    label = Label(owner=team, sensitivity=sensitivity, circle=circle, embargo_until=embargo_until)
    found = sharing.audience_if(
        owner=team, sensitivity=sensitivity, circle=circle, named=people,
        embargo_until=embargo_until,
    )  # fmt: skip
    return audience_panel(found, label, named=frozenset(person.pk for person in people))


def audience_panel(
    found: sharing.Audience,
    label: Label,
    *,
    named: frozenset[int] = frozenset(),
    more_url: str = "",
    limit: int = SHOWN_TEAMS,
) -> Audience:
    """An audience of ``sharing`` in the words of the page. No queries."""
    red = label.sensitivity == Sensitivity.RED
    groups = [
        _channels(found, label),
        _people(found, named) if red else _teams(found, limit),
        None if red else _people(found, named),
        _left_out(found),
        _own(found),
    ]
    return Audience(
        people=len(found.people),
        teams=None if red else len(found.teams),
        anybody=label.sensitivity == Sensitivity.CLEAR and not _held(label),
        summary=_summary(label),
        groups=[group for group in groups if group is not None],
        more_url=more_url,
    )


def _summary(label: Label) -> str:
    meaning = str(Sensitivity(label.sensitivity).label)
    if label.circle is not None and label.sensitivity != Sensitivity.RED:
        meaning = _("%(circle)s. %(meaning)s.") % {"circle": label.circle, "meaning": meaning}
    else:
        meaning = _("%(meaning)s.") % {"meaning": meaning}
    if label.embargo_until is None or not _held(label):
        return meaning
    until = _("Until %(moment)s only the circle and the people named read it.") % {
        "moment": absolute(label.embargo_until)
    }
    return f"{meaning} {until}"


def _held(label: Label) -> bool:
    return label.embargo_until is not None and label.embargo_until > clock.now()


def _channels(found: sharing.Audience, label: Label) -> AudienceGroup | None:
    if not found.recipients:
        return None
    size = _size(len(found.teams), len(found.people))
    page = AudienceLine(_("Page: %(size)s") % {"size": size}, _("The whole text, after signing in"))
    carried = passage(label.sensitivity, MAIL)
    sentence = {
        Passage.WHOLE: _("The whole text, with a link to answer without signing in"),
        Passage.TITLE: _("Only the title, with a link to answer"),
        Passage.NOTICE: _("Only a notice without the content, with a link to answer"),
        Passage.BARE: _("Only that there is something to read"),
        Passage.NEVER: _("No mail"),
    }[carried]
    tone: Literal["ok", "warn"] = "ok" if carried is Passage.WHOLE else "warn"
    mail = AudienceLine(_("Mail: %(size)s") % {"size": size}, sentence, tone)
    opened = passage(label.sensitivity, PAGE) is Passage.WHOLE
    return AudienceGroup(_("How it reaches them"), [page, mail] if opened else [mail])


def _teams(found: sharing.Audience, limit: int) -> AudienceGroup | None:
    teams = found.teams
    if not teams:
        return None
    lines = [
        AudienceLine(str(team), _count_people(len(found.in_team(team)))) for team in teams[:limit]
    ]
    more = len(teams) - limit
    note = ""
    if more > 0:
        note = ngettext("and %(count)d more team", "and %(count)d more teams", more)
        note %= {"count": more}
    return AudienceGroup(_("Teams"), lines, note)


def _people(found: sharing.Audience, named: frozenset[int]) -> AudienceGroup | None:
    lines = [
        AudienceLine(str(reader.person), str(reader.team) if reader.team else "")
        for reader in found.recipients
        if reader.person.pk in named
    ]
    return AudienceGroup(_("People it names"), lines) if lines else None


def _left_out(found: sharing.Audience) -> AudienceGroup | None:
    lines = [AudienceLine(left.name, _(left.why), "no") for left in found.left_out]
    return AudienceGroup(_("Whom it does not reach"), lines) if lines else None


def _own(found: sharing.Audience) -> AudienceGroup | None:
    people = {reader.person.pk: reader for reader in found.own}
    if not people:
        return None
    line = AudienceLine(
        _("Own team: %(size)s") % {"size": _count_people(len(people))}, _("On the page, no mail")
    )
    return AudienceGroup(_("Inside your team"), [line])


def _size(teams: int, people: int) -> str:
    of = ngettext("%(count)d team", "%(count)d teams", teams) % {"count": teams}
    return _("%(teams)s, %(people)s") % {"teams": of, "people": _count_people(people)}


def _count_people(count: int) -> str:
    return ngettext("%(count)d person", "%(count)d people", count) % {"count": count}


def readers_page(viewer: Viewer, label: Label) -> Audience:
    """The whole audience of a draft as of now, every team by name."""
    found = sharing.audience_of(label)
    return audience_panel(found, label, named=label.named_ids(), limit=10_000)
