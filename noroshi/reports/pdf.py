"""The report as a PDF: the page's own words and chart on A4, with a font that has Japanese.

WeasyPrint lays it out. It may fetch nothing but our own static files: no network, no path. How
long it takes is bounded by what a report holds (see ``figures``). It is loaded only when a PDF is
made, since it costs every process half a second and needs Pango on the machine.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template.loader import render_to_string
from django.utils.translation import get_language

from noroshi.core.errors import Unavailable, gettext_noop
from noroshi.reports import presenters
from noroshi.reports.models import Report

FONT = "Noto Sans CJK JP"
OWN_URL = "http://own.invalid"  # a name that by its standard (RFC 2606) leads nowhere
TYPES = {".css": "text/css", ".svg": "image/svg+xml"}


def pdf_of(report: Report) -> bytes:
    """The PDF in the active language; the same report gives the same bytes.

    Raises ``Unavailable`` when the font, or a library of the layout program, is missing.
    """
    check_ready()
    page = render_to_string("reports/paper.html", presenters.sheet(report))
    document = _document(page)
    identifier = f"{report.public_id} {get_language()}".encode()
    return bytes(document.write_pdf(pdf_identifier=identifier, pdf_tags=True))


def check_ready() -> None:
    """Raise ``Unavailable`` when a PDF made here would have boxes in place of Japanese."""
    if missing_package():
        raise Unavailable(
            gettext_noop(
                "A PDF cannot be made here: %(missing)s is not installed. Print the page instead."
            ),
            retry=False,
            missing=missing_package(),
        )


@lru_cache(maxsize=1)
def missing_package() -> str:
    """The package that PDFs here lack, or nothing. A trial document with a kanji finds out."""
    try:
        # none of our files is needed: ``noroshi check`` may run before any is collected
        document = _document('<p lang="ja">狼煙', css=f"* {{ font-family: '{FONT}' }}")
        document.write_pdf()
    except OSError:  # ctypes found no library
        logging.getLogger("noroshi").exception("The layout program does not start.")
        return "Pango"
    used = {font.family for font in document.fonts.values()}
    return "" if used == {FONT} else f"{FONT} (fonts-noto-cjk)"


def remarks() -> list[str]:
    """Remarks for ``noroshi check``."""
    return (
        [f"Reports have no PDF: {missing_package()} is not installed."] if missing_package() else []
    )


def _document(page: str, *, css: str = "") -> Any:
    """The page laid out, with nothing fetched but our own static files."""
    import weasyprint  # type: ignore[import-untyped]  # loaded late: see above

    class OwnFiles(weasyprint.URLFetcher):  # type: ignore[misc]  # no types in the package
        def fetch(self, url: str, headers: Any = None) -> Any:
            kind, raw = own_file(url)
            return weasyprint.urls.URLFetcherResponse(url, raw, {"Content-Type": kind})

    html = weasyprint.HTML(string=page, base_url=OWN_URL, url_fetcher=OwnFiles(fail_on_errors=True))
    return html.render(stylesheets=[weasyprint.CSS(string=css)] if css else None, pdf_tags=True)


def own_file(url: str) -> tuple[str, bytes]:
    """Type and bytes of one of our static files. Raises ``ValueError`` for any other address."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    kind = next((kind for end, kind in TYPES.items() if path.endswith(end)), "")
    root = urlsplit(settings.STATIC_URL).path
    if f"{parts.scheme}://{parts.netloc}" != OWN_URL or not path.startswith(root) or not kind:
        raise ValueError(f"not one of our static files: {url[:200]}")
    name = path.removeprefix(root)
    if staticfiles_storage.exists(name):  # collected, with the hash in its name
        with staticfiles_storage.open(name) as file:
            return kind, file.read()
    source = finders.find(name)  # a checkout that has collected nothing
    if not source:
        raise ValueError(f"no such static file: {name[:200]}")
    with open(source, "rb") as file:  # noqa: PTH123  # a path from our own finders
        return kind, file.read()
