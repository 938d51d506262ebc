"""The rows that the actions on warnings leave in the history."""

from __future__ import annotations

from noroshi.sharing import links
from noroshi.sharing.models import Link, Release
from noroshi.warnings import actions
from tests.harness.history import Act, leaves, made
from tests.harness.people import World
from tests.warnings.builders import content, drafted, released


@leaves("warnings.draft")
def alice_drafts_a_warning(world: World) -> Act:
    alice = world.viewer("alice")
    return Act(lambda: drafted(world, alice), (world.alice, "warning", made))


@leaves("warnings.change_draft")
def alice_writes_a_draft_anew(world: World) -> Act:
    alice = world.viewer("alice")
    warning, other = drafted(world, alice), content(world, title="別の題")
    return Act(
        lambda: actions.change_draft(warning=warning, content=other, by=alice),
        (world.alice, "warning", warning),
    )


@leaves("warnings.discard")
def alice_throws_a_draft_away(world: World) -> Act:
    alice = world.viewer("alice")
    warning = drafted(world, alice)
    return Act(
        lambda: actions.discard(warning=warning, by=alice), (world.alice, "warning", warning)
    )


@leaves("sharing.release", "warnings.release")
def alice_releases_a_warning(world: World) -> Act:
    alice = world.viewer("alice")
    warning = drafted(world, alice)
    return Act(
        lambda: actions.release(warning=warning, by=alice),
        (
            world.alice,
            "release",
            lambda _: Release.objects.visible_to(alice).get(thing_id=warning.public_id),
        ),
        (world.alice, "warning", warning),
    )


@leaves("sharing.revoke_links", "warnings.withdraw")
def alice_withdraws_a_warning(world: World) -> Act:
    alice = world.viewer("alice")
    warning = released(world, alice)
    return Act(
        lambda: actions.withdraw(warning=warning, why="誤り", by=alice),
        (world.alice, "warning", warning),
        (world.alice, "warning", warning),
    )


@leaves("warnings.answer")
def bob_answers_a_warning(world: World) -> Act:
    warning, bob = released(world, world.viewer("alice")), world.viewer("bob")
    return Act(
        lambda: actions.answer(warning=warning, state="affected", by=bob),
        (world.bob, "warning", warning),
    )


@leaves("warnings.answer", "sharing.use_link")
def bob_answers_by_the_mailed_link(world: World) -> Act:
    warning, bob = released(world, world.viewer("alice")), world.viewer("bob")
    row = Link.objects.get(thing_id=warning.public_id, person=world.bob)
    link, _viewer = links.opened(links.secret_of(row), actions.ANSWER_LINK)
    return Act(
        lambda: actions.answer(warning=warning, state="affected", link=link, by=bob),
        (world.bob, "warning", warning),
        (world.bob, "link", row),
    )
