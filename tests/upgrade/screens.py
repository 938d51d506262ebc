"""Compare what people see in two checkouts: see ``script/screens``.

Both serve the same stored instance at the same moment. Every page that these people reach by
links is asked for in both: the same status, not more database statements. One page of each shape
is then drawn in Chromium at two widths in both languages, and compared pixel by pixel.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

from PIL import Image, ImageChops
from playwright.sync_api import Browser, sync_playwright

from tests.upgrade.instance import ROOT, STORED, Instance, Visitor, bring_back, enter

PEOPLE = {
    "suzuki": "鈴木",
    "sato": "佐藤",
    "yamada": "山田",
    "watanabe": "渡辺",
    "nakamura": "中村",
}
SIGNED_OUT = "nobody"
IN_DARK = {"suzuki"}
WIDTHS = (1280, 390)
STARTS = ("/", "/search?q=CVE", "/nothing")
PER_SHAPE = 4  # pages of each shape that are asked for; the first of them is drawn
# Of 255 steps of a colour: Chromium paints the edge of a round corner not quite the same each time.
ROUNDING = 4
_LINK = re.compile(r'href="(/[^"#]*)')
_ID = re.compile(r"\b(?:[A-Z]{1,2}-[0-9A-Z]{8,}|CVE-\d{4}-\d+|L-[\w~]+)")
# The page for an app draws a new key each time.
_LEFT_OUT = re.compile(r"^/(static/|account/logout|settings/security/app|api/v1/openapi)")


@dataclass(frozen=True, order=True)
class Shot:
    """One picture that is drawn in both."""

    person: str
    language: str
    theme: str
    width: int
    path: str

    @property
    def name(self) -> str:
        place = re.sub(r"[^\w-]+", "_", unquote(self.path)).strip("_")[:80] or "start"
        return f"{self.person}-{self.language}-{self.theme}-{self.width}-{place}"


@dataclass
class Side:
    """One checkout with its own copy of the instance, while it answers."""

    name: str
    port: int
    folder: Path
    first: dict[str, list[str]] = field(default_factory=dict)  # by person, where they start
    people: dict[str, Visitor] = field(default_factory=dict)

    def enter(self) -> None:
        self.people = {key: enter(self.port, name) for key, name in PEOPLE.items()}
        self.people[SIGNED_OUT] = Visitor(self.port)

    def crawl(self, person: str) -> dict[str, tuple[int, int]]:
        """Follow links from where somebody starts; by path the status and the number of statements."""
        reached: dict[str, tuple[int, int]] = {}
        shapes: dict[str, int] = {}
        waiting = list(self.first[person])
        while waiting:
            path = waiting.pop(0)
            shape = shape_of(path)
            if path in reached or shapes.get(shape, 0) >= PER_SHAPE:
                continue
            shapes[shape] = shapes.get(shape, 0) + 1
            reached[path] = self.ask(person, path, waiting)
        return reached

    def ask(self, person: str, path: str, links: list[str] | None = None) -> tuple[int, int]:
        answer = self.people[person].get(path)
        is_page = "text/html" in answer.headers.get("Content-Type", "")
        if links is not None and "Location" in answer.headers:
            links.append(answer.headers["Location"])
        if links is not None and is_page:
            links += [
                link.replace("&amp;", "&")
                for link in _LINK.findall(answer.text)
                if not _LEFT_OUT.match(link)
            ]
        return (answer.status if is_page else -answer.status), int(answer.headers["Queries"])

    def draw(self, shots: Iterable[Shot]) -> None:
        """Take every picture, one after the other, as the person with these settings."""
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium-headless-shell"),
                args=["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
            )
            settings = ("", "", "")
            pages: list[Shot] = []
            for shot in [*shots, None]:
                now = (shot.person, shot.language, shot.theme) if shot else ("", "", "")
                if now != settings and pages:
                    self._draw_as(browser, settings, pages)
                    pages = []
                settings = now
                if shot:
                    pages.append(shot)
            browser.close()

    def _draw_as(self, browser: Browser, settings: tuple[str, str, str], shots: list[Shot]) -> None:
        person, language, theme = settings
        visitor = self.people[person]
        start = "/account/login" if person == SIGNED_OUT else "/settings"
        visitor.post("/settings/language", page=start, language=language)
        visitor.post("/settings/theme", page=start, theme=theme)
        context = browser.new_context(
            reduced_motion="reduce", locale="ja", timezone_id="Asia/Tokyo"
        )
        url = f"http://127.0.0.1:{self.port}"
        context.add_cookies(
            [{"name": key, "value": value, "url": url} for key, value in visitor.cookies.items()]
        )
        page = context.new_page()
        current = ""
        for shot in shots:
            page.set_viewport_size({"width": shot.width, "height": 844})
            if shot.path != current:
                page.goto(url + shot.path, wait_until="load")
                current = shot.path
            raw = page.screenshot(full_page=True, animations="disabled", caret="hide")
            (self.folder / f"{shot.name}.png").write_bytes(raw)
        context.close()


def shape_of(path: str) -> str:
    """The path without the things that it names, and the names of its query without their values."""
    parts = urlsplit(path)
    names = sorted(pair.partition("=")[0] for pair in parts.query.split("&") if pair)
    return f"{_ID.sub('*', parts.path)}?{'&'.join(names)}"


def shots_of(pages: dict[str, dict[str, tuple[int, int]]]) -> Iterator[Shot]:
    """The first page of each shape, for every person, language and width; some in the dark."""
    for person, reached in pages.items():
        drawn: dict[str, str] = {}
        for path, (status, _) in reached.items():
            if status > 0 and not 300 <= status < 400:
                drawn.setdefault(shape_of(path), path)
        for language in ("ja", "en"):
            for path in drawn.values():
                for width in WIDTHS:
                    yield Shot(person, language, "light", width, path)
        if person in IN_DARK:
            for path in drawn.values():
                yield Shot(person, "ja", "dark", WIDTHS[0], path)


def differences(shots: Iterable[Shot], base: Side, here: Side, out: Path) -> list[str]:
    """The names of the pictures that differ, each kept with both sides and what differs in red."""
    names = []
    for shot in shots:
        files = [side.folder / f"{shot.name}.png" for side in (base, here)]
        old, new = (file.read_bytes() for file in files)
        if old == new or (difference := _difference(old, new)) is None:
            continue
        out.mkdir(parents=True, exist_ok=True)
        shutil.copy(files[0], out / f"{shot.name}.base.png")
        shutil.copy(files[1], out / f"{shot.name}.here.png")
        difference.save(out / f"{shot.name}.diff.png")
        names.append(f"{shot.name} {shot.path}")
    return names


def _difference(old: bytes, new: bytes) -> Image.Image | None:
    """The new picture in grey with what differs in red; ``None`` when nobody could see any."""
    first, second = (Image.open(BytesIO(raw)).convert("RGB") for raw in (old, new))
    size = (max(first.width, second.width), max(first.height, second.height))
    pictures = []
    for picture in (first, second):
        canvas = Image.new("RGB", size, "magenta")  # no page has it: a longer page differs
        canvas.paste(picture, (0, 0))
        pictures.append(canvas)
    red, green, blue = ImageChops.difference(*pictures).split()
    largest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    mask = largest.point(lambda steps: 255 if steps > ROUNDING else 0)
    if mask.getbbox() is None:
        return None
    picture = pictures[1].convert("L").convert("RGB")
    picture.paste("red", (0, 0), mask)
    return picture


def compare(base: Path, out: Path, people: list[str]) -> dict[str, object]:
    """Serve both, read both, draw both."""
    begun = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sides = []
        for name, checkout in (("base", base.resolve()), ("here", ROOT)):
            _compile_catalogues(checkout)
            instance = Instance(folder / name / "var", checkout=checkout)
            expected = bring_back(instance, STORED[-1])
            pictures = folder / name / "pictures"
            pictures.mkdir()
            port = stack.enter_context(instance.serving(expected["moment"]))
            signed_out = ["/account/login", "/nothing", "/_components", *expected["links"].values()]
            first = {**{key: list(STARTS) for key in PEOPLE}, SIGNED_OUT: signed_out}
            first = {key: paths for key, paths in first.items() if key in people}
            sides.append(Side(name, port, pictures, first))
        old, new = sides
        with ThreadPoolExecutor(2) as workers:
            list(workers.map(Side.enter, sides))
            pages = {person: old.crawl(person) for person in old.first}
            again = {
                person: {path: new.ask(person, path) for path in reached}
                for person, reached in pages.items()
            }
            shots = list(shots_of(pages))
            list(workers.map(lambda side: side.draw(shots), sides))
        differing = differences(shots, old, new, out)
    both = [
        (f"{person} {path}", before, again[person][path])
        for person, reached in pages.items()
        for path, before in reached.items()
    ]
    return {
        "pages": len(both),
        "pictures": len(shots),
        "seconds": round(time.monotonic() - begun),
        "pictures_differ": differing,
        "other_status": [f"{at}: {old[0]} → {new[0]}" for at, old, new in both if old[0] != new[0]],
        "more_queries": [f"{at}: {old[1]} → {new[1]}" for at, old, new in both if new[1] > old[1]],
        "fewer_queries": [f"{at}: {old[1]} → {new[1]}" for at, old, new in both if new[1] < old[1]],
    }


def _compile_catalogues(checkout: Path) -> None:
    """A fresh checkout would be served in English alone: its program reads what is there at its start."""
    command = [sys.executable, "-m", "noroshi.config.catalogues"]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", type=Path, help="the folder of the checkout to compare with")
    parser.add_argument("out", type=Path, help="where pictures that differ are kept")
    everybody = [*PEOPLE, SIGNED_OUT]
    parser.add_argument(
        "--person", action="append", choices=everybody, help="only they (may be repeated)"
    )
    options = parser.parse_args()
    report = compare(options.base, options.out, options.person or everybody)
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    return int(bool(report["pictures_differ"] or report["other_status"] or report["more_queries"]))


if __name__ == "__main__":
    sys.exit(main())
