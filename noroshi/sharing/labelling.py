"""Writing labels. Areas make one per thing and change it only through here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from noroshi.core.errors import Malformed, gettext_noop
from noroshi.directory.models import Circle, Person, Team
from noroshi.sharing.labels import Sensitivity, State
from noroshi.sharing.models import Label, NamedReader


def draft_label(
    owner: Team,
    sensitivity: Sensitivity | str,
    *,
    circle: Circle | None = None,
    named: Iterable[Person] = (),
    embargo_until: datetime | None = None,
    state: State = State.DRAFT,
) -> Label:
    """A new saved label, a draft unless ``state`` says otherwise. Call inside a transaction."""
    label = Label.objects.create(
        owner=owner,
        sensitivity=Sensitivity(sensitivity),
        circle=circle,
        embargo_until=embargo_until,
        state=state,
    )
    name(label, named)
    return label


def own_label(owner: Team, *, named: Iterable[Person] = ()) -> Label:
    """The label of a team's own work: INTERNAL, in force at once."""
    return draft_label(owner, Sensitivity.INTERNAL, named=named, state=State.RELEASED)


def name(label: Label, people: Iterable[Person]) -> None:
    """Make ``people`` the ones whom the label names."""
    new_ids = {person.pk for person in people}
    old_ids = set(label.named_readers.values_list("person_id", flat=True))
    label.named_readers.filter(person_id__in=old_ids - new_ids).delete()
    NamedReader.objects.bulk_create(
        NamedReader(label=label, person_id=pk) for pk in sorted(new_ids - old_ids)
    )
    label.forget_named()


def relabel(
    label: Label,
    *,
    sensitivity: Sensitivity | str,
    circle: Circle | None,
    named: Iterable[Person],
    embargo_until: datetime | None = None,
) -> None:
    """Change a draft's label. A released thing keeps its label: correcting it is a new release."""
    if label.state != State.DRAFT:
        raise Malformed("label", gettext_noop("The label of something released cannot be changed."))
    label.sensitivity = Sensitivity(sensitivity)
    label.circle = circle
    label.embargo_until = embargo_until
    label.save(update_fields=["sensitivity", "circle", "embargo_until"])
    name(label, named)


def check_complete(label: Label) -> None:
    """Raise ``Malformed`` when nobody but the owner could read the thing once it is released."""
    if label.sensitivity == Sensitivity.RED and not label.named_ids():
        raise Malformed("named", gettext_noop("TLP:RED needs at least one person who may read it."))
    if (
        label.sensitivity in (Sensitivity.AMBER, Sensitivity.AMBER_STRICT)
        and label.circle_id is None
        and not label.named_ids()
    ):
        raise Malformed(
            "circle", gettext_noop("Choose the circle, or the people, that this goes to.")
        )


def put_in_force(label: Label) -> None:
    """Turn a draft's label into a released one. Only ``register.release`` and imports call this."""
    check_complete(label)
    label.state = State.RELEASED
    label.save(update_fields=["state"])
