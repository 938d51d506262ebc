"""A small OpenID Connect server: outside the process of Noroshi, so it is made here.

It speaks discovery, token and userinfo as OpenID Connect Core 1.0 writes them, on a real socket.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Provider(HTTPServer):
    """``person`` is what userinfo tells; ``challenge`` the PKCE challenge of the last way there.

    ``methods`` is how it says that a client proves itself; it takes no other way.
    """

    person: dict[str, Any]
    challenge = ""
    methods: tuple[str, ...] | None = ("client_secret_post",)
    broken = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def sign_in(self, location: str) -> str:
        """The way of the person through it: come with ``location``, agree, get the way back."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        self.challenge = query["code_challenge"]
        return f"{urlsplit(query['redirect_uri']).path}?code=c0de&state={query['state']}"


class _Answers(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        url = self.server.url
        if self.server.broken:
            self.send_error(500)
        elif self.path.startswith("/.well-known/"):
            document: dict[str, Any] = {
                "issuer": url,
                "authorization_endpoint": f"{url}/authorize",
                "token_endpoint": f"{url}/token",
                "userinfo_endpoint": f"{url}/userinfo",
                "jwks_uri": f"{url}/keys",
            }
            if self.server.methods is not None:
                document["token_endpoint_auth_methods_supported"] = self.server.methods
            self._say(document)
        else:
            self._say(self.server.person)

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        digest = hashlib.sha256(sent["code_verifier"][0].encode()).digest()
        proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        good = sent["code"] == ["c0de"] and self._is_the_client(sent)
        if not good or proof != self.server.challenge:
            self.send_error(400)
        else:
            self._say({"access_token": "t", "token_type": "Bearer", "expires_in": 60})

    def _is_the_client(self, sent: dict[str, list[str]]) -> bool:
        if self.server.methods and "client_secret_post" in self.server.methods:
            return sent.get("client_secret") == ["shh"]
        basic = base64.b64encode(b"noroshi:shh").decode()
        return self.headers.get("Authorization") == f"Basic {basic}" and "client_secret" not in sent

    def _say(self, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's word
        """Nothing on the test's output."""


@contextmanager
def running() -> Iterator[Provider]:
    """A server on a free port of this machine."""
    with Provider(("127.0.0.1", 0), _Answers) as provider:
        thread = Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield provider
        provider.shutdown()
        thread.join()
