"""Who may do what with a vulnerability in a team."""

from __future__ import annotations

from noroshi.core.errors import Forbidden, Refused, gettext_noop
from noroshi.core.rules import Rule, rule
from noroshi.directory.models import Role, Scope, Team
from noroshi.directory.viewer import Viewer
from noroshi.vulnerabilities.models import Assessment
from noroshi.vulnerabilities.states import State, check_step


@rule(gettext_noop("Only the team's CSIRT or security manager imports advisories."))
def may_import(viewer: Viewer, team: Team) -> bool:
    """Bring advisories in for a team."""
    return viewer.may(Scope.WRITE) and viewer.has_role(team.pk, Role.CSIRT, Role.MANAGER)


@rule(gettext_noop("Only the team's CSIRT or security manager may do this."))
def may_work(viewer: Viewer, assessment: Assessment) -> bool:
    """Answer matches, assess, instruct, report: the CSIRT's work, and the manager may help."""
    return viewer.may(Scope.WRITE) and viewer.has_role(assessment.team_id, Role.CSIRT, Role.MANAGER)


@Rule
def may_decide(viewer: Viewer, assessment: Assessment) -> None:
    """The security manager decides, and never the person who assessed."""
    if not viewer.may(Scope.WRITE) or not viewer.has_role(assessment.team_id, Role.MANAGER):
        raise Forbidden(gettext_noop("Only the security manager decides."))
    if viewer.person_id is None:
        raise Forbidden(gettext_noop("A person decides, not a team's token."))
    if viewer.person_id == assessment.assessed_by_id:
        raise Refused(
            gettext_noop(
                "You assessed this vulnerability yourself. Another security manager decides, so that two people have looked at it."
            )
        )


@Rule
def may_assess(viewer: Viewer, assessment: Assessment) -> None:
    """The right to work on it, while it is to be assessed or to be decided."""
    may_work.check(viewer, assessment)
    if assessment.state != State.TO_DECIDE:
        check_step(assessment.state, State.TO_DECIDE)


@Rule
def may_decide_now(viewer: Viewer, assessment: Assessment) -> None:
    """The right to decide, while it waits for a decision."""
    may_decide.check(viewer, assessment)
    check_step(assessment.state, State.ACCEPTED)  # no other state leads there


@Rule
def may_instruct(viewer: Viewer, assessment: Assessment) -> None:
    """The right to work on it, after the decision to apply measures."""
    may_work.check(viewer, assessment)
    if assessment.state not in (State.INSTRUCTED, State.VERIFYING):
        raise Refused(
            gettext_noop("Instructions follow the security manager's decision to apply measures.")
        )


def may_list(viewer: Viewer) -> bool:
    """The list is offered to the readers of a team's work."""
    return bool(viewer.reading_team_ids)
