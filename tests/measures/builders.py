"""Builders for instructions, and what is done with their mails: plain functions that call our actions."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from django_q.models import OrmQ
from django_q.signing import SignedPackage

from noroshi.core import clock
from noroshi.core.jobs import path_of
from noroshi.exchange.mail.jobs import deliver
from noroshi.measures import actions
from noroshi.measures.models import Instruction
from tests.harness.people import World
from tests.harness.smtp import text_of

SUBJECT = actions.Subject(
    "assessment", "A-7KD3M9Q2", "Tsuzumi VPN Gateway の認証回避の脆弱性", "CVE-2026-20131"
)


@dataclass(frozen=True)
class OsakaVpn:
    """A system as the inventory hands it over."""

    public_id: str = "S-0SAKA001"
    name: str = "大阪工場 拠点VPN"
    exposure: str = "internet"


def instructed(world: World, **otherwise: Any) -> Instruction:
    """An upgrade that alice gives to otto; anything may be otherwise."""
    order = actions.Order(
        kind="upgrade",
        text="設定を書き出す\n修正版を入れる\n再起動して 10 分待つ",
        due_at=clock.now() + timedelta(hours=4),
        why="合言葉なしで入られる欠陥があり、外からの攻撃が続いています。",
        current_version="9.4.5",
        wanted_version="9.4.7",
    )
    in_order = {field.name for field in fields(order)} & otherwise.keys()
    keywords: dict[str, Any] = {
        "team": world.teams["a"],
        "subject": SUBJECT,
        "system": OsakaVpn(),
        "order": replace(order, **{name: otherwise.pop(name) for name in in_order}),
        "operators": [world.otto],
        "by": world.viewer("alice"),
    }
    return actions.instruct(**{**keywords, **otherwise})


def waiting_jobs(path: str) -> list[str]:
    """Ids for which the job at ``path`` waits."""
    tasks = [SignedPackage.loads(row.payload) for row in OrmQ.objects.order_by("id")]
    return [task["args"][0] for task in tasks if task["func"] == path]


def deliver_all() -> None:
    """What the job queue does with the mails, and with nothing else."""
    for entry_id in waiting_jobs(path_of(deliver)):
        deliver(entry_id)


def link_in(mail: EmailMessage) -> str:
    """The secret of the link in a mail."""
    link = re.search(r"/measures/answer/(\S+)", text_of(mail))
    assert link is not None
    return link[1]
