"""Secrets that are shown once and stored hashed."""

from __future__ import annotations

import hashlib
import secrets


def new_secret(prefix: str) -> str:
    """A fresh secret such as ``noroshi_…`` with 256 random bits."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def hash_of(secret: str) -> str:
    """SHA-256 in hex: enough for secrets that are themselves random (no dictionary to try)."""
    return hashlib.sha256(secret.encode()).hexdigest()
