"""Bytes from outside, kept under their SHA-256 before anybody tries to understand them."""

from noroshi.core.files.store import open_file, read_file, store, stored

__all__ = ["open_file", "read_file", "store", "stored"]
