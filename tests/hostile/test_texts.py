"""H5: hostile texts in every column, form, address, file name and mail stay texts."""

from __future__ import annotations

import csv
import io
import json
import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from itertools import cycle, islice
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from playwright.sync_api import Browser

from noroshi.config.logs import LineFormatter
from noroshi.core.safe_csv import unescape_formula
from noroshi.directory.models import Letter
from noroshi.exchange.mail import jobs as post
from noroshi.formats.drafts import ComponentDraft
from noroshi.inventory import actions as inventory
from noroshi.inventory.models import Import
from noroshi.sharing import system
from noroshi.sharing.models import OutboxEntry
from noroshi.ui.components import markup
from noroshi.vulnerabilities import actions as vulnerabilities
from noroshi.vulnerabilities.jobs import run_import
from noroshi.vulnerabilities.models import AdvisoryImportFile, Assessment
from tests.harness import canaries
from tests.harness.browser import Site, Watch, chromium, opened, serving, signed_in
from tests.harness.canaries import Canaries
from tests.harness.copies import Copies, standing_on
from tests.harness.doors import Write
from tests.harness.examples import EXAMPLES
from tests.harness.pages import Seen, pages_of
from tests.harness.readers import Reader, programs, readers, sessions
from tests.harness.routes import Route, all_routes
from tests.harness.smtp import PostOffice, running
from tests.harness.sweep import Answer, answer_of
from tests.harness.texts import BREAKS, ELSEWHERE, FORMULAS, PATHS, TEXTS, packed
from tests.hostile.conftest import Log
from tests.hostile.looking import answer_faults, markup_faults
from tests.hostile.rewriting import PROBE, STORABLE, Rewriting
from tests.hostile.sending import as_form, upload
from tests.vulnerabilities.canaries import choice, cve, document

FORM = "application/x-www-form-urlencoded"
HEADERS_OF_BROWSERS = (
    "HTTP_HOST",
    "HTTP_REFERER",
    "HTTP_USER_AGENT",
    "HTTP_ACCEPT_LANGUAGE",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_HX_REQUEST",
    "HTTP_HX_TARGET",
    "HTTP_HX_CURRENT_URL",
    "HTTP_COOKIE",
    "HTTP_IF_NONE_MATCH",
    "HTTP_AUTHORIZATION",
    "REMOTE_ADDR",
)
MAIL = frozenset(
    {
        "Auto-Submitted",
        "Content-Transfer-Encoding",
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "References",
        "Subject",
        "To",
    }
)

pytestmark = pytest.mark.django_db


@dataclass
class House:
    """A world in which every text is hostile, everybody in it, the site and a browser."""

    site: Site
    made: Canaries
    written: Rewriting
    browser: Browser
    readers: dict[str, Reader] = field(default_factory=dict)


@pytest.fixture(autouse=True)
def _own_folder() -> None:
    """The site has its own."""


@pytest.fixture(autouse=True)
def _files_in_memory() -> None:
    """So have its files."""


@pytest.fixture
def _django_db_helper() -> None:
    """No transaction about each test: one is about the house."""


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: Any, copies: Copies) -> Iterator[House]:
    with (
        django_db_blocker.unblock(),
        copies.of("house", canaries.house) as filled,
        standing_on(filled.database),
        serving(django_db_blocker) as site,
        chromium() as browser,
        rolled_back(),
    ):
        filled.lay_files()
        made = filled.value
        written = Rewriting()
        written.everything()
        cookies = sessions(made.world)
        everybody = {**readers(made, cookies), **programs(made, cookies)}
        yield House(site, made, written, browser, everybody)


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(reader: Reader, method: str, url: str, body: Any = None, **more: Any) -> Answer:
    """One request; what it wrote is taken back."""
    with rolled_back():
        return answer_of(reader.ask(method, url, body, **more))


def check(log: Log) -> None:
    """No error was logged, and every event is one line."""
    errors = [line for line in log.errors if " django.security.DisallowedHost " not in line]
    assert not errors, "\n".join(errors)
    assert not [line for line in log.lines if len(line.splitlines()) != 1 or not line.isprintable()]
    assert not [line for line in log.lines if "Traceback" in line]


# ---- in a browser --------------------------------------------------------------------------


def reflected() -> Iterator[str]:
    """Pages that say again what they are asked: lists, the search, what is not there."""
    texts = (f'{PROBE}" autofocus onfocus="window.__hit=1', "javascript:window.__hit=1")
    for route in all_routes():
        asks = EXAMPLES[route.key].asks
        if asks and not (route.is_api or route.names or route.path.endswith(".csv")):
            for text in texts:
                yield f"/{route.path}?{urlencode(dict.fromkeys(asks, text))}"
                yield f"/{route.path}?{urlencode({'after': text})}"  # the place in a list
    yield f"/{quote(PROBE, safe='')}"
    yield f"/systems/{quote(PROBE, safe='')}"


