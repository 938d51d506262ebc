"""Who may read what. The one place; it answers in three directions that must always agree.

The rules, for a viewer V and a label L (ADR 0003):

* owner side: V has a reading role (CSIRT, manager) in the owner team.
* named: L names V, and V has a team in good standing.
* draft: the owner team only: owner side, or named inside the owner team; RED needs naming.
* released INTERNAL: owner side, or named inside the owner team (an operator sees what is his).
* released RED: named, and nothing else.
* released AMBER, AMBER+STRICT: owner side, named, or a reading role in a good team of the circle.
* released GREEN: those, or a reading role in a good member team.
* released CLEAR: anybody.
* a token reads no RED: the channel table sends RED through no program.
* under embargo, GREEN and CLEAR reach only those whom AMBER would reach.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from noroshi.core import clock
from noroshi.directory.models import (
    READING_ROLES,
    CircleTeam,
    Membership,
    Person,
    PersonState,
    Standing,
)
from noroshi.directory.viewer import Viewer
from noroshi.sharing.labels import Sensitivity, State
from noroshi.sharing.models import Label, NamedReader

CIRCLE = (Sensitivity.AMBER, Sensitivity.AMBER_STRICT)
OPEN = (Sensitivity.GREEN, Sensitivity.CLEAR)


def may_see(viewer: Viewer, label: Label) -> bool:
    """May this reader see the thing with this label now?"""
    sensitivity = Sensitivity(label.sensitivity)
    owner_side = label.owner_id in viewer.reading_team_ids
    named = viewer.named_id is not None and viewer.named_id in label.named_ids()
    named_inside = named and label.owner_id in viewer.team_ids
    if sensitivity is Sensitivity.RED:
        if viewer.scopes is not None:
            return False
        return named_inside if label.state == State.DRAFT else named
    if label.state == State.DRAFT or sensitivity is Sensitivity.INTERNAL:
        return owner_side or named_inside
    if (
        owner_side
        or named
        or (label.circle_id is not None and label.circle_id in viewer.circle_ids)
    ):
        return True
    if sensitivity in CIRCLE or (
        label.embargo_until is not None and label.embargo_until > viewer.now
    ):
        return False
    return sensitivity is Sensitivity.CLEAR or viewer.is_member


def visible_to(viewer: Viewer, path: str = "label") -> Q:
    """The condition on rows whose label stands at ``path`` that this viewer may see now.

    Being named is asked as ``pk IN (…)``: a join on named readers would repeat rows.
    """
    at = f"{path}__" if path else ""  # empty: the rows are labels themselves

    def has(**conditions: object) -> Q:
        return Q(**{f"{at}{name}": value for name, value in conditions.items()})

    released, draft = has(state=State.RELEASED), has(state=State.DRAFT)
    not_red = ~has(sensitivity=Sensitivity.RED)
    free = has(embargo_until__isnull=True) | has(embargo_until__lte=viewer.now)
    seen = released & has(sensitivity=Sensitivity.CLEAR) & free
    if viewer.is_member:
        seen |= released & has(sensitivity=Sensitivity.GREEN) & free
    if viewer.circle_ids:
        seen |= released & has(sensitivity__in=CIRCLE + OPEN, circle_id__in=viewer.circle_ids)
    if viewer.reading_team_ids:
        seen |= not_red & has(owner_id__in=viewer.reading_team_ids)
    if viewer.named_id is not None:
        names_me = has(
            pk__in=NamedReader.objects.filter(person_id=viewer.named_id).values("label_id")
        )
        inside = has(owner_id__in=viewer.team_ids)
        crosses = released & ~has(sensitivity=Sensitivity.INTERNAL)
        seen |= names_me & (crosses | (inside & (draft | has(sensitivity=Sensitivity.INTERNAL))))
    return seen if viewer.scopes is None else seen & not_red


def readers_of(label: Label) -> QuerySet[Person]:
    """Everybody with an account who may see the thing with this label now, each once."""
    active = Person.objects.filter(state=PersonState.ACTIVE)
    present = Membership.objects.exclude(team__standing=Standing.LEFT)
    good = Membership.objects.filter(team__standing=Standing.ACTIVE)
    reading = good.filter(role__in=READING_ROLES)

    owner_side = Q(
        pk__in=present.filter(team_id=label.owner_id, role__in=READING_ROLES).values("person_id")
    )
    named = Q(pk__in=label.named_ids()) & Q(pk__in=good.values("person_id"))
    named_inside = named & Q(pk__in=present.filter(team_id=label.owner_id).values("person_id"))

    sensitivity = Sensitivity(label.sensitivity)
    if sensitivity is Sensitivity.RED:
        return active.filter(named_inside if label.state == State.DRAFT else named)
    if label.state == State.DRAFT or sensitivity is Sensitivity.INTERNAL:
        return active.filter(owner_side | named_inside)
    circle_id = label.circle_id or 0  # no circle has the key 0
    seats = CircleTeam.objects.filter(circle_id=circle_id).values("team_id")
    seen = owner_side | named | Q(pk__in=reading.filter(team_id__in=seats).values("person_id"))
    if sensitivity in CIRCLE or (
        label.embargo_until is not None and label.embargo_until > clock.now()
    ):
        return active.filter(seen)
    if sensitivity is Sensitivity.CLEAR:
        return active
    return active.filter(seen | Q(pk__in=reading.filter(team__is_member=True).values("person_id")))
