"""The rows that the actions on warnings leave in the history."""

from __future__ import annotations

from noroshi.sharing import links
from noroshi.sharing.models import Link
from noroshi.warnings import actions
from tests.harness.history import Act, leaves
from tests.harness.people import World
from tests.warnings.builders import content, drafted, released


@leaves("warnings.draft")
def alice_drafts_a_warning(world: World) -> Act:
    alice = world.viewer("alice")
    return lambda: drafted(world, alice)


@leaves("warnings.change_draft")
def alice_writes_a_draft_anew(world: World) -> Act:
    alice = world.viewer("alice")
    warning, other = drafted(world, alice), content(world, title="別の題")
    return lambda: actions.change_draft(warning=warning, content=other, by=alice)


@leaves("warnings.discard")
def alice_throws_a_draft_away(world: World) -> Act:
    alice = world.viewer("alice")
    warning = drafted(world, alice)
    return lambda: actions.discard(warning=warning, by=alice)


@leaves("sharing.release", "warnings.release")
def alice_releases_a_warning(world: World) -> Act:
    alice = world.viewer("alice")
    warning = drafted(world, alice)
    return lambda: actions.release(warning=warning, by=alice)


@leaves("sharing.revoke_links", "warnings.withdraw")
def alice_withdraws_a_warning(world: World) -> Act:
    alice = world.viewer("alice")
    warning = released(world, alice)
    return lambda: actions.withdraw(warning=warning, why="誤り", by=alice)


@leaves("warnings.answer")
def bob_answers_a_warning(world: World) -> Act:
    warning, bob = released(world, world.viewer("alice")), world.viewer("bob")
    return lambda: actions.answer(warning=warning, state="affected", by=bob)


@leaves("warnings.answer", "sharing.use_link")
def bob_answers_by_the_mailed_link(world: World) -> Act:
    warning, bob = released(world, world.viewer("alice")), world.viewer("bob")
    row = Link.objects.get(thing_id=warning.public_id, person=world.bob)
    link, _viewer = links.opened(links.secret_of(row), actions.ANSWER_LINK)
    return lambda: actions.answer(warning=warning, state="affected", link=link, by=bob)
