"""The development data that lies beside the checkout and is not part of the project."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[3] / "shared"


def shared_data() -> Path:
    """The folder with the development data.

    It is ``../shared/data`` beside the checkout, or ``data`` in ``NOROSHI_SHARED``. Without it a
    test is skipped on a workplace and fails where ``CI`` is set.
    """
    folder = Path(os.environ.get("NOROSHI_SHARED", _BESIDE)) / "data"
    if folder.is_dir():
        return folder
    sentence = f"The development data is not in {folder}."
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)


def unpacked(name: str, into: Path) -> Path:
    """The development archive ``name`` unpacked to a folder of its own below ``into``."""
    folder = into / name.split(".", maxsplit=1)[0]
    with tarfile.open(shared_data() / name) as archive:
        archive.extractall(folder, filter="data")
    return folder
