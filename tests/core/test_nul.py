"""Both databases refuse the same values: the character NUL in every text and every JSON value."""

from __future__ import annotations

import pytest
from django.db import DataError, connection, transaction
from django.test import Client

from noroshi.core.errors import Malformed
from noroshi.core.history.models import HistoryRow
from noroshi.core.paging import page_of
from noroshi.directory.models import Person, Team
from tests.harness.people import World


@pytest.mark.django_db
@pytest.mark.parametrize("value", [{"title": "a\0b"}, ["a\\\0"], {"a\0": 1}])
def test_json_with_nul_is_refused(value: object) -> None:
    with pytest.raises(DataError), transaction.atomic():
        HistoryRow.objects.bulk_create([HistoryRow(number=1, after=value)])


def test_a_text_with_nul_is_refused_one_by_one_and_in_bulk(world: World) -> None:
    with pytest.raises(DataError), transaction.atomic():
        Person.objects.filter(pk=world.bob.pk).update(name="別所\0望")
    with pytest.raises(DataError), transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE directory_person SET name = %s WHERE id = %s", [("a\0", world.bob.pk)]
        )
    with pytest.raises(DataError), transaction.atomic():
        list(Team.objects.filter(name="\0"))


def test_words_about_nul_are_kept_as_they_are(world: World) -> None:
    words = r"send \u0000 or \\u0000"
    Person.objects.filter(pk=world.bob.pk).update(name=words)
    assert Person.objects.get(pk=world.bob.pk).name == words
    row = HistoryRow.objects.order_by("-number")[0]
    HistoryRow.objects.filter(pk=row.pk).update(after={words: words})
    row.refresh_from_db()
    assert row.after == {words: words}


def test_a_cursor_with_nul_leads_nowhere(world: World) -> None:
    with pytest.raises(Malformed):
        page_of(Team.objects.all(), ["name"], after="WyJhXHUwMDAwYiIsMV0")  # ["a\u0000b",1]


def test_a_session_cookie_with_nul_is_nobodys(world: World) -> None:
    quoted = 'sessionid="abcdefgh\\000ijklmnopqrstuvwxyz"; noroshi_language=en'
    answer = Client().get("/", headers={"cookie": quoted})
    assert (answer.status_code, answer["Content-Language"]) == (302, "en")
