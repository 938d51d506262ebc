"""The PDF, read back by poppler."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pypdf
import pytest
import time_machine
from django.utils import timezone, translation

from noroshi.core.errors import Unavailable
from noroshi.reports import pdf, presenters
from noroshi.reports.figures import MOST_ACCEPTED, MOST_DECIDED, MOST_LATE
from noroshi.reports.models import Report
from tests.harness.people import World
from tests.reports.builders import NOW, TOKYO, a_month, assessed, at, decided, made, opened

HOSTILE = '<script>alert(1)</script> =1+1 <img src="file:///etc/passwd">'
URLS = (
    "http://127.0.0.1:9/x.css",
    "https://example.com/x.css",
    "file:///etc/passwd",
    "/etc/passwd.css",
    "http://own.invalid/etc/passwd",
    "http://own.invalid/static/../../etc/passwd.css",
    "http://own.invalid/static/%2e%2e/%2e%2e/etc/hosts.css",
    "http://own.invalid/static/reports/paper.css.py",
    "http://own.invalid/static/nothing.css",
    "data:text/css,*{}",
)


def pdf_file(report: Report, folder: Path, language: str) -> Path:
    with translation.override(language), timezone.override(TOKYO):
        made_ = pdf.pdf_of(report)
    path = folder / f"{language}.pdf"
    path.write_bytes(made_)
    return path


def text(path: Path) -> str:
    """The text of a PDF, without the line breaks of the layout."""
    out = subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True).stdout
    return re.sub(r"\s", "", out.decode())


def test_the_sentences_read_back_in_order_in_both_languages(world: World, tmp_path: Path) -> None:
    a_month(world)
    report = made(world, note="年末の保守で検査機を替えます。")
    for language, first in (
        ("ja", "自社のシステムに影響する脆弱性が 3 件見つかり、2 件を直しました。"),
        ("en", "In November 2026 we found 3 vulnerabilities in our systems and fixed 2."),
    ):
        read = text(pdf_file(report, tmp_path, language))
        with translation.override(language):
            sentences = presenters.sheet(report)["sentences"]
        assert first in sentences[0]
        expected = [
            *sentences,
            "年末の保守で検査機を替えます。",
            "大阪工場拠点VPN",
            "止められないため、網を分けて",
            "CVE-2026-1001",
        ]
        places = [read.find(re.sub(r"\s", "", words)) for words in expected]
        assert -1 not in places, list(zip(expected, places, strict=True))
        assert places[: len(sentences) + 1] == sorted(places[: len(sentences) + 1])


@pytest.mark.parametrize(
    ("first", "last", "begins"),
    [
        ("11-01", "11-24", "In November 2026"),
        ("10-01", "10-31", "In October 2026"),
        ("10-01", "10-10", "In this period"),
        ("10-02", "10-31", "In this period"),
        ("10-01", "11-24", "In this period"),
    ],
)
def test_a_report_says_the_month_only_where_it_covers_the_month(
    world: World, first: str, last: str, begins: str
) -> None:
    a_month(world)
    report = made(world, from_on=at(first).date(), to_on=at(last).date())
    with translation.override("en"):
        assert presenters.sheet(report)["sentences"][0].startswith(begins)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_letter_is_set_in_the_japanese_font_and_embedded(
    world: World, tmp_path: Path, language: str
) -> None:
    a_month(world)
    path = pdf_file(made(world), tmp_path, language)
    listed = subprocess.run(["pdffonts", path], check=True, capture_output=True, text=True).stdout
    fonts = listed.splitlines()[2:]
    assert fonts
    for line in fonts:
        assert re.match(r"[A-Z]{6}\+Noto-Sans-CJK-JP(-Bold)? ", line), line
        assert re.search(r" yes yes yes ", line), line  # embedded, a subset, readable back


def test_a_long_report_has_its_label_and_number_on_every_sheet(
    world: World, tmp_path: Path
) -> None:
    full(world)
    for language, label, draft in (
        ("ja", "自チームのみ", "下書き"),
        ("en", "Own team only", "Draft"),
    ):
        path = pdf_file(made(world), tmp_path, language)
        reader = pypdf.PdfReader(path)
        assert len(reader.pages) > 1
        for number, page in enumerate(reader.pages, 1):
            written = page.extract_text()
            assert written.count(label) >= 2, written  # head and foot
            assert draft in written
            assert f"{number} / {len(reader.pages)}" in written


def test_a_quiet_month_fits_on_one_sheet(world: World, tmp_path: Path) -> None:
    a_month(world)
    report = made(world, note="年末の保守で検査機を替えます。")
    for language in ("ja", "en"):
        assert len(pypdf.PdfReader(pdf_file(report, tmp_path, language)).pages) == 1


def test_an_empty_month_reads_as_good_news(world: World, tmp_path: Path) -> None:
    read = text(pdf_file(made(world), tmp_path, "ja"))
    assert "期限を過ぎたものはありません。" in read
    assert "いま対応中のものはありません。" in read


def test_title_author_and_language_stand_in_the_file(world: World, tmp_path: Path) -> None:
    report = made(world)
    for language, title, author in (
        ("ja", "2026年11月1日〜24日の報告", "あおば製作所 CSIRT"),
        ("en", "Report for 1–24 Nov 2026", "Aoba CSIRT"),
    ):
        reader = pypdf.PdfReader(pdf_file(report, tmp_path, language))
        assert reader.metadata is not None
        assert (reader.metadata.title, reader.metadata.author) == (title, author)
        assert str(reader.root_object["/Lang"]) == language


def test_the_same_report_gives_the_same_bytes_a_year_later(world: World, tmp_path: Path) -> None:
    a_month(world)
    report = made(world)
    with time_machine.travel(NOW, tick=False):
        first = pdf_file(report, tmp_path, "ja").read_bytes()
    with time_machine.travel(NOW.replace(year=2027), tick=False):
        assert pdf_file(report, tmp_path, "ja").read_bytes() == first


def test_hostile_texts_stay_text(world: World, tmp_path: Path) -> None:
    for row in a_month(world).values():
        row.refresh_from_db()
        row.title = row.decision_text = HOSTILE
        row.save()
    path = pdf_file(made(world, note=HOSTILE, title=HOSTILE), tmp_path, "ja")
    read = text(path)
    assert read.count(re.sub(r"\s", "", HOSTILE)) >= 5
    assert b"/JavaScript" not in path.read_bytes() and b"/URI" not in path.read_bytes()
    assert "root:" not in read


@pytest.mark.parametrize("url", URLS)
def test_the_layout_program_fetches_only_our_own_static_files(url: str) -> None:
    with pytest.raises(Exception, match=r"static|path component|outside"):
        pdf.own_file(url)


def test_our_own_stylesheet_is_fetched() -> None:
    kind, raw = pdf.own_file("http://own.invalid/static/reports/paper.css")
    assert kind == "text/css" and b"Noto Sans CJK JP" in raw


def test_the_fullest_report_is_made_in_a_few_seconds(world: World, tmp_path: Path) -> None:
    """Every list is as long as it gets, every reason too: more than this a report never holds."""
    full(world)
    report = made(world, note="言葉" * 1000)
    assert len(report.figures["late"]["rows"]) == MOST_LATE
    assert len(report.figures["decided"]["rows"]) == MOST_DECIDED
    assert len(report.figures["accepted"]["rows"]) == MOST_ACCEPTED
    before = os.times()
    pdf_file(report, tmp_path, "ja")
    after = os.times()
    assert (after.user + after.system) - (before.user + before.system) < 10


def test_without_the_font_there_is_a_sentence_and_no_file(world: World, tmp_path: Path) -> None:
    config = tmp_path / "fonts.conf"
    config.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>/usr/share/fonts/truetype/dejavu</dir><cachedir>{tmp_path}</cachedir></fontconfig>"
    )
    program = (
        "import django; django.setup()\n"
        "from noroshi.reports import pdf\n"
        "print(pdf.remarks())\n"
        "try: pdf.check_ready()\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    env = {
        **os.environ,
        "FONTCONFIG_FILE": str(config),
        "NOROSHI_VAR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "noroshi.config.settings",
    }
    command = [sys.executable, "-c", program]
    output = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    assert "Reports have no PDF: Noto Sans CJK JP (fonts-noto-cjk) is not installed." in output
    assert f"{Unavailable.__name__} A PDF cannot be made here" in output


def test_with_the_font_the_check_has_nothing_to_say() -> None:
    assert pdf.remarks() == []


def full(world: World) -> None:
    why = "止められない設備であるため、網を分けて見張り、年末の保守で新しいものに替えます。" * 20
    for number in range(MOST_DECIDED + 1):
        row = opened(world, at("11-01"), title=f"欠陥 {number:02} " + "とても長い題名の脆弱性" * 30)
        assessed(world, row, at("11-02"), date(2026, 11, 3))
        if number <= MOST_ACCEPTED:
            decided(world, row, at("11-03"), "accept", why, date(2026, 12, 25))
        else:
            decided(world, row, at("11-03"), why=why)
    for number in range(MOST_LATE + 1):
        row = opened(world, at("11-01"), title=f"遅れ {number:02} " + "とても長い題名の脆弱性" * 30)
        assessed(world, row, at("11-02"), date(2026, 11, 3))
