"""Ids for people: short and random; a counter would tell a team how much the others have."""

from __future__ import annotations

import secrets

# Crockford's base 32: no I, L, O, U, so an id can be read out on the phone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8


def public_id(prefix: str, length: int = LENGTH) -> str:
    """A new id such as ``V-7KD3M9Q2``: ``prefix``, a hyphen and 5 random bits per character."""
    bits = secrets.randbits(5 * length)
    return f"{prefix}-{''.join(ALPHABET[bits >> 5 * place & 31] for place in range(length))}"
