"""Templates can be read: short lines, one component on each, and sentences where they are used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from noroshi.ui import components

NOROSHI = Path(components.__file__).resolve().parents[2]
LONGEST = 160

# Those that stand beside a word; of all others a line holds one.
INLINE = {
    "count",
    "icon",
    "page_label",
    "person",
    "severity",
    "stacked",
    "status",
    "swatch",
    "tag",
    "team",
    "tlp",
    "visibility",
    "when",
}
OWN_LINE = set(components.register.tags) - INLINE | {"block", "include"}

TAG = re.compile(r"{%\s*(\w+)(.*?)%}|{{(.*?)}}")
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
ASSIGNS = re.compile(r'"\s+as\s+(\w+)\s*$')
NAMES_IT = re.compile(r"\sas\s+\w+\s*$")


def test_a_line_of_a_template_is_short_and_holds_one_component() -> None:
    paths = sorted(NOROSHI.glob("*/templates/**/*.*"))
    assert len(paths) > 120
    assert [
        f"{path.relative_to(NOROSHI)}:{line}"
        for path in paths
        for line in faults(path.read_text(encoding="utf-8"), path.suffix)
    ] == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("<p>" + "a" * 160 + "</p>", "1: 167 characters"),
        ("{% table rows %}{% pager pager %}", "1: table, pager on one line"),
        ("{% section _('Why') %}{% lines why %}{% endsection %}", "1: section, lines on one line"),
        ("{% url 'a' as url %}{% url 'b' as other %}", "1: url, url on one line"),
        ('{% translate "Why" as title %}\n{% section title %}', '1: write _("…") for title'),
        ('{% if a %}{% translate "Why" as b %}{% endif %}', '1: write _("…") for b'),
    ],
)
def test_each_of_these_rules_names_what_breaks_it(line: str, fault: str) -> None:
    assert list(faults(line, ".html")) == [fault]


@pytest.mark.parametrize(
    "text",
    [
        "{% block heading %}{% errors form %}{% endblock %}",
        '<button>{% icon "x" %}{% translate "Close" %}</button>',
        '{% translate "Issue" context "report" as word %}\n{% status word %}',
        '{% translate "Words" as label %}\n<input aria-label="{{ label }}" title="{{ label }}">',
    ],
)
def test_what_reads_well_may_stay(text: str) -> None:
    assert list(faults(text, ".html")) == []


def test_the_reference_names_every_tag_and_every_helper() -> None:
    reference = (NOROSHI.parent / "docs" / "reference" / "components.md").read_text("utf-8")
    names = {*components.register.tags, *components.__all__} - {"register", "sum_tag", "table_tag"}
    assert {name for name in names if not re.search(rf"(`|{{% ){name}\b", reference)} == set()


def faults(text: str, suffix: str) -> Iterator[str]:
    """One line for each place that is hard to read; mails are plain text, where only length counts."""
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST:
            yield f"{number}: {len(line)} characters"
        if suffix == ".html":
            yield from (f"{number}: {fault}" for fault in _crowd(line))
    yield from _assigned_and_used_once(lines)


def _crowd(line: str) -> Iterator[str]:
    """The tags of a line that each want a line of their own; a block may hold one of them."""
    names = [
        name
        for name, rest, _variable in TAG.findall(line)
        if name in OWN_LINE or NAMES_IT.search(rest)
    ]
    if len(names) > 1 and (names[0] != "block" or len(names) > 2 or names[1] == "block"):
        yield f"{', '.join(names)} on one line"


def _assigned_and_used_once(lines: list[str]) -> Iterator[str]:
    """The sentences that are put under a name and then used at one place, or at none."""
    tags = [
        (number, name, rest, QUOTED.sub("", rest or variable))
        for number, line in enumerate(lines, 1)
        for name, rest, variable in TAG.findall(line)
    ]
    for i, (number, name, rest, _code) in enumerate(tags):
        sentence = ASSIGNS.search(rest)
        if name != "translate" or not sentence or " context " in QUOTED.sub("", rest):
            continue
        uses = 0
        for _number, _name, _rest, code in tags[i + 1 :]:
            again = re.search(rf"\bas\s+{sentence[1]}\s*$", code)
            uses += len(re.findall(rf"(?<![\w.]){sentence[1]}(?![\w=])", code)) - bool(again)
            if again:
                break
        if uses < 2:
            yield f'{number}: write _("…") for {sentence[1]}'
