"""Secrets that are shown once and stored hashed, or made again from a row's id and never stored."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.crypto import salted_hmac

from noroshi.core import clock


def new_secret(prefix: str) -> str:
    """A fresh secret such as ``noroshi_…`` with 256 random bits."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def secret_of(purpose: str, public_id: str) -> str:
    """The secret of a row, the same each time: an HMAC that only this instance can make."""
    mac = salted_hmac(f"noroshi.{purpose}", public_id, algorithm="sha256").hexdigest()
    return f"{purpose}_{mac}"


def hash_of(secret: str) -> str:
    """SHA-256 in hex: enough for secrets that are themselves random (no dictionary to try)."""
    return hashlib.sha256(secret.encode()).hexdigest()


class PasswordLinks(PasswordResetTokenGenerator):
    """Tokens of mailed links to a new password.

    Django's cover the password and the last sign-in; these end with the person's sessions too, so
    a link that was mailed before somebody was stopped opens nothing after they are let in again.
    """

    key_salt = "noroshi.password"

    def _now(self) -> datetime:
        # Django's is local time, which jumps twice a year
        return clock.now().replace(tzinfo=None)

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.session_epoch}{user.state}"


def seal(text: str) -> str:
    """Encrypt what must be read again, such as the seed of an authenticator app."""
    return _box().encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """Counterpart of :func:`seal`; raises ``InvalidToken`` for anything else (fail closed)."""
    return _box().decrypt(sealed.encode("ascii")).decode()


def _box() -> Fernet:
    key = salted_hmac("noroshi.seal", "1", secret=settings.SECRET_KEY, algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
