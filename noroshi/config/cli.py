"""The console script: runs an instance, reads and imports files, backs up, restores, checks."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from noroshi.core.errors import Malformed, NoroshiError, Refused, Unavailable

AddCommand = Callable[[str, object, str], argparse.ArgumentParser]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 1 refused or failed, 2 for a wrong call."""
    args = _parser().parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "noroshi.config.settings")
    try:
        result = int(args.run(args))
        sys.stdout.flush()
    except NoroshiError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # head or less has read enough and closed; nothing is left to flush
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="noroshi", description="The workplace of a CSIRT and of a circle of CSIRTs."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: object, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    # In the order of the help.
    _add_serve(add)
    _add_reading(add)
    add("sample", _sample, "Load the sample association into an empty instance.")
    _add_upkeep(add)
    _add_invite(add)
    jobs = add("jobs", _jobs, "Run the job worker alone (serve starts it by itself).")
    jobs.add_argument("--once", action="store_true", help="run what waits, then stop")
    return parser


def _add_serve(add: AddCommand) -> None:
    serve = add("serve", _serve, "Run web and jobs together; Ctrl-C ends both.")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--web-workers", type=int, default=2, help="web processes (default 2)")
    serve.add_argument(
        "--sample", action="store_true", help="with the sample association; loopback only"
    )
    serve.add_argument(
        "--empty", action="store_true", help="with --sample: do not load the sample's content"
    )


def _add_reading(add: AddCommand) -> None:
    read = add("read", _read, "Say what Noroshi would understand of files, and write nothing.")
    read.add_argument("files", nargs="+", type=Path)
    read.add_argument("--json", action="store_true", help="one JSON object per file or line")

    import_ = add("import", _import, "Import advisories and bills of materials.")
    import_.add_argument("files", nargs="+", type=Path)
    import_.add_argument("--team", required=True, help="short name of the team that receives them")
    import_.add_argument(
        "--system", default="", help="for a bill of materials: the name of the system it describes"
    )
    import_.add_argument(
        "--circle", default="", help="circle whose teams may read TLP:AMBER, by name"
    )
    import_.add_argument(
        "--tlp", default="TLP:AMBER+STRICT", help="label of advisories that have none of their own"
    )


def _add_upkeep(add: AddCommand) -> None:
    backup = add("backup", _backup, "Write everything into one file, while people go on working.")
    backup.add_argument("file", type=Path)
    restore = add("restore", _restore, "Bring a backup into an empty instance.")
    restore.add_argument("file", type=Path)

    check = add("check", _check, "Check versions, database, files and history of this instance.")
    check.add_argument("--json", action="store_true")
    add("verify-history", _verify_history, "Find changed or missing rows of the history.")


def _add_invite(add: AddCommand) -> None:
    invite = add("invite", _invite, "Make an invitation; the first administrator comes this way.")
    invite.add_argument("mail")
    invite.add_argument(
        "--team", required=True, help="short name; made with --organisation when it is new"
    )
    invite.add_argument("--role", default="admin")
    invite.add_argument("--name", default="")
    invite.add_argument("--organisation", default="", help="name of the organisation of a new team")
    invite.add_argument("--language", default="ja", choices=("ja", "en"))


def _django() -> None:
    import django  # only the commands that need it pay for it

    from noroshi.config import catalogues

    catalogues.compile_where_possible()
    django.setup()
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise Unavailable("The database does not answer: %(why)s", why=error) from error


def _instance(*, of_this_version: bool = False) -> None:
    """Start Django for a command that needs an existing instance.

    A backup may be of an older version; only commands that use the rows need this version's.
    """
    _django()
    from noroshi.config import checking

    wrong = checking.tables_missing() or (of_this_version and checking.migrations_waiting())
    if wrong:
        raise Refused(wrong)


def _serve(args: argparse.Namespace) -> int:
    from noroshi.config import serving

    return serving.serve(
        host=args.host,
        port=args.port,
        web_workers=args.web_workers,
        sample=args.sample,
        empty=args.empty,
    )


def _read(args: argparse.Namespace) -> int:
    from noroshi.formats.dry_run import read_file

    good = True
    for path in args.files:
        for answer in read_file(path):
            good = good and bool(answer["ok"])
            print(json.dumps(answer, ensure_ascii=False) if args.json else _in_words(answer))
    return 0 if good else 1


def _in_words(answer: dict[str, object]) -> str:
    good = "ok " if answer["ok"] else "no "
    head = f"{good} {answer['file']}  {answer['format']}  {answer.get('title') or ''}".rstrip()
    value = answer.get("problems")
    problems = value if isinstance(value, list) else []
    return "\n".join(
        [head, *(f"     {problem['where']}: {problem['message']}" for problem in problems)]
    )


def _import(args: argparse.Namespace) -> int:
    _instance(of_this_version=True)
    from noroshi.config import importing

    return importing.import_files(
        args.files,
        team_slug=args.team,
        system_name=args.system,
        circle_name=args.circle,
        tlp=args.tlp,
    )


def _sample(args: argparse.Namespace) -> int:
    _django()
    from noroshi.config import serving

    serving.prepare()
    serving.load_sample(once=False)
    return 0


def _backup(args: argparse.Namespace) -> int:
    _instance()
    from noroshi.config import backup

    print(json.dumps(backup.backup(args.file)))
    return 0


def _restore(args: argparse.Namespace) -> int:
    _django()
    from noroshi.config import backup

    print(json.dumps(backup.restore(args.file)))
    return 0


def _check(args: argparse.Namespace) -> int:
    _django()
    from noroshi.config import checking

    report = checking.check()
    if args.json:
        print(json.dumps(report.as_json()))
    else:
        print("\n".join(report.lines()))
    return 0 if report.ok else 1


def _verify_history(args: argparse.Namespace) -> int:
    _instance()
    from noroshi.core import history

    faults = list(history.verify())
    for fault in faults:
        print(f"history row {fault.number}: {fault.what}")
    if not faults:
        print("The history holds.")
    return 1 if faults else 0


def _invite(args: argparse.Namespace) -> int:
    _django()
    from django.conf import settings

    from noroshi.config import serving
    from noroshi.core.history import SYSTEM
    from noroshi.directory import actions
    from noroshi.directory.models import Organisation, Role, Team

    serving.prepare()
    if args.role not in Role.values:
        raise Malformed("--role", f"choose one of {', '.join(Role.values)}")
    team = Team.objects.filter(slug=args.team).first()
    if team is None:
        if not args.organisation:
            raise Malformed(
                "--team", f"there is no team {args.team}; give --organisation to make it"
            )
        organisation = Organisation.objects.filter(
            name=args.organisation
        ).first() or actions.open_organisation(name=args.organisation, by=SYSTEM)
        team = actions.open_team(
            organisation=organisation, name=args.team, slug=args.team, by=SYSTEM
        )
    issued = actions.invite_from_console(
        team=team, mail=args.mail, role=args.role, name=args.name, language=args.language
    )
    print(f"{settings.NOROSHI_URL}/invitation/{issued.secret}")
    return 0


def _jobs(args: argparse.Namespace) -> int:
    _instance(of_this_version=True)
    if args.once:
        from noroshi.core import jobs

        print(jobs.run_waiting())
        return 0
    from django.core.management import call_command

    call_command("qcluster")
    return 0
