"""A program that reads files and says by how many MiB each made it grow at the most.

Each is read by a child of its own, so that none profits from what another left.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from noroshi.formats.dry_run import read_upload


def memory(what: str) -> int:
    """Memory in KiB: ``VmRSS`` is what is held now, ``VmHWM`` the most since ``forget``."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1])
    raise LookupError(what)


def forget() -> None:
    """Let the most be what is held now (proc(5), ``clear_refs``)."""
    Path("/proc/self/clear_refs").write_text("5")


def weigh(path: Path) -> int:
    """MiB by which reading the file makes this process grow at the most."""
    forget()
    idle = memory("VmRSS")
    for reading in read_upload(path.read_bytes(), path.name):
        assert reading.draft or reading.problems
    return (memory("VmHWM") - idle) // 1024


if __name__ == "__main__":
    for name in sys.argv[1:]:
        child = os.fork()
        if child == 0:
            sys.stdout.write(f"{weigh(Path(name))}\n")
            sys.stdout.flush()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0, name
