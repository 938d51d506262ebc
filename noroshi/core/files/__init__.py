"""Bytes from outside, kept under their SHA-256 before anybody tries to understand them."""

from noroshi.core.files.download import download
from noroshi.core.files.names import clean_name
from noroshi.core.files.store import open_file, read_file, store, stored

__all__ = ["clean_name", "download", "open_file", "read_file", "store", "stored"]
