"""Who may read what: the table of rules, the policy in its directions, the channels, the audience."""

from tests.mutations import Mutation

_RULES, _POLICY = "noroshi/sharing/rules.py", "noroshi/sharing/policy.py"
_TEAMS, _CONDITIONS = "noroshi/sharing/team_policy.py", "noroshi/sharing/conditions.py"
_CHANNELS, _AUDIENCE = "noroshi/sharing/channels.py", "noroshi/sharing/audience.py"
_POLICY_TESTS = "tests/sharing/test_policy.py::test_"
_AGREE = (
    f"{_POLICY_TESTS}every_direction_gives_one_answer_for_every_label_every_reader_and_every_team",
)
_EMBARGO = (f"{_POLICY_TESTS}an_embargo_opens_by_itself_when_its_moment_comes",)
_NOBODY = (f"{_POLICY_TESTS}nobody_reads_only_what_is_clear_and_free",)
_TOKEN = (f"{_POLICY_TESTS}a_programs_token_reads_no_red_even_when_its_person_is_named",)
_BY_MAIL = (
    "tests/exchange/test_delivery.py::test_amber_and_red_leave_as_a_notice_without_title_or_text",
)
_WARN = "tests/warnings/test_warn_the_others.py::test_"
_MAIL_ROW = '_channel(MAIL, "a mail, and the page behind its link", W, N, N, N, W, W)'

MUTATIONS = (
    # The rules themselves: every direction is made from them, so no direction contradicts them.
    Mutation(
        "the owner team reads RED",
        _RULES,
        "Rule(OWNER, Labels(ALL - RED)),",
        "Rule(OWNER, Labels(ALL)),",
        (
            "tests/vulnerabilities/test_red.py::test_an_instruction_on_a_red_vulnerability_is_read_by_the_named_and_the_instructed_alone",
        ),
    ),
    Mutation(
        "a draft crosses to the circle",
        _RULES,
        "Rule(IN_CIRCLE, Labels(SHARED, RELEASED)),",
        "Rule(IN_CIRCLE, Labels(SHARED)),",
        (f"{_WARN}a_draft_is_its_own_teams_alone",),
    ),
    Mutation(
        "GREEN under embargo is read by every member",
        _RULES,
        "Rule(MEMBER, Labels(GREEN, RELEASED, under_embargo=False)),",
        "Rule(MEMBER, Labels(GREEN, RELEASED)),",
        _EMBARGO,
    ),
    Mutation(
        "CLEAR under embargo is read by anybody",
        _RULES,
        "Rule(ANYBODY, Labels(CLEAR, RELEASED, under_embargo=False)),",
        "Rule(ANYBODY, Labels(CLEAR, RELEASED)),",
        _NOBODY,
    ),
    # One direction at a time, which the others contradict.
    Mutation(
        "an embargo opens a moment late in Python",
        _POLICY,
        "label.embargo_until is not None and label.embargo_until > now",
        "label.embargo_until is not None and label.embargo_until >= now",
        _EMBARGO,
    ),
    Mutation(
        "an embargo opens a moment late in SQL",
        _CONDITIONS,
        "({until} IS NULL OR {until} <= %s)",
        "({until} IS NULL OR {until} < %s)",
        _EMBARGO,
    ),
    Mutation(
        "an embargo keeps nobody out in SQL",
        _CONDITIONS,
        'parts.append((f"({until} IS NULL OR {until} <= %s)", (NOW,)))',
        "pass",
        _AGREE,
    ),
    Mutation(
        "what is of one owner is of every owner",
        _POLICY,
        "        return label.owner_id in ids\n",
        "        return bool(ids)\n",
        _AGREE,
    ),
    Mutation(
        "a suspended team is among the readers",
        _POLICY,
        "seats = Membership.objects.filter(team__standing=Standing.ACTIVE)",
        "seats = Membership.objects.exclude(team__standing=Standing.LEFT)",
        _AGREE,
    ),
    Mutation(
        "a stopped person is among the readers",
        _POLICY,
        "_in_one(_opening(label, now, aspect), label), state=PersonState.ACTIVE",
        "_in_one(_opening(label, now, aspect), label)",
        _AGREE,
    ),
    # Whole teams, which matching joins.
    Mutation(
        "a suspended team gets new work",
        _TEAMS,
        "            standings &= term.standings\n",
        "            pass\n",
        _AGREE,
    ),
    Mutation(
        "a stopped person named in RED opens work",
        _TEAMS,
        "f\" AND p.state = '{PersonState.ACTIVE.value}' AND t.standing",
        'f" AND t.standing',
        (f"{_POLICY_TESTS}a_stopped_or_departed_person_named_in_red_opens_no_work_to_their_team",),
    ),
    Mutation(
        "being named in AMBER opens the work of the whole team",
        _TEAMS,
        "and (rule.opens_work or not rule.relation.is_by_name)",
        "and (rule.opens_work or True)",
        _AGREE,
    ),
    # Channels.
    Mutation(
        "a token reads RED by its number",
        _POLICY,
        "    if channels.least(label.sensitivity, viewer.channels) is not Passage.WHOLE:\n"
        "        return False\n",
        "",
        _TOKEN,
    ),
    Mutation(
        "a token lists RED",
        _POLICY,
        "    shut = channels.shut_to(viewer.channels, least)\n",
        "    shut = channels.shut_to((), least)\n",
        _TOKEN,
    ),
    Mutation(
        "programs read RED",
        _CHANNELS,
        '_channel(API, "an answer to a program with a token", W, X,',
        '_channel(API, "an answer to a program with a token", W, W,',
        _TOKEN,
    ),
    Mutation(
        "mail carries RED in full",
        _CHANNELS,
        _MAIL_ROW,
        _MAIL_ROW.replace("W, N, N, N", "W, W, N, N"),
        _BY_MAIL,
    ),
    Mutation(
        "mail carries AMBER STRICT in full",
        _CHANNELS,
        _MAIL_ROW,
        _MAIL_ROW.replace("W, N, N, N", "W, N, W, N"),
        _BY_MAIL,
    ),
    Mutation(
        "mail carries AMBER in full",
        _CHANNELS,
        _MAIL_ROW,
        _MAIL_ROW.replace("W, N, N, N", "W, N, N, W"),
        _BY_MAIL,
    ),
    # The audience of a release.
    Mutation(
        "the preview counts whom the embargo keeps out",
        _AUDIENCE,
        "    copy.state = State.RELEASED\n",
        "    copy.state, copy.embargo_until = State.RELEASED, None\n",
        (
            f"{_WARN}under_embargo_a_green_warning_stays_in_the_circle_and_opens_by_itself",
            f"{_WARN}the_preview_says_who_reads_who_not_and_why",
        ),
    ),
    Mutation(
        "somebody receives a release for their suspended team",
        _POLICY,
        "            row.team.standing in term.standings\n            and (term.roles",
        "            (term.roles",
        (f"{_WARN}whoever_serves_a_suspended_team_too_is_told_for_the_other_one_alone",),
    ),
)
