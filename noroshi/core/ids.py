"""Ids that people read: short, random, and from no counter that two teams share."""

from __future__ import annotations

import secrets

# Crockford's base 32: no I, L, O, U, so an id can be read out on the phone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8


def public_id(prefix: str) -> str:
    """A new id such as ``V-7KD3M9Q2``: ``prefix``, a hyphen and 40 random bits."""
    return f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(LENGTH))}"
