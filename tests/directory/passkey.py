"""A passkey in software: what a browser and its authenticator do, by the W3C's WebAuthn level 2.

The server checks it with its own library; nothing of it is faked there.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Passkey:
    """One key pair for one site; ``origin`` is the page that asks."""

    origin: str = "http://testserver"
    site: str = "testserver"
    flags: int = PRESENT | VERIFIED
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    count: int = 0

    def create(self, options: dict[str, Any]) -> str:
        """The credential for ``creation_options``, as the page sends it."""
        self.user = options["publicKey"]["user"]["id"]
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))  # type: ignore[no-untyped-call]  # fido2 does not say
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + public
        auth_data = self._auth_data(ATTESTED) + attested
        made = cbor.encode({"fmt": "none", "attStmt": {}, "authData": auth_data})
        response = {
            "clientDataJSON": self._client("webauthn.create", options),
            "attestationObject": websafe_encode(made),
            "transports": ["internal"],
        }
        return self._credential(response, {"credProps": {"rk": True}})

    def get(self, options: dict[str, Any]) -> str:
        """The answer to ``request_options``, as the page sends it."""
        self.count += 1
        auth_data, client = self._auth_data(0), self._client("webauthn.get", options)
        signed = auth_data + hashlib.sha256(_unwebsafe(client)).digest()
        response = {
            "clientDataJSON": client,
            "authenticatorData": websafe_encode(auth_data),
            "signature": websafe_encode(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": self.user,
        }
        return self._credential(response, {})

    def _auth_data(self, flags: int) -> bytes:
        site = hashlib.sha256(self.site.encode()).digest()
        return site + struct.pack(">BI", self.flags | flags, self.count)

    def _client(self, kind: str, options: dict[str, Any]) -> str:
        client_data = {
            "type": kind,
            "challenge": options["publicKey"]["challenge"],
            "origin": self.origin,
        }
        return websafe_encode(json.dumps(client_data).encode())

    def _credential(self, response: dict[str, Any], extensions: dict[str, Any]) -> str:
        return json.dumps(
            {
                "id": websafe_encode(self.id),
                "rawId": websafe_encode(self.id),
                "type": "public-key",
                "response": response,
                "clientExtensionResults": extensions,
            }
        )


def _unwebsafe(text: str) -> bytes:
    from fido2.utils import websafe_decode

    return websafe_decode(text)