def crawl(house: House, pages: list[Seen]) -> tuple[list[str], set[str]]:
    """Go to every page; what was wrong on it, and the texts that stood on one."""
    watch, faults, read = Watch(), list[str](), set[str]()
    forms = {text: escape(text, quote=False) for text in house.written.texts if len(text) > 3}
    windows = {
        name: opened(house.browser, house.site, house.made.world.people.get(name), watch=watch)
        for name in {seen.person for seen in pages}
    }
    for seen in pages:
        page = windows[seen.person]
        answer = page.goto(house.site.url + seen.url)
        if answer is None or answer.status >= 500:
            faults.append(f"{seen.url}: {answer}")
        faults += [f"/{seen.key}: {fault}" for fault in markup_faults(page)]
        source = page.content()
        read |= {text for text, written in forms.items() if written in source}
    for page in windows.values():
        page.context.close()
    return [*faults, *watch.faults], read


def test_no_text_in_any_column_runs_or_becomes_markup_on_any_page(house: House) -> None:
    pages = pages_of(house.made)
    faults, read = crawl(house, pages)
    assert not faults, "\n".join(faults)
    assert len(pages) > 60
    assert len(read) >= 300
    assert len([column for column, values in house.written.columns.items() if values]) > 100


def test_no_text_in_an_address_runs_or_becomes_markup_on_the_page(house: House) -> None:
    pages = [Seen("", url, "alice") for url in reflected()]
    faults, _read = crawl(house, pages)
    assert not faults, "\n".join(faults)
    assert len(pages) > 30


