"""Brings the spelling of a version into the normal form: ``V5.2_Service Pack 1`` is ``5.2 SP1``."""

from __future__ import annotations

import re

_PREFIX = re.compile(r"\A(?:version|ver|revision|rev|v)[\s._:-]*(?=[0-9])", re.IGNORECASE)
_SUFFIXES = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"\s+", " "),
        (r"\bservice ?pack ?(?=[0-9])|\bサービスパック ?(?=[0-9])", "SP"),
        (r"\bfeature ?pack ?(?=[0-9])", "FP"),
        (r"\b(sp|fp|mp|hf|ru|cu|sr|tc|r)\.? (?=[0-9])", r"\1"),
        (r"(?<![\w.-])(?:update|upd)\.? ?(?=[0-9])|アップデート ?(?=[0-9])", "update "),
        (r"(?<![\w.-])patch ?(?=[0-9])|パッチ ?(?=[0-9])", "patch "),
        (r"(?<![\w.-])build ?(?:number|nr)?[ .:]*(?=[0-9])|ビルド(?:番号)? ?(?=[0-9])", "build "),
        (r"(?<![\w.-])hotfix ?(?=[0-9])", "hotfix "),
        (r"(?<![\w.-])release ?(?=[0-9])|リリース ?(?=[0-9])", "R"),
    )
)


def normalize_suffixes(text: str) -> str:
    """The text with service packs, updates, patches and builds always spelt in the same way."""
    for pattern, replacement in _SUFFIXES:
        text = pattern.sub(replacement, text)
    return text


def normalize_spelling(version: str) -> str:
    """The version without V in front, its suffixes always spelt in the same way."""
    return normalize_suffixes(_PREFIX.sub("", version.strip()))
