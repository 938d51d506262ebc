"""People come by a mailed link that works once; nobody learns who is here already."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from noroshi.core import clock, history
from noroshi.core.errors import Forbidden, Malformed
from noroshi.core.models import HistoryRow
from noroshi.directory import actions, letters
from noroshi.directory.models import Invitation, Letter, LetterKind, Person, Role, Standing
from noroshi.directory.viewer import Viewer, viewer_for
from tests.directory.conftest import link_in
from tests.harness.people import PASSWORD, World

Mailed = Callable[[LetterKind], letters.Message | None]
FORM = {"name": "Nina New", "password": PASSWORD, "again": PASSWORD, "language": "en"}


def _invite(by: Viewer, world: World, mail: str = "nina@a.example", role: str = "csirt") -> str:
    issued = actions.invite(team=world.teams["a"], mail=mail, role=role, language="en", by=by)
    return f"/invitation/{issued.secret}"


def _browser() -> Client:
    return Client(headers={"accept-language": "en"})


def test_nina_is_invited_joins_by_the_mailed_link_and_signs_in(
    sign_in: Callable[[Person], Client], world: World, mailed: Mailed
) -> None:
    manager = sign_in(world.mana)
    team = world.teams["a"].public_id
    sent = {"mail": "Nina@A.example", "name": "Nina", "role": "csirt", "language": "en"}
    assert manager.post(f"/teams/{team}/invite", sent).status_code == 302
    assert "nina@a.example" in manager.get(f"/teams/{team}/people").content.decode()
    letter = mailed(LetterKind.INVITATION)
    assert letter is not None
    assert letter.to == "nina@a.example"
    assert "Dear Nina," in letter.body
    browser, path = _browser(), link_in(letter.body)
    page = browser.get(path).content.decode()
    assert "Join Aoba CSIRT" in page
    assert browser.post(path, FORM).headers["Location"] == "/account/login"
    answer = browser.post("/account/login", {"login": "nina@a.example", "password": PASSWORD})
    assert answer.status_code == 302
    nina = viewer_for(Person.objects.get(mail="nina@a.example"))
    assert nina.has_role(world.teams["a"].pk, Role.CSIRT)
    assert HistoryRow.objects.filter(
        action="directory.accept_invitation", actor=nina.public_id
    ).exists()


def test_looking_at_an_invitation_uses_nothing_up(mana: Viewer, world: World) -> None:
    path = _invite(mana, world)
    for _look in range(3):
        assert _browser().get(path).status_code == 200
    assert not Person.objects.filter(mail="nina@a.example").exists()


def test_an_invitation_works_once(mana: Viewer, world: World) -> None:
    path = _invite(mana, world)
    assert _browser().post(path, FORM).status_code == 302
    for answer in (_browser().get(path), _browser().post(path, {**FORM, "name": "Mallory"})):
        assert answer.status_code == 409
        assert "This invitation has been used or has expired." in answer.content.decode()
    assert Person.objects.get(mail="nina@a.example").name == "Nina New"


def test_who_left_comes_back_by_a_new_invitation_and_not_by_one_from_before(
    mana: Viewer, world: World, with_password: Callable[[str], Person]
) -> None:
    alice = with_password("alice")
    before = _invite(mana, world, mail=alice.mail, role="operator")
    actions.leave(person=alice, team=world.teams["a"], by=mana)
    assert _browser().post(before).status_code == 409
    alice.refresh_from_db()
    assert alice.state == "left"
    again = _invite(mana, world, mail=alice.mail)
    assert _browser().post(again).status_code == 302
    browser = _browser()
    fields = {"login": alice.mail, "password": PASSWORD}
    assert browser.post("/account/login", fields).status_code == 302
    assert browser.get(f"/teams/{world.teams['a'].public_id}").status_code == 200


def test_who_is_suspended_is_not_let_in_by_an_invitation(
    mana: Viewer, world: World, with_password: Callable[[str], Person]
) -> None:
    alice = with_password("alice")
    actions.suspend_person(person=alice, team=world.teams["a"], by=mana)
    path = _invite(mana, world, mail=alice.mail)
    answer = _browser().post(path)
    assert (answer.status_code, "This account is stopped." in answer.content.decode()) == (
        409,
        True,
    )


def test_an_invitation_ends_after_fourteen_days(mana: Viewer, world: World, mailed: Mailed) -> None:
    path = _invite(mana, world)
    with time_machine.travel(clock.now() + timedelta(days=14, minutes=1)):
        assert _browser().get(path).status_code == 409
        assert mailed(LetterKind.INVITATION) is None


def test_an_invitation_that_was_taken_back_opens_nothing_and_is_not_mailed(
    sign_in: Callable[[Person], Client], mana: Viewer, world: World, mailed: Mailed
) -> None:
    path = _invite(mana, world)
    invitation, team = Invitation.objects.get(), world.teams["a"].public_id
    url = f"/teams/{team}/invitations/{invitation.public_id}"
    manager = sign_in(world.mana)
    assert "opens nothing then" in manager.get(url).content.decode()
    assert _browser().get(path).status_code == 200
    assert manager.post(url).status_code == 302
    assert _browser().get(path).status_code == 409
    assert mailed(LetterKind.INVITATION) is None
    assert manager.post(url).status_code == 404


def test_an_invitation_ends_with_its_sender_and_with_its_team(
    mana: Viewer, adam: Viewer, world: World
) -> None:
    of_mana, of_adam = _invite(mana, world), _invite(adam, world, "nick@a.example")
    actions.suspend_person(person=world.mana, team=world.teams["a"], by=adam)
    assert _browser().get(of_mana).status_code == 409
    assert _browser().get(of_adam).status_code == 200
    actions.set_standing(team=world.teams["a"], standing=Standing.LEFT, by=adam)
    assert _browser().get(of_adam).status_code == 409


def test_the_secret_stands_in_no_row(mana: Viewer, world: World) -> None:
    secret = _invite(mana, world).rpartition("/")[2]
    for model in (Invitation, Letter, HistoryRow):
        for row in model.objects.values():
            assert secret not in str(row)
    assert _browser().get(f"/invitation/{Invitation.objects.get().public_id}").status_code == 404


def test_inviting_somebody_who_is_here_gives_the_same_answer_as_inviting_a_stranger(
    sign_in: Callable[[Person], Client], world: World
) -> None:
    manager, team = sign_in(world.mana), world.teams["a"].public_id
    words = set()
    for mail in ("charlie@c.example", "stranger@c.example"):
        answer = manager.post(
            f"/teams/{team}/invite", {"mail": mail, "role": "csirt", "language": "en", "name": ""}
        )
        page = manager.get(f"/teams/{team}/invite").content.decode()
        words.add((answer.status_code, answer.headers["Location"], f"on its way to {mail}" in page))
    assert words == {(302, f"/teams/{team}/people", True)}


def test_who_has_an_account_gains_the_role_and_keeps_name_and_password(
    with_password: Callable[[str], Person], mana: Viewer, world: World
) -> None:
    charlie = with_password("charlie")
    path = _invite(mana, world, charlie.mail)
    browser = _browser()
    assert "You have an account already." in browser.get(path).content.decode()
    attack = {
        "name": "Mallory",
        "password": "an evil long password",
        "again": "an evil long password",
    }
    assert browser.post(path, attack).status_code == 400  # no field but the button
    assert browser.post(path).status_code == 302
    charlie.refresh_from_db()
    assert charlie.check_password(PASSWORD)
    assert charlie.name == "千葉 力"
    assert viewer_for(charlie).has_role(world.teams["a"].pk, Role.CSIRT)


def test_a_mailed_link_changes_nobodys_name_and_password_whatever_is_sent_with_it(
    with_password: Callable[[str], Person], mana: Viewer, world: World
) -> None:
    """The page takes no such fields; the action would not believe them either."""
    charlie = with_password("charlie")
    issued = actions.invite(team=world.teams["a"], mail=charlie.mail, role=Role.CSIRT, by=mana)
    actions.accept_invitation(
        secret=issued.secret, name="Mallory", password="an evil long password"
    )
    charlie.refresh_from_db()
    assert charlie.check_password(PASSWORD)
    assert charlie.name == "千葉 力"


def test_a_suspended_person_does_not_come_back_by_an_invitation(
    with_password: Callable[[str], Person], mana: Viewer, mia: Viewer, world: World
) -> None:
    bob = with_password("bob")
    path = _invite(mana, world, bob.mail)
    actions.suspend_person(person=bob, team=world.teams["b"], by=mia)
    assert _browser().post(path).status_code == 409
    assert not bob.memberships.filter(team=world.teams["a"]).exists()


def test_nobody_invites_themselves_into_a_role(adam: Viewer, mana: Viewer, world: World) -> None:
    for viewer, mail in ((adam, "ADAM@s.example"), (mana, "mana@a.example")):
        with pytest.raises(Forbidden):
            _invite(viewer, world, mail, "csirt")


def test_a_manager_invites_no_administrator_and_nobody_to_another_team(
    mana: Viewer, world: World
) -> None:
    for role in (Role.ADMIN, Role.SECRETARIAT):
        with pytest.raises(Forbidden):
            _invite(mana, world, role=role)
    with pytest.raises(Forbidden):
        actions.invite(team=world.teams["b"], mail="nina@b.example", role="csirt", by=mana)


@pytest.mark.parametrize(
    "mail", ["", "nina", "nina@a.example\r\nBcc: x@y.example", "a@b\x00.example"]
)
def test_what_is_not_an_address_is_not_invited(mail: str, mana: Viewer, world: World) -> None:
    with pytest.raises(Malformed):
        _invite(mana, world, mail)


def test_the_first_administrator_comes_from_the_console_and_no_letter_leaves(world: World) -> None:
    issued = actions.invite_from_console(
        team=world.teams["s"], mail="first@s.example", role=Role.ADMIN
    )
    assert not Letter.objects.exists()
    assert HistoryRow.objects.get(thing_id=issued.public_id).actor == history.SYSTEM.actor_id
    assert _browser().post(f"/invitation/{issued.secret}", FORM).status_code == 302
    assert viewer_for(Person.objects.get(mail="first@s.example")).is_anywhere(Role.ADMIN)


def test_a_subject_with_line_breaks_in_a_team_name_stays_one_line(
    adam: Viewer, world: World, mailed: Mailed
) -> None:
    world.teams["a"].name_en = "Aoba\r\nBcc: all@evil.example"
    world.teams["a"].save()
    _invite(adam, world)
    letter = mailed(LetterKind.INVITATION)
    assert letter is not None
    assert letter.subject == "Invitation to Aoba Bcc: all@evil.example"
