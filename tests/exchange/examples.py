"""How the jobs of this area are tried: mail."""

from __future__ import annotations

from tests.harness.doors import Job

JOBS: dict[str, Job] = {
    "noroshi.exchange.mail.jobs.deliver": Job(
        "the outbox's reader, asked of the policy again", lambda made: "E-00000000"
    ),
    "noroshi.exchange.mail.jobs.deliver_letter": Job(
        "the letter's own address", lambda made: "E-00000000"
    ),
    "noroshi.exchange.mail.jobs.deliver_waiting": Job("as deliver"),
}
