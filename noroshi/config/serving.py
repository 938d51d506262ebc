"""Prepares an instance and runs its two programs, web and jobs, together."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from noroshi.config import catalogues
from noroshi.core.errors import Refused

RESTART_SECONDS = 1.0  # wait before a program that died is started again
STOP_SECONDS = 20.0  # a worker may finish its job; then it is killed and the job comes again


def serve(*, host: str, port: int, web_workers: int, sample: bool, empty: bool) -> int:
    """Prepare, start both programs, keep them running until a signal, end both."""
    if sample and not _is_loopback(host):
        raise Refused("--sample lets anybody in as anybody: it runs on 127.0.0.1 only.")
    os.environ.setdefault("NOROSHI_URL", f"http://{_for_url(host)}:{port}")
    if sample:
        os.environ["NOROSHI_SAMPLE"] = "1"
    import django

    catalogues.compile_where_possible()
    django.setup()
    prepare()
    if sample and not empty:
        load_sample()
    from django.db import connections

    connections.close_all()
    web = _web_command(host, port, web_workers)
    jobs = [sys.executable, "-m", "noroshi", "jobs"]
    print(f"Noroshi: {os.environ['NOROSHI_URL']}", flush=True)
    return _keep_running([web, jobs])


def _web_command(host: str, port: int, workers: int) -> list[str]:
    return [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "noroshi.config.wsgi:application",
        "--host",
        host,
        "--port",
        str(port),
        "--workers",
        str(workers),
        "--blocking-threads",
        "4",
        "--backpressure",
        "64",
        "--log-level",
        "warning",
        "--respawn-failed-workers",
    ]


def load_sample(*, once: bool = True) -> None:
    """Fill the instance with the sample; ``once``: leave one alone in which there are people."""
    try:
        from noroshi.sample import loading
    except ModuleNotFoundError:  # areas of its story were taken out (ADR 0010)
        raise Refused("This Noroshi comes without the sample association.") from None
    if once:
        loading.load_once()
    else:
        loading.load()


def prepare() -> None:
    """Bring database and static files up to this version; refuse to go on below the floors."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from noroshi.config import floors

    Path(settings.NOROSHI_VAR).mkdir(parents=True, exist_ok=True, mode=0o700)
    faults = floors.faults()
    if faults:
        raise Refused("Noroshi does not start:\n" + "\n".join(f"- {fault}" for fault in faults))
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    _collect_static(settings.STATIC_ROOT)
    _schedule()


def _collect_static(root: Path) -> None:
    """Copy, hash and compress static files when one of them changed."""
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda file: file[0]):
            stat = Path(storage.path(name)).stat()
            digest.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    stamp = Path(root) / ".stamp"
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest.hexdigest():
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(digest.hexdigest(), encoding="ascii")


def _schedule() -> None:
    from noroshi.core import jobs
    from noroshi.directory.areas import areas

    for schedule in (schedule for area in areas() for schedule in area.schedules):
        jobs.every(schedule.minutes, jobs.path_of(schedule.job))


def _keep_running(commands: list[list[str]]) -> int:
    stopping = False

    def stop(signum: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    # A session of its own for each: Ctrl-C reaches us alone, and we end them in order.
    running = [subprocess.Popen(command, start_new_session=True) for command in commands]
    while not stopping:
        time.sleep(0.2)
        for index, program in enumerate(running):
            if program.poll() is not None and not stopping:
                print(
                    f"Noroshi: {commands[index][2]} ended ({program.returncode}), starting it again",
                    file=sys.stderr,
                )
                time.sleep(RESTART_SECONDS)
                running[index] = subprocess.Popen(commands[index], start_new_session=True)
    for program in running:
        _signal(program, signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    for program in running:
        try:
            program.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal(program, signal.SIGKILL)
    return 0


def _signal(program: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send the signal; a kill goes to the whole group, so that no worker outlives its parent."""
    if program.poll() is None:
        if number == signal.SIGKILL:
            os.killpg(program.pid, number)
        else:
            program.send_signal(number)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _for_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
