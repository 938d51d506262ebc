"""Warnings as people would write them; built by our own actions only."""

from __future__ import annotations

from typing import Any

from noroshi.core.history import SYSTEM
from noroshi.directory import actions as directory
from noroshi.directory.models import Person, Role, Standing, Team
from noroshi.directory.viewer import Viewer, viewer_for
from noroshi.sharing.labels import Sensitivity
from noroshi.warnings import actions
from noroshi.warnings.actions import Content
from noroshi.warnings.models import Warning
from tests.harness.people import World

TEXT = "11月20日から、認証を避ける攻撃を国内の複数の拠点で観測しています。"


def content(world: World, **changes: Any) -> Content:
    """A complete TLP:AMBER warning to circle X."""
    fields: dict[str, Any] = {
        "sensitivity": Sensitivity.AMBER,
        "circle": world.circles["x"],
        "title": "Tsuzumi VPN Gateway の悪用",
        "title_en": "Tsuzumi VPN Gateway is being exploited",
        "text": TEXT,
        "todo": "9.4.7 へ版を上げる\n管理画面を社内の網に限る",
        "cve": "CVE-2099-10023",
    }
    return Content(**{**fields, **changes})


def drafted(world: World, by: Viewer, **changes: Any) -> Warning:
    return actions.draft(team=world.teams["a"], content=content(world, **changes), by=by)


def released(world: World, by: Viewer, **changes: Any) -> Warning:
    return actions.release(warning=drafted(world, by, **changes), by=by)


def join(world: World, *slugs: str) -> dict[str, Viewer]:
    """More teams in circle X, each with one incident handler; the handlers by their team's slug."""
    circle = world.circles["x"]
    teams = [seat.team for seat in circle.seats.select_related("team")]
    handlers = {}
    for slug in slugs:
        organisation = directory.open_organisation(name=f"{slug} 社", by=SYSTEM)
        team = directory.open_team(
            organisation=organisation, name=f"{slug} CSIRT", slug=slug, by=SYSTEM
        )
        person = directory.add_person(
            mail=f"csirt@{slug}.example",
            name=f"{slug} の担当",
            team=team,
            roles=[Role.CSIRT],
            by=SYSTEM,
        )
        teams.append(team)
        handlers[slug] = viewer_for(person)
    directory.set_circle_teams(circle=circle, teams=teams, by=world.viewer("adam"))
    return handlers


def suspend(world: World, slug: str) -> Team:
    team = Team.objects.get(slug=slug)
    directory.set_standing(team=team, standing=Standing.SUSPENDED, by=world.viewer("adam"))
    return team


def person(world: World, name: str) -> Person:
    return Person.objects.get(pk=world.people[name].pk)
