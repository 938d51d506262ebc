"""The rows that the actions of the directory leave in the history."""

from __future__ import annotations

from noroshi.core.history import SYSTEM
from noroshi.directory import actions
from noroshi.directory.models import ApiToken, Invitation, Role, Standing
from noroshi.directory.tokens import PasswordLinks
from tests.harness.history import Act, leaves, made
from tests.harness.people import World


def _the_invitation(_: object) -> Invitation:
    return Invitation.objects.get(mail="new@a.example")


@leaves("directory.invite")
def mana_invites_somebody(world: World) -> Act:
    mana = world.viewer("mana")
    return Act(
        lambda: actions.invite(
            team=world.teams["a"], mail="new@a.example", role=Role.CSIRT, by=mana
        ),
        (world.mana, "invitation", _the_invitation),
    )


@leaves("directory.invite")
def the_console_invites_the_first_administrator(world: World) -> Act:
    return Act(
        lambda: actions.invite_from_console(
            team=world.teams["s"], mail="first@s.example", role=Role.ADMIN
        ),
        ("system", "invitation", lambda _: Invitation.objects.get(mail="first@s.example")),
    )


def _invited(world: World) -> actions.Issued:
    return actions.invite(
        team=world.teams["a"], mail="new@a.example", role=Role.CSIRT, by=world.viewer("mana")
    )


@leaves("directory.revoke_invitation")
def mana_takes_an_invitation_back(world: World) -> Act:
    invitation = Invitation.objects.get(public_id=_invited(world).public_id)
    mana = world.viewer("mana")
    return Act(
        lambda: actions.revoke_invitation(invitation=invitation, by=mana),
        (world.mana, "invitation", invitation),
    )


@leaves("directory.accept_invitation")
def somebody_accepts_an_invitation(world: World) -> Act:
    secret = _invited(world).secret
    return Act(
        lambda: actions.accept_invitation(
            secret=secret, name="新しい人", password="staple battery 77 horse"
        ),
        (made, "person", made),
    )


@leaves("directory.set_password_by_link")
def ann_chooses_a_password_by_a_mailed_link(world: World) -> Act:
    secret = f"{world.ann.public_id}~{PasswordLinks().make_token(world.ann)}"
    return Act(
        lambda: actions.set_password_by_link(secret=secret, password="staple battery 77 horse"),
        (world.ann, "person", world.ann),
    )


@leaves("directory.password_changed")
def ann_changes_her_password(world: World) -> Act:
    return Act(
        lambda: actions.note_account_change(person=world.ann, what="password_changed"),
        (world.ann, "person", world.ann),
    )


@leaves("directory.sign_in")
def ann_signs_in(world: World) -> Act:
    return Act(lambda: actions.note_sign_in(person=world.ann), (world.ann, "person", world.ann))


@leaves("directory.issue_token")
def alice_makes_a_token(world: World) -> Act:
    alice = world.viewer("alice")
    return Act(
        lambda: actions.issue_token(name="取り込み", scopes=["read"], days=30, by=alice),
        (world.alice, "token", lambda _: ApiToken.objects.get(name="取り込み")),
    )


@leaves("directory.revoke_token")
def alice_ends_a_token(world: World) -> Act:
    alice = world.viewer("alice")
    issued = actions.issue_token(name="取り込み", scopes=["read"], days=30, by=alice)
    token = ApiToken.objects.get(public_id=issued.public_id)
    return Act(lambda: actions.revoke_token(token=token, by=alice), (world.alice, "token", token))


@leaves("directory.change_own_settings")
def alice_reads_english_from_now_on(world: World) -> Act:
    alice = world.viewer("alice")
    return Act(
        lambda: actions.change_own_settings(
            language="en", time_zone="Asia/Tokyo", theme="dark", by=alice
        ),
        (world.alice, "person", world.alice),
    )


@leaves("directory.open_organisation")
def adam_adds_an_organisation(world: World) -> Act:
    adam = world.viewer("adam")
    return Act(
        lambda: actions.open_organisation(name="新会社", by=adam),
        (world.adam, "organisation", made),
    )


@leaves("directory.open_team")
def adam_adds_a_team(world: World) -> Act:
    adam, organisation = world.viewer("adam"), world.teams["a"].organisation
    return Act(
        lambda: actions.open_team(organisation=organisation, name="新班", slug="new", by=adam),
        (world.adam, "team", made),
    )


@leaves("directory.add_person")
def adam_adds_a_person_to_a_team(world: World) -> Act:
    adam = world.viewer("adam")
    return Act(
        lambda: actions.add_person(
            mail="new@a.example",
            name="新しい人",
            team=world.teams["a"],
            roles=[Role.CSIRT],
            by=adam,
        ),
        (world.adam, "person", made),
    )


@leaves("directory.set_roles")
def mana_gives_ann_another_role(world: World) -> Act:
    mana = world.viewer("mana")
    return Act(
        lambda: actions.set_roles(
            person=world.ann, team=world.teams["a"], roles=[Role.CSIRT, Role.MANAGER], by=mana
        ),
        (world.mana, "person", world.ann),
    )


@leaves("directory.suspend_person")
def mana_stops_otto(world: World) -> Act:
    mana = world.viewer("mana")
    return Act(
        lambda: actions.suspend_person(person=world.otto, team=world.teams["a"], by=mana),
        (world.mana, "person", world.otto),
    )


@leaves("directory.reinstate_person")
def mana_lets_otto_in_again(world: World) -> Act:
    mana = world.viewer("mana")
    actions.suspend_person(person=world.otto, team=world.teams["a"], by=mana)
    return Act(
        lambda: actions.reinstate_person(person=world.otto, team=world.teams["a"], by=mana),
        (world.mana, "person", world.otto),
    )


@leaves("directory.leave")
def otto_leaves_their_only_team(world: World) -> Act:
    mana = world.viewer("mana")
    return Act(
        lambda: actions.leave(person=world.otto, team=world.teams["a"], by=mana),
        (world.mana, "person", world.otto),
    )


@leaves("directory.leave")
def otto_leaves_one_of_two_teams(world: World) -> Act:
    actions.add_person(
        mail=world.otto.mail, name="", team=world.teams["c"], roles=[Role.OPERATOR], by=SYSTEM
    )
    mana = world.viewer("mana")
    return Act(
        lambda: actions.leave(person=world.otto, team=world.teams["a"], by=mana),
        (world.mana, "person", world.otto),
    )


@leaves("directory.set_standing")
def adam_suspends_a_team(world: World) -> Act:
    adam = world.viewer("adam")
    return Act(
        lambda: actions.set_standing(team=world.teams["c"], standing=Standing.SUSPENDED, by=adam),
        (world.adam, "team", world.teams["c"]),
    )


@leaves("directory.open_circle")
def adam_draws_a_circle(world: World) -> Act:
    adam = world.viewer("adam")
    return Act(
        lambda: actions.open_circle(name="新しい輪", teams=[world.teams["a"]], by=adam),
        (world.adam, "circle", made),
    )


@leaves("directory.set_circle_teams")
def adam_opens_a_circle_to_another_team(world: World) -> Act:
    adam = world.viewer("adam")
    teams = [world.teams[slug] for slug in "abc"]
    return Act(
        lambda: actions.set_circle_teams(circle=world.circles["x"], teams=teams, by=adam),
        (world.adam, "circle", world.circles["x"]),
    )
