"""The documents are true: links lead somewhere, commands and variables and words exist."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import polib
import pytest

from noroshi.config import cli

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("README*.md"), *ROOT.joinpath("docs").rglob("*.md")])
PARSER = cli._parser()
CONFIGURATION = ROOT / "docs/reference/configuration.md"

_LINK = re.compile(r"(?<!\!)\[[^\]\n]*\]\(([^)\s]+)\)|!\[[^\]\n]*\]\(([^)\s]+)\)")
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_VARIABLE = re.compile(r"\b(?:NOROSHI_[A-Z_]+|DATABASE_URL)\b")
_READ = re.compile(r"\b(?:text|flag|words)\(\s*\"([A-Z_]+)\"")
_PLACE = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the places where such pages are read make them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    lost = []
    for match in _LINK.finditer(page.read_text(encoding="utf-8")):
        target = match[1] or match[2]
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        aim = (page.parent / path).resolve() if path else page
        if not aim.exists() or (anchor and anchor not in _anchors(aim)):
            lost.append(target)
    assert not lost


# ---- commands ------------------------------------------------------------------------


def _sh_lines(page: Path) -> Iterator[list[str]]:
    for block in _BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words:
                yield words


def _called(words: list[str]) -> list[str] | None:
    """The arguments of ``noroshi`` where this line calls it; ``None`` where it does not."""
    if words[0] == "noroshi":
        return words[1:]
    place = next((n for n, word in enumerate(words) if word.endswith("/bin/noroshi")), None)
    return None if place is None else words[place + 1 :]


def _refused(arguments: list[str]) -> bool:
    try:
        PARSER.parse_args(arguments)
    except SystemExit as ended:
        return ended.code != 0
    return False


def test_every_noroshi_command_in_the_documents_is_one_that_the_console_takes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    calls = [
        (_name(page), called)
        for page in PAGES
        for words in _sh_lines(page)
        if (called := _called(words)) is not None
    ]
    assert len(calls) > 15, "the documents show commands, or this test reads nothing"
    assert not [f"{name}: noroshi {' '.join(called)}" for name, called in calls if _refused(called)]


def test_every_script_that_the_documents_run_is_there() -> None:
    lost = {
        f"{_name(page)}: {word}"
        for page in PAGES
        for words in _sh_lines(page)
        for word in words
        if re.match(r"(script|\.ci)/", word) and not (ROOT / word).exists()
    }
    assert not lost


def _subcommands() -> dict[str, argparse.ArgumentParser]:
    actions: list[Any] = PARSER._actions
    (subparsers,) = [action for action in actions if isinstance(action, argparse._SubParsersAction)]
    return dict(subparsers.choices)


@pytest.mark.parametrize("name", _subcommands())
def test_the_reference_of_the_console_names_each_command_with_all_its_options(name: str) -> None:
    page = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    section = re.search(rf"^## `noroshi {name}\b.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert section, f"docs/reference/cli.md has no heading for noroshi {name}"
    options = {
        option
        for action in _subcommands()[name]._actions
        for option in action.option_strings
        if option.startswith("--") and option != "--help"
    }
    assert options == set(re.findall(r"--[a-z][a-z-]+", section[0]))


def test_the_guides_for_operators_show_the_same_commands_and_files_in_both_languages() -> None:
    english, japanese = (
        re.findall(
            r"^```.*?^```", (ROOT / "docs" / name).read_text("utf-8"), re.MULTILINE | re.DOTALL
        )
        for name in ("operators.md", "operators.ja.md")
    )
    assert english == japanese


def test_cron_finds_every_program_of_the_command_that_operators_write() -> None:
    """Cron looks in /usr/bin and /bin alone: whatever stands elsewhere is called by its full path."""
    guide = (ROOT / "docs/operators.md").read_text(encoding="utf-8")
    script = re.search(r"^```\n(#!/bin/sh\n.*?)^```", guide, re.MULTILINE | re.DOTALL)
    assert script
    assert "/usr/sbin/runuser " in script[1]
    programs = set(re.findall(r"(?:^|[;|(]|exec|\$\() *([a-z]+)", script[1], re.MULTILINE))
    lost = {program for program in programs if which(program, path="/usr/sbin:/sbin")}
    assert not {program for program in lost if not which(program, path="/usr/bin:/bin")}


# ---- modules and files ---------------------------------------------------------------

CODE = re.compile(r"`([a-z_]+(?:\.\w+)+)(?:\(.*?\))?`")
FILE = re.compile(r"`((?:noroshi/|tests/|script/|bench/|docs/|\w+/)*\w+\.(?:py|toml))`")
ABOUT_CODE = [page for page in PAGES if "guide" not in page.parts]


def _is_in_the_program(dotted: str) -> bool:
    """Whether the module that the name begins with, or its package, has the words behind it."""
    place, rest = ROOT / "noroshi", dotted.removeprefix("noroshi.").split(".")
    while rest and (place / rest[0]).is_dir():
        place /= rest.pop(0)
    if rest and place.joinpath(f"{rest[0]}.py").is_file():
        place /= f"{rest.pop(0)}.py"
    source = (place / "__init__.py" if place.is_dir() else place).read_text(encoding="utf-8")
    return all(re.search(rf"\b{word}\b", source) for word in rest)


@pytest.mark.parametrize("page", ABOUT_CODE, ids=_name)
def test_every_module_and_function_that_a_document_names_is_in_the_program(page: Path) -> None:
    folders = {path.name for path in (ROOT / "noroshi").iterdir() if path.is_dir()} | {"noroshi"}
    names = CODE.findall(page.read_text(encoding="utf-8"))
    ours = {name for name in names if name.split(".")[0] in folders}
    assert not {name for name in ours if not _is_in_the_program(name)}


@pytest.mark.parametrize("page", ABOUT_CODE, ids=_name)
def test_every_source_file_that_a_document_names_is_there(page: Path) -> None:
    names = {name for name in FILE.findall(page.read_text(encoding="utf-8")) if "/" in name}
    assert not {
        name
        for name in names
        if not any((folder / name).exists() for folder in (ROOT, ROOT / "noroshi", page.parent))
    }


# ---- variables -----------------------------------------------------------------------


def _read_by_config() -> set[str]:
    sources = [ROOT / "noroshi/config" / name for name in ("environment.py", "settings.py")]
    names = {name for path in sources for name in _READ.findall(path.read_text(encoding="utf-8"))}
    return {f"NOROSHI_{name}" for name in names} | {"DATABASE_URL"}


def test_the_configuration_page_lists_exactly_the_variables_that_are_read() -> None:
    rows = re.findall(r"^\| `(\w+)`", CONFIGURATION.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(_read_by_config())


def test_no_document_names_a_variable_that_nothing_reads() -> None:
    others = {"NOROSHI_TOKEN", "NOROSHI_SHARED"}  # of a caller of the API, and of the tests
    others |= {"NOROSHI_TEST_PROCESSES", "NOROSHI_BENCH_SECONDS"}
    known = _read_by_config() | others
    wrong = {
        f"{_name(page)}: {name}"
        for page in PAGES
        for name in _VARIABLE.findall(page.read_text(encoding="utf-8"))
        if name not in known
    }
    assert not wrong


# ---- words ---------------------------------------------------------------------------


def _catalogues() -> tuple[list[str], list[str]]:
    """Every sentence of the pages, in English and in Japanese."""
    english, japanese = [], []
    for path in sorted((ROOT / "noroshi").rglob("locale/ja/LC_MESSAGES/django.po")):
        for entry in polib.pofile(str(path)):
            if not entry.obsolete:
                english += [entry.msgid, entry.msgid_plural]
                japanese += [entry.msgstr, *entry.msgstr_plural.values()]
    return english, japanese


ENGLISH, JAPANESE = _catalogues()


def _unknown(quoted: list[str], sentences: list[str]) -> list[str]:
    plain = set(sentences)
    filled = [
        re.compile(".+".join(map(re.escape, _PLACE.split(sentence))))
        for sentence in plain
        if _PLACE.search(sentence) and len(_PLACE.sub("", sentence)) > 5
    ]
    return [
        word
        for words in quoted
        for word in words.split(" → ")
        if word not in plain and not any(pattern.fullmatch(word) for pattern in filled)
    ]


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/guide/en/*.md")), ids=_name)
def test_the_english_guide_names_buttons_as_the_pages_do(page: Path) -> None:
    quoted = re.findall(r"\*\*(.+?)\*\*", page.read_text(encoding="utf-8"))
    assert not _unknown(quoted, ENGLISH)


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/guide/ja/*.md")), ids=_name)
def test_the_japanese_guide_names_buttons_as_the_pages_do(page: Path) -> None:
    quoted = re.findall(r"「(.+?)」", page.read_text(encoding="utf-8"))
    assert not _unknown(quoted, JAPANESE)


def test_both_languages_have_the_same_guides() -> None:
    guides = [
        {path.name for path in ROOT.glob(f"docs/guide/{which}/*.md")} for which in ("en", "ja")
    ]
    assert guides[0] == guides[1]
