"""Mails about accounts leave by the same door."""

from __future__ import annotations

from typing import Any

import pytest
from django_q.models import OrmQ

from noroshi.core.errors import Unavailable
from noroshi.core.jobs import run_waiting
from noroshi.directory import actions
from noroshi.directory.models import Invitation, Letter
from noroshi.directory.viewer import Viewer
from noroshi.exchange.mail.jobs import LETTER_ATTEMPTS, deliver_letter
from tests.harness.people import World
from tests.harness.smtp import PostOffice, text_of


def invite(world: World, mana: Viewer) -> str:
    return actions.invite(
        team=world.teams["a"], mail="new@a.example", role="operator", name="新田 新", by=mana
    ).secret


def test_an_invitation_reaches_somebody_who_has_no_account_yet(
    world: World, mana: Viewer, office: PostOffice
) -> None:
    secret = invite(world, mana)
    assert run_waiting() == 1
    (mail,) = office.received
    assert mail["To"] == "new@a.example"
    assert secret in text_of(mail)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert not Letter.objects.exists()


def test_an_invitation_taken_back_before_it_left_is_not_mailed(
    world: World, mana: Viewer, office: PostOffice
) -> None:
    invite(world, mana)
    actions.revoke_invitation(invitation=Invitation.objects.get(), by=mana)
    run_waiting()
    assert office.received == []


def test_while_the_server_is_down_the_queue_brings_the_letter_again_and_then_gives_up(
    world: World, mana: Viewer, office: PostOffice, settings: Any
) -> None:
    invite(world, mana)
    OrmQ.objects.all().delete()
    letter = Letter.objects.get()
    working, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    for attempt in range(1, LETTER_ATTEMPTS):
        with pytest.raises(Unavailable):
            deliver_letter(letter.public_id)
        letter.refresh_from_db()
        assert letter.attempts == attempt
    deliver_letter(letter.public_id)  # the last try is not brought again
    letter.refresh_from_db()
    assert "did not take it" in letter.fault
    settings.EMAIL_PORT = working
    deliver_letter(letter.public_id)
    assert len(office.received) == 1
