"""People, teams and roles; coming in and going out."""

from tests.mutations import Mutation

_TEAMS, _PEOPLE = "noroshi/directory/queries/teams.py", "noroshi/directory/queries/people.py"
_INVITATIONS = "noroshi/directory/queries/invitations.py"
_OPEN_TOKENS = "noroshi/directory/queries/tokens.py"
_RUNNING = "noroshi/directory/actions/running.py"
_ENDING, _MAY = "noroshi/directory/actions/ending.py", "noroshi/directory/permissions.py"
_VIEWER, _GATE = "noroshi/directory/viewer.py", "noroshi/directory/request.py"
_INVITED = "tests/directory/test_invitations.py::test_"
_REVOKED = "tests/directory/test_revocation.py::test_"
_RANKS = "tests/directory/test_ranks.py::test_"
_TOKENS = "tests/directory/test_tokens.py::test_"
_PAGES = "tests/directory/test_pages.py::test_"

MUTATIONS = (
    Mutation(
        "an invitation is used twice",
        _INVITATIONS,
        "        invitation.used_at\n        or invitation.revoked_at",
        "        invitation.revoked_at",
        (f"{_INVITED}an_invitation_works_once",),
    ),
    Mutation(
        "an invitation that was taken back lets in",
        _INVITATIONS,
        "        or invitation.revoked_at\n",
        "",
        (f"{_INVITED}an_invitation_that_was_taken_back_opens_nothing_and_is_not_mailed",),
    ),
    Mutation(
        "an invitation has no end",
        _INVITATIONS,
        "        or invitation.expires_at <= clock.now()\n",
        "",
        (f"{_INVITED}an_invitation_ends_after_fourteen_days",),
    ),
    Mutation(
        "an invitation to a team that left lets in",
        _INVITATIONS,
        "        or invitation.team.standing == Standing.LEFT\n",
        "",
        (f"{_INVITED}an_invitation_ends_with_its_sender_and_with_its_team",),
    ),
    Mutation(
        "a suspended person comes back by an invitation",
        "noroshi/directory/actions/entrance.py",
        "elif person.state == PersonState.SUSPENDED:",
        "elif person.state == 'nothing':",
        (f"{_INVITED}who_is_suspended_is_not_let_in_by_an_invitation",),
    ),
    Mutation(
        "who accepts an invitation to an account sets its password",
        "noroshi/directory/actions/entrance.py",
        "if not person.has_usable_password():",
        "if password:",
        (f"{_INVITED}a_mailed_link_changes_nobodys_name_and_password_whatever_is_sent_with_it",),
    ),
    Mutation(
        "sessions go on after a suspension",
        _ENDING,
        'Person.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)',
        "pass",
        (f"{_REVOKED}after_reinstating_the_old_session_stays_ended",),
    ),
    Mutation(
        "tokens go on after leaving",
        _ENDING,
        "    end_tokens(Q(made_by=person) | Q(person=person))\n",
        "",
        (f"{_REVOKED}tokens_end_with_suspension_leaving_and_the_managers_office",),
    ),
    Mutation(
        "invitations outlive whoever sent them",
        _ENDING,
        "    end_invitations(Q(invited_by=person))\n",
        "",
        (f"{_INVITED}an_invitation_ends_with_its_sender_and_with_its_team",),
    ),
    Mutation(
        "a manager keeps the team's tokens after the office",
        _RUNNING,
        "        end_tokens(Q(made_by=person, team=team))\n",
        "        pass\n",
        (f"{_REVOKED}tokens_end_with_suspension_leaving_and_the_managers_office",),
    ),
    Mutation(
        "who leaves one of two teams keeps the session",
        _RUNNING,
        "    if person.memberships.exists():\n        end_access(person)\n",
        "    if person.memberships.exists():\n",
        (f"{_REVOKED}who_leaves_their_last_team_is_out_and_who_leaves_one_of_two_signs_in_anew",),
    ),
    Mutation(
        "a team that left keeps its tokens",
        _RUNNING,
        "        end_tokens(Q(team=team))\n",
        "        pass\n",
        (f"{_REVOKED}the_tokens_of_a_team_end_when_the_team_leaves",),
    ),
    Mutation(
        "roles that were taken away stay",
        _RUNNING,
        "    Membership.objects.filter(person=person, team=team, role__in=old_roles - new_roles).delete()\n",
        "",
        (f"{_REVOKED}a_role_change_counts_from_the_next_request",),
    ),
    Mutation(
        "a suspended person is a viewer",
        _VIEWER,
        "if not isinstance(person, Person) or person.state != PersonState.ACTIVE:",
        "if not isinstance(person, Person):",
        (
            "tests/sharing/test_policy.py::test_every_direction_gives_one_answer_for_every_label_every_reader_and_every_team",
        ),
    ),
    Mutation(
        "a suspended team is in good standing",
        _VIEWER,
        "if standing == Standing.ACTIVE:",
        "if standing:",
        (
            "tests/sharing/test_policy.py::test_every_direction_gives_one_answer_for_every_label_every_reader_and_every_team",
        ),
    ),
    Mutation(
        "a team that left still opens its things",
        _VIEWER,
        "        .exclude(team__standing=Standing.LEFT)\n",
        "",
        (f"{_REVOKED}the_people_of_a_team_that_left_have_no_part_in_its_work_any_more",),
    ),
    Mutation(
        "executives read the team's work",
        "noroshi/directory/models.py",
        "READING_ROLES = frozenset({Role.CSIRT, Role.MANAGER})",
        "READING_ROLES = frozenset({Role.CSIRT, Role.MANAGER, Role.EXECUTIVE})",
        (
            "tests/measures/test_instructing.py::test_another_team_an_executive_and_an_administrator_see_nothing_of_it",
        ),
    ),
    Mutation(
        "an expired token opens",
        _OPEN_TOKENS,
        "token_hash=tokens.hash_of(secret), revoked_at=None, expires_at__gt=clock.now()",
        "token_hash=tokens.hash_of(secret), revoked_at=None",
        (f"{_TOKENS}an_expired_token_opens_nothing",),
    ),
    Mutation(
        "a revoked token opens",
        _OPEN_TOKENS,
        "token_hash=tokens.hash_of(secret), revoked_at=None, expires_at__gt=clock.now()",
        "token_hash=tokens.hash_of(secret), expires_at__gt=clock.now()",
        ("tests/api/test_tokens.py::test_a_token_that_has_expired_or_was_ended_opens_nothing",),
    ),
    Mutation(
        "somebody sees the tokens of others",
        _OPEN_TOKENS,
        '        .filter(own | Q(team_id__in=managed_teams(viewer).values("pk")))\n',
        "",
        (f"{_TOKENS}nobody_sees_or_ends_the_token_of_somebody_else",),
    ),
    Mutation(
        "a token makes another token",
        "noroshi/directory/actions/own.py",
        "if by.scopes is not None or by.person_id is None:",
        "if by.person_id is None:",
        (f"{_TOKENS}a_token_makes_no_other_token_and_runs_no_team",),
    ),
    Mutation(
        "a manager makes administrators",
        _MAY,
        "if role in SITE_ROLES and not may_run_site(viewer):",
        "if role is None:",
        (f"{_RANKS}a_manager_gives_no_rank_above_their_own",),
    ),
    Mutation(
        "a manager touches an administrator",
        _MAY,
        "if not may_run_site(viewer) and _roles_of(person) & SITE_ROLES:",
        "if not may_run_site(viewer) and not _roles_of(person):",
        (f"{_RANKS}a_manager_does_not_touch_somebody_who_works_for_the_whole_site",),
    ),
    Mutation(
        "somebody changes their own roles",
        _MAY,
        "if person.pk == viewer.person_id:",
        "if person.pk is None:",
        (f"{_RANKS}nobody_changes_their_own_roles_not_even_an_administrator",),
    ),
    Mutation(
        "a manager stops people of other teams",
        _MAY,
        "if not may_run_site(viewer) and person.memberships.exclude(team_id__in=managed).exists():",
        "if not managed:",
        (f"{_RANKS}a_manager_stops_nobody_who_works_in_a_team_that_is_not_theirs",),
    ),
    Mutation(
        "operators of other teams are listed",
        _PEOPLE,
        "                memberships__role__in=(Role.CSIRT, Role.MANAGER),\n",
        "",
        (f"{_PAGES}of_other_teams_a_member_knows_the_contact_people_and_no_operators",),
    ),
    Mutation(
        "somebody outside the association sees every team",
        _TEAMS,
        "return teams.filter(pk__in=viewer.team_ids)",
        "return teams",
        (f"{_PAGES}an_operator_of_no_member_team_knows_their_own_team_only",),
    ),
    Mutation(
        "everybody sees every circle",
        _TEAMS,
        "return Circle.objects.filter(pk__in=viewer.circle_ids)",
        "return Circle.objects.all()",
        (f"{_PAGES}a_member_finds_every_team_and_reaches_those_who_share_a_circle",),
    ),
    Mutation(
        "an address that the provider did not verify signs in",
        "noroshi/directory/signin.py",
        "if a.verified is True]",
        "]",
        (
            "tests/directory/test_openid_connect.py::test_anything_less_than_a_verified_address_of_somebody_here_is_refused",
        ),
    ),
    Mutation(
        "a password link outlives a suspension",
        "noroshi/directory/tokens.py",
        "{user.session_epoch}{user.state}",
        "",
        (
            "tests/directory/test_passwords.py::test_a_link_mailed_before_somebody_was_stopped_opens_nothing_even_after_they_are_let_in_again",
        ),
    ),
    Mutation(
        "a page opens for nobody",
        _GATE,
        "        if not our_request.viewer.is_signed_in:\n"
        "            return redirect_to_login(request.get_full_path())\n",
        "",
        (f"{_PAGES}nobody_is_led_to_the_sign_in_page_from_every_page",),
    ),
    Mutation(
        "a button takes fields that it does not have",
        _GATE,
        "            refuse_unlisted(request.POST, fields)\n",
        "",
        (
            "tests/warnings/test_pages.py::test_a_button_takes_no_field_that_it_does_not_list_and_is_not_pressed_by_looking",
        ),
    ),
    Mutation(
        "a button is pressed by looking",
        _GATE,
        "return require_POST(page(pressed))",
        "return page(pressed)",
        (
            "tests/warnings/test_pages.py::test_a_button_takes_no_field_that_it_does_not_list_and_is_not_pressed_by_looking",
        ),
    ),
)