def test_a_page_that_forgets_to_escape_one_text_is_found(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = house.made.thing("system given").id
    script = "<script>window.__hit=1</script>"
    pages = [Seen("systems/<system_id>", f"/systems/{place}", "alice")]
    assert crawl(house, pages)[0] == []
    monkeypatch.setattr(
        markup,
        "escape",
        lambda text: escape(text).replace(escape("<x-x>"), f"<x-x>{script}"),
    )
    faults = "\n".join(crawl(house, pages)[0])
    assert "an element x-x" in faults
    assert "a script of somebody's" in faults
    assert "policy: script-src-elem inline" in faults


# ---- through the forms ---------------------------------------------------------------------


def forms() -> Iterator[tuple[Route, Write]]:
    for route in all_routes():
        write = EXAMPLES[route.key].write
        if write is not None:
            yield route, write


def texts_of(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The fields that hold a text, each with how its value is made of one."""
    for name, value in body.items():
        if isinstance(value, str):
            yield name, lambda text: text
        elif isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            yield name, lambda text, others=value: [*others, text]


def send(house: House, route: Route, write: Write, body: Mapping[str, Any]) -> Answer:
    """The form by whoever may send it, as a browser or a program sends it."""
    for value in body.values():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
    is_form = not route.is_api or write.multipart
    sent: Any = body if is_form else json.dumps(body).encode()
    reader, url = house.readers[write.by], route.url(write.at(house.made))
    return ask(reader, route.method or "POST", url, sent)


def test_every_form_and_operation_takes_a_hostile_text_as_text_or_says_no(
    house: House, log: Log
) -> None:
    packs, faults, sent, taken = cycle(packed(90, STORABLE)), list[str](), set[str](), set[str]()
    for route, write in forms():
        for name, made_of in texts_of(write.body(house.made)):
            pack = next(packs)
            sent |= set(pack)
            body = {**write.body(house.made), name: made_of(" ".join(pack))}
            answer = send(house, route, write, body)
            faults += [f"{route.key} {name}={pack}: {fault}" for fault in answer_faults(answer)]
            if answer.status < 400:
                taken.add(f"{route.key} {name}")
    assert not faults, "\n".join(faults)
    check(log)
    assert len(sent) > 400
    assert len(taken) > 60


def test_every_list_and_operation_is_asked_hostile_questions(house: House, log: Log) -> None:
    packs, faults, sent = cycle(packed(200, STORABLE)), list[str](), set[str]()
    for route in all_routes():
        example = EXAMPLES[route.key]
        if not example.asks:
            continue
        url = route.url(example.places(house.made)[0].filled)
        reader = house.readers["token alice" if route.is_api else "alice"]
        for name in [*example.asks, "after"]:
            pack = next(packs)
            sent |= set(pack)
            answer = ask(reader, "GET", f"{url}?{urlencode({name: ' '.join(pack)})}")
            faults += [f"{route.key} ?{name}={pack}: {fault}" for fault in answer_faults(answer)]
    assert not faults, "\n".join(faults)
    check(log)
    assert len(sent) > 400


def test_no_place_in_an_address_takes_more_than_a_name(house: House, log: Log) -> None:
    texts, faults, tried = cycle(STORABLE), list[str](), 0
    for route in all_routes():
        for name in route.names:
            tried += 1
            filled = {**dict.fromkeys(route.names, "x"), name: next(texts)}
            reader = house.readers["token alice" if route.is_api else "alice"]
            answer = ask(reader, route.method or "GET", route.url(filled))
            faults += [f"{route.key} {filled}: {fault}" for fault in answer_faults(answer)]
            if answer.status < 400:
                faults.append(f"{route.key} {filled}: is there")
    assert not faults, "\n".join(faults)
    check(log)
    assert tried > 80


def test_half_a_character_is_refused_by_programs_and_comes_through_no_form(
    house: House, log: Log
) -> None:
    faults, tried = list[str](), 0
    for route, write in forms():
        body = {name: made_of("a\ud800b") for name, made_of in texts_of(write.body(house.made))}
        if not body or (route.is_api and write.multipart):
            continue
        tried += 1
        reader, url = house.readers[write.by], route.url(write.at(house.made))
        if route.is_api:
            answer = ask(reader, route.method, url, json.dumps(body).encode())
            faults += [] if answer.status == 400 else [f"{route.key}: {answer.status}"]
        else:
            answer = ask(reader, "POST", url, as_form(body), content_type=FORM)
        faults += [f"{route.key}: {fault}" for fault in answer_faults(answer)]
    assert not faults, "\n".join(faults)
    check(log)
    assert tried > 50


def test_no_header_of_a_request_becomes_more_than_a_word(house: House, log: Log) -> None:
    faults, names = [], cycle(HEADERS_OF_BROWSERS)
    places = cycle(["/systems/", "/nothing", "/account/login", "/api/v1/me"])
    for pack in packed(300, STORABLE):
        value = " ".join(pack).encode().decode("latin-1")  # as a server hands it over
        for name in islice(names, 4):
            answer = ask(house.readers["alice"], "GET", next(places), **{name: value})
            faults += [f"{name} {pack}: {fault}" for fault in answer_faults(answer)]
    assert not faults, "\n".join(faults)
    check(log)
    assert len(log.lines) > 50


# ---- names of files ------------------------------------------------------------------------


def test_an_uploaded_file_of_any_name_is_a_file_and_a_line_in_a_list(
    house: House, log: Log
) -> None:
    browser, team = signed_in(house.made.person("alice")), house.made.thing("team a").id
    table = "製品,版\nnginx,1\n".encode()
    faults = []
    with rolled_back():
        for number in range(0, len(PATHS), 10):
            names = PATHS[number : number + 10]
            for path, field_name, files in (
                ("/systems/import", "file", [(f"{name}.csv", table) for name in names]),
                ("/vulnerabilities/advisories/import", "files", [(name, b"{}") for name in names]),
            ):
                answer = upload(browser, path, {"team": team}, field_name, files)
                assert answer.status_code == 302
                if field_name == "files":
                    run_import(answer["Location"].rpartition("/")[2])
                answers = answer_of(answer), answer_of(browser.get(answer["Location"]))
                faults += [f"{names}: {fault}" for each in answers for fault in answer_faults(each)]
        named = [
            name
            for model, column in ((Import, "file_name"), (AdvisoryImportFile, "name"))
            for name in system.rows(model, "a test looks").values_list(column, flat=True)
            if PROBE not in name
        ]
    assert not faults, "\n".join(faults)
    check(log)
    assert len(named) >= 2 * len(PATHS) - 10  # a part without any name is no file
    assert all(name.isprintable() for name in named)


# ---- exports -------------------------------------------------------------------------------


def test_no_cell_of_an_export_is_a_formula(house: House) -> None:
    exports = [route for route in all_routes() if "csv" in route.path or "xls" in route.path]
    alice = house.made.viewer("alice")
    begins = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
    cells: set[str] = set()
    with rolled_back():
        host = house.made.rows["system given"]
        for number, text in enumerate(FORMULAS):
            inventory.add_system(
                team=house.made.world.teams["a"],
                facts=inventory.SystemFacts(f"{text} {number}", place=text),
                by=alice,
            )
            draft = ComponentDraft(
                name=text, vendor=text, version=text, model=text, serial=text, kind=text[:40]
            )
            inventory.add_component(system=host, draft=draft, by=alice)
        for route in exports:
            answer = house.readers["alice"].ask("GET", route.url({"system_id": host.public_id}))
            lines = answer_of(answer).body.removeprefix("\ufeff")
            rows = list(csv.reader(io.StringIO(lines, newline="")))
            assert len({len(row) for row in rows}) == 1
            cells |= {cell for row in rows for cell in row}
    assert len(exports) == 2
    assert not [cell for cell in cells if cell.startswith(begins)]
    assert set(FORMULAS) <= {unescape_formula(cell) for cell in cells}


# ---- mails ---------------------------------------------------------------------------------


def mail_faults(office: PostOffice, sent: int) -> list[str]:
    """More mails than were sent, a header or a reader too many, a subject of two lines."""
    faults = (
        [] if len(office.received) == sent else [f"{len(office.received)} mails of {sent} sent"]
    )
    for mail, taken_for in zip(office.received, office.taken_for, strict=True):
        names = [name for name in mail if name not in MAIL]
        faults += [f"a header {name}" for name in names]
        faults += [f"{name} twice" for name in mail if len(mail.get_all(name, [])) != 1]
        faults += [f"{defect}" for section in mail.walk() for defect in section.defects]
        if [address.addr_spec for address in mail["To"].addresses] != taken_for or len(
            taken_for
        ) != 1:
            faults.append(f"to {mail['To']} and {taken_for}")
        if len(mail["Subject"].splitlines()) != 1:
            faults.append(f"a subject {mail['Subject']}")
    return faults


def deliver_everything() -> Counter[str]:
    """Deliver what waits; how many mails came to which end."""
    for entry in system.rows(OutboxEntry, "a test delivers"):
        post.deliver(entry.public_id)
    for letter in Letter.objects.all():
        post.deliver_letter(letter.public_id)
    states = system.rows(OutboxEntry, "a test looks").values_list("state", flat=True)
    return Counter(states)


def test_no_text_in_a_mail_adds_a_header_a_reader_or_a_mail(house: House, settings: Any) -> None:
    with running(settings) as office, rolled_back():
        letters = Letter.objects.count()
        ends = deliver_everything()
        assert not mail_faults(office, ends["sent"] + letters)
    assert set(ends) == {"sent", "withheld"}
    assert ends["sent"] > 60


def test_a_line_break_in_an_advisory_keeps_no_mail_from_anybody(
    house: House, settings: Any
) -> None:
    alice, mana = house.made.viewer("alice"), house.made.viewer("mana")
    press = ComponentDraft(vendor="Acme Works", name="Press Controller", version="4.0")
    for mark in BREAKS:
        if mark == "\0":  # never comes in, see tests/formats
            continue
        text = f"Report{mark}{mark}Bcc: thief@{ELSEWHERE}"
        with running(settings) as office, rolled_back():
            system.rows(OutboxEntry, "a test looks at what comes").delete()
            Letter.objects.all().delete()
            inventory.add_component(system=house.made.rows["system given"], draft=press, by=alice)
            vulnerabilities.receive_advisory(
                raw=document(50, text, "AMBER"),
                name="a.json",
                team=house.made.world.teams["a"],
                circle=None,
                by=alice,
            )
            row = system.rows(Assessment, "a test looks what opened").get(key=cve(50))
            row = vulnerabilities.assess(assessment=row, choice=choice(text), by=alice)
            vulnerabilities.decide(
                assessment=row, decision="apply", text=text, accept_until=None, by=mana
            )
            ends = deliver_everything()
            assert set(ends) == {"sent"}
            assert not mail_faults(office, ends["sent"])
            for mail in office.received:
                assert mail["Subject"].endswith(f": Report Bcc: thief@{ELSEWHERE}")


# ---- the log -------------------------------------------------------------------------------


def test_whatever_is_logged_one_event_is_one_line() -> None:
    written = io.TextIOWrapper(
        io.BytesIO(), "utf-8", errors="backslashreplace", newline=""
    )  # as stderr
    handler = logging.StreamHandler(written)
    handler.setFormatter(LineFormatter())
    logger = logging.getLogger("somebody")
    logger.addHandler(handler)
    logger.propagate = False
    for text in TEXTS:
        logger.warning("%s refused", text)
        try:
            raise ValueError(text)
        except ValueError:
            logger.exception("%s broke", text, stack_info=True)
    written.flush()
    lines = written.buffer.getvalue().decode().splitlines()
    assert len(lines) == 2 * len(TEXTS)
    assert {line[24:].split(" ", 2)[0] for line in lines} == {"WARNING", "ERROR"}
