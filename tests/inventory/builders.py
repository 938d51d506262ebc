"""Builders for the inventory: plain functions that call our actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from noroshi.core import files
from noroshi.directory.models import Person, Team
from noroshi.directory.viewer import Viewer
from noroshi.formats.drafts import ComponentDraft
from noroshi.inventory import actions, jobs, queries, readers
from noroshi.inventory.models import Component, Import, System

LIST = "システム名,製品名,バージョン\n受注,nginx,1.24.0\n受注,=HYPERLINK(1),2\n倉庫,<b>pump</b>,3\n".encode()


def a_system(
    team: Team, by: Viewer, name: str = "受注システム", owners: Iterable[Person] = ()
) -> System:
    facts = actions.SystemFacts(name, exposure="internet")
    return actions.add_system(team=team, facts=facts, owners=owners, by=by)


def a_component(
    system: System, by: Viewer, name: str = "nginx", version: str = "1.24.0"
) -> Component:
    return actions.add_component(
        system=system, draft=ComponentDraft(name=name, version=version), by=by
    )


def sbom(*components: tuple[str, str], title: str = "order-app") -> bytes:
    """A CycloneDX bill of npm packages, each a name and a version."""
    listed = []
    for name, version in components:
        component = {"type": "library", "name": name, "purl": f"pkg:npm/{name}@{version}"}
        listed.append(
            {**component, "version": version}
            if version
            else {**component, "purl": f"pkg:npm/{name}"}
        )
    return orjson.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "version": 1,
            "metadata": {"component": {"type": "application", "name": title, "version": "1.0"}},
            "components": listed,
        }
    )


def uploaded(
    raw: bytes,
    name: str,
    team: Team,
    by: Viewer,
    *,
    target: System | None = None,
    is_complete: bool = True,
) -> Import:
    return actions.start_import(
        team=team,
        file_name=name,
        file_sha256=files.store(raw).sha256,
        look=readers.look(raw, name),
        target=target,
        is_complete=is_complete,
        by=by,
    )


def taken_in(
    raw: bytes,
    name: str,
    team: Team,
    by: Viewer,
    *,
    mapping: Mapping[str, int] | None = None,
    target: System | None = None,
    is_complete: bool = True,
) -> Import:
    """The file after its job has run."""
    entry = uploaded(raw, name, team, by, target=target, is_complete=is_complete)
    if entry.header:
        chosen = mapping or queries.mapping_for(by, entry)
        actions.map_columns(entry=entry, mapping=chosen, by=by)
    jobs.run_import(entry.public_id)
    return queries.import_for(by, entry.public_id)


def present(by: Viewer, system: System) -> dict[str, str]:
    """Name → version of what is in a system."""
    return {row.name: row.version for row in queries.components_of(by, system)}


def named(by: Viewer, name: str) -> System:
    return queries.systems_for(by).get(name=name)


def waiting_jobs() -> list[tuple[str, object]]:
    """The jobs that are enqueued now, as path and id."""
    packages = [SignedPackage.loads(row.payload) for row in OrmQ.objects.order_by("id")]
    return [(package["func"], package["args"][0]) for package in packages]


def page_text(page: Any) -> str:
    """The HTML of a response."""
    return str(page.content.decode())
