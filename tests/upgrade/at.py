"""Run Noroshi, of the checkout that is the current folder, at a moment that stands still.

    python tests/upgrade/at.py MOMENT serve PORT       prepare the instance, then serve its pages
    python tests/upgrade/at.py MOMENT python CODE      run this with Django set up
    python tests/upgrade/at.py MOMENT COMMAND ...      any command of the console

It stands alone, so that it can serve an older checkout than its own. Each page says in the header
``Queries`` how many statements it took.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import time_machine

sys.path[0] = str(Path.cwd())  # not the folder of this file
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "noroshi.config.settings")


def main() -> int:
    moment, command, *rest = sys.argv[1:]
    with time_machine.travel(datetime.fromisoformat(moment), tick=False):
        if command == "serve":
            return serve(int(rest[0]))
        if command == "python":
            import django

            django.setup()
            exec(rest[0], {})
            return 0
        from noroshi.config import cli

        return cli.main([command, *rest])


def serve(port: int) -> int:
    """Bring the instance up to this version as a start does, then answer until the end."""
    import django

    django.setup()
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    from noroshi.config import serving

    class Quiet(WSGIRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

    serving.prepare()
    from noroshi.config.wsgi import application  # WhiteNoise looks for files when it is made

    server = ThreadedWSGIServer(("127.0.0.1", port), Quiet)
    server.set_app(counted(application))
    server.serve_forever()
    return 0


def counted(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """The application with the number of statements of each answer in its head."""
    from django.db import connection

    def counting(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        count = 0

        def note(execute: Any, *arguments: Any) -> Any:
            nonlocal count
            count += 1
            return execute(*arguments)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, ("Queries", str(count))], *rest)

        with connection.execute_wrapper(note):
            return application(environ, start)

    return counting


if __name__ == "__main__":
    sys.exit(main())
