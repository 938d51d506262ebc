"""kill -9 of web, of jobs, and of both, 200 times in all, during imports and decisions (H8).

``script/bench crash [--kills N]``. Passes when every acknowledged action is there, no import is
half in, the jobs finish after the restart, the history holds, and a backup taken under load
restores into an instance with equal counts. The usual way compared with: none kills its own
program; ``baseline`` is therefore how many requests were cut off and what they had promised
(nothing), so that the run is known to have hit work in flight.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from bench.figures import print_line
from bench.serving import web_command

PORT = 8293
API = f"http://127.0.0.1:{PORT}/api/v1"
COMPONENTS = 40  # in each bill of materials: half of them would be a half import


class Load:
    """Clients that import, assess and decide, and remember what was acknowledged."""

    def __init__(self, tokens: dict[str, str], team: str, assessments: list[str]) -> None:
        self.tokens, self.team, self.assessments = tokens, team, assessments
        self.imports: list[str] = []
        self.assessed: dict[str, str] = {}
        self.decided: dict[str, str] = {}
        self.cut_off = self.refused = 0
        self.stopping = threading.Event()
        self._lock = threading.Lock()

    def imports_client(self, seed: int) -> None:
        number = 0
        while not self.stopping.is_set():
            number += 1
            body, boundary = _form(self.team, _bill(seed * 100_000 + number))
            answer = self._call(
                "POST", "/imports", "csirt", body, f"multipart/form-data; boundary={boundary}"
            )
            if answer is not None:
                with self._lock:
                    self.imports += answer["ids"]

    def work_client(self, assessments: list[str]) -> None:
        """Assess and decide each vulnerability over and over, with a text of its own each time."""
        turn = 0
        while not self.stopping.is_set():
            turn += 1
            for assessment in assessments:
                if self.stopping.is_set():
                    return
                self._assess(assessment, f"{assessment} 回目 {turn}")

    def _assess(self, assessment: str, text: str) -> None:
        proposal = self._call("GET", f"/vulnerabilities/{assessment}/proposal", "csirt")
        if proposal is None:
            return
        choice = {
            **proposal["inputs"],
            "priority": proposal["proposals"]["deployer"]["priority"],
            "due_on": proposal["due_on"],
            "text": text,
        }
        if self._put(f"/vulnerabilities/{assessment}/assessment", "csirt", choice):
            self.assessed[assessment] = text
        else:
            self.assessed.pop(assessment, None)  # cut off: either may be there
        decision = {"decision": "not_affected", "text": text}
        if self._put(f"/vulnerabilities/{assessment}/decision", "manager", decision):
            self.decided[assessment] = text
        else:
            self.decided.pop(assessment, None)
        self._call(
            "POST",
            f"/vulnerabilities/{assessment}/reconsider",
            "csirt",
            json.dumps({"reason": text}).encode(),
        )

    def _put(self, path: str, who: str, body: dict[str, Any]) -> bool:
        return self._call("PUT", path, who, json.dumps(body).encode()) is not None

    def _call(
        self,
        method: str,
        path: str,
        who: str,
        body: bytes | None = None,
        kind: str = "application/json",
    ) -> dict[str, Any] | None:
        """The answer when it was acknowledged (2xx), else ``None``."""
        request = urllib.request.Request(  # loopback
            API + path,
            data=body,
            method=method,
            headers={"Authorization": f"Bearer {self.tokens[who]}", "Content-Type": kind},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # loopback
                raw = answer.read()
                return dict(json.loads(raw)) if raw else {}
        except urllib.error.HTTPError as error:
            if error.code >= 500 and error.code != 503:
                sys.exit(f"{method} {path} answered {error.code}: {error.read()[:500]!r}")
            self.refused += 1
            return None
        except OSError:
            self.cut_off += 1
            time.sleep(0.05)
            return None


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="noroshi-bench-") as name:
        folder = Path(name)
        os.environ |= {
            "NOROSHI_VAR": str(folder / "var"),
            "NOROSHI_URL": f"http://127.0.0.1:{PORT}",
            "DJANGO_SETTINGS_MODULE": "noroshi.config.settings",
            "NOROSHI_SMTP_PORT": "9",  # nobody listens: mail waits in the outbox and is tried again
        }
        instance = json.loads(_noroshi_python("bench.crash_filling"))
        load = Load(instance["tokens"], instance["team"], instance["assessments"])
        kills = _kill_under_load(load, arguments.kills)
        figures = {"kills": kills, **_verify(folder, load)}
        figures["acknowledged"] = {
            "imports": len(load.imports),
            "assessments": len(load.assessed),
            "decisions": len(load.decided),
        }
        baseline = {"requests_cut_off": load.cut_off, "requests_refused": load.refused}
        print_line("crash", figures, baseline, None)
        if (
            figures["lost"]
            or figures["half_imports"]
            or figures["faults"]
            or not figures["backup_equal"]
        ):
            sys.exit("A promise is not kept.")


def _kill_under_load(load: Load, kills: int) -> dict[str, int]:
    """Start both programs, kill one or both at random moments, start them again, ``kills`` times."""
    chance = random.Random(kills)
    web, jobs = _start_web(), _start_jobs()
    half = len(load.assessments) // 2
    clients = [
        threading.Thread(target=load.imports_client, args=(1,), daemon=True),
        threading.Thread(target=load.work_client, args=(load.assessments[:half],), daemon=True),
        threading.Thread(target=load.work_client, args=(load.assessments[half:],), daemon=True),
    ]
    _wait_for_web()
    for client in clients:
        client.start()
    done = {"web": 0, "jobs": 0, "both": 0}
    for _ in range(kills):
        time.sleep(chance.uniform(0.2, 1.2))
        which = chance.choice(["web", "jobs", "both"])
        done[which] += 1
        if which != "jobs":
            _kill(web)
        if which != "web":
            _kill(jobs)
        if which != "jobs":
            web = _start_web()
            _wait_for_web()
        if which != "web":
            jobs = _start_jobs()
    load.stopping.set()
    for client in clients:
        client.join(timeout=60)
    _kill(web)
    _kill(jobs)
    return done


def _verify(folder: Path, load: Load) -> dict[str, Any]:
    """Let the jobs finish, then ask the instance itself."""
    web = _start_web()
    _wait_for_web()
    load.stopping.clear()
    writer = threading.Thread(target=load.imports_client, args=(2,), daemon=True)
    writer.start()
    time.sleep(1)
    target = folder / "backup.tar"
    manifest = json.loads(_noroshi("backup", str(target)))
    load.stopping.set()
    writer.join(timeout=60)
    _kill(web)

    acknowledged = {
        "imports": load.imports,
        "assessed": load.assessed,
        "decided": load.decided,
        "components": COMPONENTS,
    }
    (folder / "acknowledged.json").write_text(json.dumps(acknowledged), encoding="utf-8")
    figures: dict[str, Any] = json.loads(
        _noroshi_python("bench.crash_filling", str(folder / "acknowledged.json"))
    )

    other = {**os.environ, "NOROSHI_VAR": str(folder / "other")}
    _noroshi("restore", str(target), env=other)
    report = json.loads(_noroshi("check", "--json", env=other))
    figures["faults"] += [f"restored: {fault}" for fault in report["faults"]]
    figures["backup_equal"] = report["counts"] == manifest["counts"]
    return figures


def _start_web() -> subprocess.Popen[bytes]:
    command = web_command("noroshi.config.wsgi:application", PORT, "--log-level", "error")
    return subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)


def _start_jobs() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "noroshi", "jobs"], start_new_session=True, stderr=subprocess.DEVNULL
    )


def _kill(program: subprocess.Popen[bytes]) -> None:
    """The whole group at once, as a machine that loses its power would."""
    os.killpg(program.pid, signal.SIGKILL)
    program.wait()


def _wait_for_web() -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health", timeout=5):  # loopback
                return
        except OSError:
            time.sleep(0.05)
    sys.exit("The web program did not start again.")


def _noroshi(*arguments: str, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "noroshi", *arguments],
        capture_output=True,
        text=True,
        env=env,
        check=False,
    )
    if done.returncode and arguments[0] != "check":
        sys.exit(done.stderr)
    return done.stdout


def _noroshi_python(module: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout.splitlines()[-1]


def _bill(number: int) -> bytes:
    return json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {
                "component": {"type": "application", "name": f"System {number}", "version": "1"}
            },
            "components": [
                {"type": "library", "name": f"library-{n}", "version": f"1.{number}.{n}"}
                for n in range(COMPONENTS)
            ],
        }
    ).encode()


def _form(team: str, raw: bytes) -> tuple[bytes, str]:
    boundary = "noroshi-boundary"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="team"\r\n\r\n{team}\r\n'.encode(),
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="sbom.json"\r\n'
        "Content-Type: application/json\r\n\r\n".encode()
        + raw
        + b"\r\n",
        f"--{boundary}--\r\n".encode(),
    ]
    return b"".join(parts), boundary


if __name__ == "__main__":
    main()
