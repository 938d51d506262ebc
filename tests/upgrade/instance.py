"""An instance in a folder, run by a checkout at a moment that stands still, with people who call it."""

from __future__ import annotations

import html
import http.client
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).resolve().parents[2]
AT = Path(__file__).with_name("at.py")
STORED = sorted(path for path in Path(__file__).parent.glob("20*-*-*") if path.is_dir())
PATIENCE = 180.0  # seconds until it must answer
_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Instance:
    """``database`` is the address of a PostgreSQL database, nothing for SQLite in the folder."""

    folder: Path
    database: str = ""
    smtp_port: int = 9  # nobody answers there
    checkout: Path = ROOT

    def run(self, moment: str, *arguments: str, check: bool = True) -> str:
        """Run a command of the console; returns its output, with ``check`` off the error of a failure."""
        done = subprocess.run(
            [sys.executable, str(AT), moment, *arguments],
            cwd=self.checkout,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout or done.stderr

    @contextmanager
    def serving(self, moment: str) -> Iterator[int]:
        """The port on which it answers, brought up to the version of its checkout."""
        port = free_port()
        log = self.folder.with_name(self.folder.name + ".log")
        with log.open("wb") as output:
            program = subprocess.Popen(
                [sys.executable, str(AT), moment, "serve", str(port)],
                cwd=self.checkout,
                env=self._environment(),
                stdout=output,
                stderr=output,
            )
        try:
            _wait_for(port, program, log)
            yield port
        finally:
            program.terminate()
            program.wait(30)

    def _environment(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if "NOROSHI" not in name}
        return {
            **ours,
            "NOROSHI_VAR": str(self.folder),
            "NOROSHI_URL": "http://noroshi.example",
            "NOROSHI_SAMPLE": "1",
            "NOROSHI_SMTP_HOST": "127.0.0.1",
            "NOROSHI_SMTP_PORT": str(self.smtp_port),
            "DATABASE_URL": self.database,
        }


def bring_back(instance: Instance, stored: Path) -> dict[str, Any]:
    """Put the stored files and rows where an instance has them; what is expected of it."""
    vendor = "postgresql" if instance.database else "sqlite"
    with tarfile.open(stored / f"{vendor}.tar.xz") as archive:
        for member in archive:  # by hand: Python 3.11 before 3.11.4 has no extraction filters
            source = archive.extractfile(member)
            assert source is not None, member.name
            target = instance.folder / member.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read())
    if instance.database:
        import psycopg  # only where PostgreSQL is used

        dump = instance.folder / "database.sql"
        with psycopg.connect(instance.database) as connection:
            connection.execute(dump.read_bytes())
        dump.unlink()
    expected: dict[str, Any] = json.loads((stored / f"{vendor}.json").read_text(encoding="utf-8"))
    return expected


def _wait_for(port: int, program: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and program.poll() is None:
        try:
            if Visitor(port).get("/health").status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"The instance does not answer:\n{log.read_text(errors='replace')}")


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Answer:
    """Status, headers and bytes of a response."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def text(self) -> str:
        return self.raw.decode()

    @property
    def words(self) -> str:
        """The text of a page without its tags, in one line."""
        page = re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", self.text)
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())

    def json(self) -> Any:
        return json.loads(self.raw)


@dataclass
class Visitor:
    """Somebody with a browser that keeps cookies; with ``token`` a program that calls the API."""

    port: int
    token: str = ""
    language: str = "ja"
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **query: str) -> Answer:
        address = f"{path}?{urlencode(query)}" if query else path
        return self._ask("GET", address, b"", "")

    def post(self, path: str, page: str = "", **fields: Any) -> Answer:
        """Fill the form that stands on ``page`` (at ``path`` itself without one) and go on."""
        return self.send(path, self.get(page or path), **fields)

    def send(self, path: str, page: Answer, **fields: Any) -> Answer:
        """Send the form that stands on this page; the page that comes next."""
        token = _CSRF.search(page.text)
        assert token is not None, f"{path}: {page.status} has no form"
        sent = urlencode({"csrfmiddlewaretoken": token[1], **fields}, doseq=True).encode()
        answer = self._ask("POST", path, sent, "application/x-www-form-urlencoded")
        if answer.status == 302:
            return self.get(answer.headers["Location"])
        return answer

    def call(self, method: str, path: str, body: Any = None, **form: Any) -> Any:
        """An operation that must succeed; ``form`` instead of JSON, bytes in pairs are files."""
        raw, kind = (_multipart(form)) if form else (json.dumps(body).encode(), "application/json")
        answer = self._ask(method, f"/api/v1{path}", raw, kind)
        assert answer.status < 300, f"{method} {path}: {answer.status} {answer.text}"
        return answer.json() if answer.raw else None

    def read(self, path: str, **query: str) -> Any:
        """Ask the API for something that must be there; returns its JSON."""
        answer = self.get(f"/api/v1{path}", **query)
        assert answer.status == 200, f"{path}: {answer.status} {answer.text}"
        return answer.json()

    def _ask(self, method: str, path: str, raw: bytes, kind: str) -> Answer:
        headers = {"Accept-Language": self.language, "Accept": "text/html, application/json"}
        if kind:
            headers["Content-Type"] = kind
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.cookies:
            headers["Cookie"] = "; ".join(
                f"{name}={morsel}" for name, morsel in self.cookies.items()
            )
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, raw or None, headers)
            response = connection.getresponse()
            for name, line in response.getheaders():
                if name == "Set-Cookie":
                    for key, morsel in SimpleCookie(line).items():
                        self.cookies[key] = morsel.value
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()


def _multipart(form: Mapping[str, Any]) -> tuple[bytes, str]:
    edge = secrets.token_hex(16)
    lines: list[bytes] = []
    for name, values in form.items():
        for value in values if isinstance(values, list) else [values]:
            head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"'
            if isinstance(value, tuple):
                head += f'; filename="{value[0]}"\r\nContent-Type: application/octet-stream'
                value = value[1]
            raw = value if isinstance(value, bytes) else str(value).encode()
            lines += [head.encode(), b"\r\n\r\n", raw, b"\r\n"]
    return b"".join([*lines, f"--{edge}--\r\n".encode()]), f"multipart/form-data; boundary={edge}"


def enter(port: int, name: str, language: str = "ja") -> Visitor:
    """A person of the sample, by the beginning of their name, signed in."""
    visitor = Visitor(port, language=language)
    page = visitor.get("/account/login").text
    doors = re.findall(
        r'action="(/account/sample/[^"]+)".*?<span class="sr">\s*([^<]+)<', page, re.DOTALL
    )
    path = next(path for path, person in doors if person.strip().startswith(name))
    visitor.post(path, page="/account/login")
    assert "sessionid" in visitor.cookies, name
    return visitor


def sign_in(port: int, mail: str, password: str) -> tuple[Visitor, Answer]:
    """With address and password; the page that comes next."""
    visitor = Visitor(port)
    return visitor, visitor.post("/account/login", login=mail, password=password)


def path_in(mail_text: str) -> str:
    """The path of the first link to this instance."""
    link = re.search(r"http://noroshi\.example(/\S+)", mail_text)
    assert link is not None, mail_text
    return urlsplit(link[1]).path
