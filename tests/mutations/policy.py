"""Who may read what: the policy in its directions, the channel table, the audience, matching."""

from tests.mutations import Mutation

_POLICY, _AUDIENCE = "noroshi/sharing/policy.py", "noroshi/sharing/audience.py"
_CHANNELS, _MATCHING = "noroshi/sharing/channels.py", "noroshi/vulnerabilities/matching.py"
_AGREE = (
    "tests/sharing/test_policy.py::test_the_three_directions_give_one_answer_for_every_label_and_every_reader",
)
_MATCHES_AGREE = (
    "tests/vulnerabilities/test_matching.py::test_the_database_and_the_policy_agree_on_what_a_team_may_read",
)
_BY_MAIL = (
    "tests/exchange/test_delivery.py::test_amber_and_red_leave_as_a_notice_without_title_or_text",
)
_WARN = "tests/warnings/test_warn_the_others.py::test_"

MUTATIONS = (
    Mutation(
        "the owner team reads RED in SQL",
        _POLICY,
        'way(one_of("owner_id", teams), _NOT_RED, given=teams)',
        'way(one_of("owner_id", teams), given=teams)',
        _AGREE,
    ),
    Mutation(
        "a draft crosses to the circle in Python",
        _POLICY,
        "    if label.state == State.DRAFT or sensitivity is Sensitivity.INTERNAL:\n"
        "        return owner_side or named_inside",
        "    if sensitivity is Sensitivity.INTERNAL:\n        return owner_side or named_inside",
        _AGREE,
    ),
    Mutation(
        "a draft crosses to the circle in SQL",
        _POLICY,
        "_RELEASED = \"seen.state = 'released'\"",
        "_RELEASED = \"seen.state <> ''\"",
        _AGREE,
    ),
    Mutation(
        "an embargo opens a moment late",
        _POLICY,
        "label.embargo_until > viewer.now",
        "label.embargo_until >= viewer.now",
        ("tests/sharing/test_policy.py::test_an_embargo_opens_by_itself_when_its_moment_comes",),
    ),
    Mutation(
        "GREEN under embargo is listed to every member",
        _POLICY,
        "way(_RELEASED, \"seen.sensitivity = 'green'\", _FREE, given=[viewer.now])",
        "way(_RELEASED, \"seen.sensitivity = 'green'\")",
        _AGREE,
    ),
    Mutation(
        "a token reads RED",
        _POLICY,
        "        if viewer.scopes is not None:\n            return False\n",
        "",
        (
            "tests/sharing/test_policy.py::test_a_programs_token_reads_no_red_even_when_its_person_is_named",
        ),
    ),
    Mutation(
        "a token lists RED",
        _POLICY,
        'seen = f"{_NOT_RED} AND ({seen})"',
        'seen = f"({seen})"',
        (
            "tests/sharing/test_policy.py::test_a_programs_token_reads_no_red_even_when_its_person_is_named",
        ),
    ),
    Mutation(
        "a suspended team is among the readers",
        _POLICY,
        "good = Membership.objects.filter(team__standing=Standing.ACTIVE)",
        "good = Membership.objects.exclude(team__standing=Standing.LEFT)",
        _AGREE,
    ),
    Mutation(
        "a stopped person is among the readers",
        _POLICY,
        "active = Person.objects.filter(state=PersonState.ACTIVE)",
        "active = Person.objects.all()",
        _AGREE,
    ),
    Mutation(
        "being named opens INTERNAL work of another team",
        _POLICY,
        "named_inside = named and label.owner_id in viewer.team_ids",
        "named_inside = named",
        _AGREE,
    ),
    Mutation(
        "mail carries RED in full",
        _CHANNELS,
        "Channel.MAIL: _N, Channel.PUBLIC_FEED: _X,\n    },\n    Sensitivity.AMBER_STRICT: {",
        "Channel.MAIL: _F, Channel.PUBLIC_FEED: _X,\n    },\n    Sensitivity.AMBER_STRICT: {",
        _BY_MAIL,
    ),
    Mutation(
        "mail carries AMBER in full",
        _CHANNELS,
        "Channel.MAIL: _N, Channel.PUBLIC_FEED: _X,\n    },\n    Sensitivity.GREEN: {",
        "Channel.MAIL: _F, Channel.PUBLIC_FEED: _X,\n    },\n    Sensitivity.GREEN: {",
        _BY_MAIL,
    ),
    Mutation(
        "mail carries AMBER STRICT in full",
        _CHANNELS,
        "Channel.MAIL: _N, Channel.PUBLIC_FEED: _X,\n    },\n    Sensitivity.AMBER: {",
        "Channel.MAIL: _F, Channel.PUBLIC_FEED: _X,\n    },\n    Sensitivity.AMBER: {",
        _BY_MAIL,
    ),
    Mutation(
        "the preview counts whom the embargo keeps out",
        _AUDIENCE,
        "return label.embargo_until is None or label.embargo_until <= clock.now()",
        "return True",
        (
            f"{_WARN}under_embargo_a_green_warning_stays_in_the_circle_and_opens_by_itself",
            f"{_WARN}the_preview_says_who_reads_who_not_and_why",
        ),
    ),
    Mutation(
        "somebody is told for their suspended team",
        _AUDIENCE,
        "elif reads and team.standing == Standing.ACTIVE and crosses:",
        "elif reads and crosses:",
        (f"{_WARN}whoever_serves_a_suspended_team_too_is_told_for_the_other_one_alone",),
    ),
    Mutation(
        "a draft opens work in the circle",
        _MATCHING,
        "OR (r.state = 'released'\n        AND r.sensitivity IN ('amber'",
        "OR (r.state <> ''\n        AND r.sensitivity IN ('amber'",
        _MATCHES_AGREE,
    ),
    Mutation(
        "a suspended seat opens work",
        _MATCHING,
        "s.team_id = c.team_id AND t.standing = 'active'))",
        "s.team_id = c.team_id))",
        _MATCHES_AGREE,
    ),
    Mutation(
        "GREEN under embargo opens work",
        _MATCHING,
        "        AND (r.embargo_until IS NULL OR r.embargo_until <= %(now)s) AND EXISTS (",
        "        AND EXISTS (",
        _MATCHES_AGREE,
    ),
    Mutation(
        "CLEAR under embargo opens work",
        _MATCHING,
        "\n    AND (l.embargo_until IS NULL OR l.embargo_until <= %(now)s)\n",
        "\n",
        _MATCHES_AGREE,
    ),
    Mutation(
        "a RED draft of another team opens work",
        _MATCHING,
        "(r.state = 'released' OR r.owner_id = c.team_id)",
        "(1 = 1)",
        _MATCHES_AGREE,
    ),
    Mutation(
        "a stopped person named in RED opens work",
        _MATCHING,
        "\n            AND q.state = 'active'",
        "",
        _MATCHES_AGREE,
    ),
)
