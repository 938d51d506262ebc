"""Puts the compiled translations into the wheel; they are made, not committed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface  # type: ignore[import-not-found,unused-ignore]  # present while building only


class Catalogues(BuildHookInterface):  # type: ignore[misc,type-arg,unused-ignore]  # the same
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        sys.path.insert(0, self.root)
        from noroshi.config import catalogues

        catalogues.compile_all()
        root = Path(self.root)
        build_data["artifacts"] += [
            str(path.relative_to(root)) for path in root.glob("noroshi/**/*.mo")
        ]
