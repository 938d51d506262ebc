"""The rules that no page may break: contrast, weight, icons that exist, no inline style or script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UI = ROOT / "noroshi" / "ui"
STATIC = UI / "static" / "ui"
TEMPLATES = sorted((ROOT / "noroshi").rglob("templates/**/*.html"))
SOURCES = sorted((ROOT / "noroshi").rglob("*.py"))
TOKENS = (STATIC / "css" / "tokens.css").read_text()


def colour(name: str, theme: int) -> tuple[int, int, int]:
    match = re.search(rf"--{name}: (?:light-dark\((#\w+), (#\w+)\)|(#\w+));", TOKENS)
    assert match, name
    text = (match[1 + theme] or match[3]).lstrip("#")
    return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)


def light(rgb: tuple[int, int, int]) -> float:
    parts = [p / 255 for p in rgb]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(first: tuple[int, int, int], second: tuple[int, int, int]) -> float:
    high, low = sorted((light(first), light(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


TEXT = [
    *(
        (ink, ground)
        for ink in ("ink", "ink-2", "ink-3")
        for ground in ("page", "sunken", "raised", "hover")
    ),
    *((ink, "press") for ink in ("ink", "ink-2")),
    *(
        (ink, ground)
        for ink in ("accent", "danger", "warn", "ok")
        for ground in ("page", "sunken", "raised")
    ),
    *((f"{tone}", f"{tone}-soft") for tone in ("accent", "danger", "warn", "ok")),
    *(("ink", f"{tone}-soft") for tone in ("accent", "danger", "warn", "ok")),
    ("ink-2", "accent-soft"),
    ("on-accent", "accent-fill"),
    ("on-accent", "accent-fill-hover"),
    ("on-accent", "danger-fill"),
    *((f"tlp-{label}", "tlp-ground") for label in ("red", "amber", "green", "clear")),
]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_is_readable_on_its_ground(ink: str, ground: str, theme: int) -> None:
    assert contrast(colour(ink, theme), colour(ground, theme)) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["page", "raised"])
def test_the_edges_of_controls_are_visible(ground: str, theme: int) -> None:
    assert contrast(colour("line-strong", theme), colour(ground, theme)) >= 3


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_one_of_the_two_focus_rings_shows_on_any_ground(theme: int) -> None:
    for ground in ("page", "sunken", "accent-fill", "danger-fill", "tlp-ground"):
        rings = [contrast(colour(ring, theme), colour(ground, theme)) for ring in ("ink", "focus")]
        assert max(rings) >= 3, ground


def test_the_tlp_colours_are_those_of_first_in_both_themes() -> None:
    for label, value in (
        ("red", "#ff2b2b"),
        ("amber", "#ffc000"),
        ("green", "#33ff00"),
        ("clear", "#ffffff"),
    ):
        assert f"--tlp-{label}: {value};" in TOKENS


def weight(pattern: str) -> int:
    return sum(path.stat().st_size for path in STATIC.rglob(pattern))


def test_the_styles_weigh_no_more_than_sixty_kilobytes() -> None:
    assert 10_000 < weight("*.css") <= 60_000


def test_the_scripts_weigh_no_more_than_sixty_kilobytes_with_htmx() -> None:
    assert 10_000 < weight("*.js") <= 60_000


def symbols() -> set[str]:
    return set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    named = {
        (path.name, icon)
        for path in TEMPLATES
        for icon in re.findall(r'{% icon "([\w-]+)"', path.read_text())
    }
    assert len(named) > 10
    assert {(where, icon) for where, icon in named if icon not in symbols()} == set()


def test_every_icon_that_python_names_is_in_the_sprite() -> None:
    named = {
        (path.name, icon)
        for path in SOURCES
        for icon in re.findall(
            r'\bicon\(\s*"([\w-]+)"|\bicon="([\w-]+)"|icon_name="([\w-]+)"', path.read_text()
        )
        for icon in icon
        if icon
    }
    assert len(named) > 3
    assert {(where, icon) for where, icon in named if icon not in symbols()} == set()


def test_every_shape_of_a_state_has_its_icon() -> None:
    from noroshi.ui.components.badges import SHAPES

    assert {f"s-{shape}" for shape in SHAPES} <= symbols()


def test_the_gallery_shows_every_icon() -> None:
    from noroshi.ui.gallery.frame import ICONS

    assert set(ICONS) == symbols()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT / "noroshi")))
def test_a_template_has_no_inline_style_or_script(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=", text), "style attribute"
    assert not re.search(r"<style\b", text), "style element"
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "inline script"
    assert not re.search(r"\son[a-z]+\s*=|\bhx-on|javascript:", text), "inline handler"
    assert "|safe" not in text, "unescaped text"


def test_only_ui_marks_text_as_safe_and_no_markup_has_a_style_attribute() -> None:
    for path in SOURCES:
        text = path.read_text()
        assert " style=" not in text or "migrations" in path.parts, path
        if UI not in path.parents:
            assert "mark_safe" not in text, path
            assert "SafeString(" not in text, path


def test_the_vendored_script_carries_its_licence() -> None:
    (script,) = (STATIC / "vendor").glob("*.js")
    assert "Zero-Clause BSD" in script.read_text()[:200]
