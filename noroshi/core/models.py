"""Rows of ``core``: the history chain and the register of stored files."""

from noroshi.core.files.models import StoredFile
from noroshi.core.history.models import HistoryHead, HistoryRow

__all__ = ["HistoryHead", "HistoryRow", "StoredFile"]
