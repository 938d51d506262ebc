"""Finds whatever a text must not become: an element, an attribute, a header, a way off the site."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

from playwright.sync_api import Error, Page

from tests.harness.sweep import Answer

# Elements and attributes that no page of ours has; every hostile text with markup makes one of them.
FOREIGN = frozenset(
    [
        "x-x",
        "iframe",
        "frame",
        "frameset",
        "object",
        "embed",
        "applet",
        "base",
        "style",
        "math",
        "marquee",
        "plaintext",
        "xmp",
        "audio",
        "video",
        "source",
        "keygen",
        "image",
        "foreignobject",
        "animate",
        "set",
        "mglyph",
        "mtext",
        "center",
        "font",
        "listing",
    ]
)
ATTRIBUTES = frozenset(
    ["style", "srcdoc", "background", "poster", "data", "xlink:href", "ping", "accesskey"]
)
LEADS = (
    "href",
    "src",
    "srcset",
    "action",
    "formaction",
    "hx-get",
    "hx-post",
    "hx-put",
    "hx-delete",
    "hx-vals",
    "data-hx-get",
)
HEADERS = frozenset(
    [
        "Allow",
        "Cache-Control",
        "Content-Disposition",
        "Content-Language",
        "Content-Security-Policy",
        "Content-Type",
        "Cross-Origin-Opener-Policy",
        "ETag",
        "HX-Push-Url",
        "HX-Refresh",
        "Last-Modified",
        "Location",
        "Permissions-Policy",
        "Referrer-Policy",
        "Set-Cookie",
        "Vary",
        "X-Content-Type-Options",
        "X-Frame-Options",
        "WWW-Authenticate",
        "Expires",
        "Retry-After",
    ]
)
COOKIES = frozenset({"sessionid", "csrftoken", "messages", "noroshi_language", "noroshi_theme"})

_IN_BROWSER = """([foreign, attributes, leads]) => {
  const faults = new Set();
  if (window.__hit) faults.add("a script ran");
  for (const element of document.querySelectorAll("*")) {
    const name = element.localName.toLowerCase();
    if (foreign.includes(name)) faults.add(`an element ${name}`);
    if (name === "script" && (element.text.trim() || !element.src)) faults.add("a script of somebody's");
    for (const {name: attribute, value} of element.attributes) {
      if (attribute.startsWith("on") || attribute.startsWith("hx-on") || attributes.includes(attribute))
        faults.add(`${name} with ${attribute}=${value.slice(0, 60)}`);
      if (!leads.includes(attribute)) continue;
      const to = URL.parse(value, location) ?? {protocol: "no address:", search: ""};
      const plain = to.origin === location.origin
        || (name === "a" && ["http:", "https:"].includes(to.protocol) && /noreferrer|noopener/.test(element.rel))
        || (name === "a" && to.protocol === "mailto:" && !to.search)
        || (name === "img" && to.protocol === "data:");
      if (!plain) faults.add(`${name} leads to ${value.slice(0, 80)}`);
    }
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const inside = texts.currentNode.parentElement;
    const {display, unicodeBidi} = getComputedStyle(inside);
    if (/[\u202a-\u202e\u2066-\u2069]/.test(texts.currentNode.data) && display === "inline"
        && unicodeBidi !== "isolate")
      faults.add(`${inside.localName} turns the words around it around`);
  }
  return [...faults];
}"""


def markup_faults(page: Page) -> list[str]:
    """Whatever a page in the browser has that no template of ours wrote."""
    try:
        return list(page.evaluate(_IN_BROWSER, [sorted(FOREIGN), sorted(ATTRIBUTES), list(LEADS)]))
    except Error as gone:  # a text led the browser to another page meanwhile
        return [gone.message]


class _Markup(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in FOREIGN or (tag == "script" and "src" not in dict(attrs)):
            self.faults.append(f"an element {tag}")
        for name, value in attrs:
            if name.startswith(("on", "hx-on")) or name in ATTRIBUTES:
                self.faults.append(f"{tag} with {name}={value}")


def answer_faults(answer: Answer) -> list[str]:
    """A fault inside, a header of somebody's own, a way off the site, markup in a page."""
    faults = [f"answers {answer.status}"] if answer.status >= 500 else []
    for line in answer.headers.split("\n"):
        name, _colon, value = line.partition(": ")
        if name and name not in HEADERS:
            faults.append(f"has a header {line[:80]}")
        if name == "Set-Cookie" and value not in COOKIES:
            faults.append(f"sets a cookie {value[:80]}")
        leads = urlsplit(value) if name in ("Location", "HX-Push-Url") else None
        if leads and (leads.scheme or leads.netloc or not value.startswith("/") or "\\" in value):
            faults.append(f"leads to {value[:80]}")
    if "Content-Type: text/html" in answer.headers:
        markup = _Markup()
        markup.feed(answer.body)
        faults += markup.faults
    return faults
