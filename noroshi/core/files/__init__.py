"""Bytes from outside, stored under their SHA-256 before anybody tries to understand them."""

from noroshi.core.files.download import download
from noroshi.core.files.names import clean_name
from noroshi.core.files.store import file_row, open_file, read_file, store

__all__ = ["clean_name", "download", "file_row", "open_file", "read_file", "store"]
