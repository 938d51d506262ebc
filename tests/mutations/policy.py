"""Who may read what: the rules, whoever makes each direction out of them, the channel table.

A rule is one row, and every direction follows it: a broken row is noticed by a test that says in
words who reads, and not by the one that holds the directions against each other. That one notices
whoever reads the rows wrongly.
"""

from tests.mutations import Mutation

_RULES, _POLICY = "noroshi/sharing/rules.py", "noroshi/sharing/policy.py"
_SQL, _TEAMS = "noroshi/sharing/conditions.py", "noroshi/sharing/team_policy.py"
_CHANNELS, _MATCHING = "noroshi/sharing/channels.py", "noroshi/vulnerabilities/matching.py"
_AUDIENCE = "noroshi/sharing/audience.py"
_IN_WORDS = "tests/sharing/test_policy.py::test_"
_WALLS = "tests/sharing/test_rules.py::test_"
_WARN = "tests/warnings/test_warn_the_others.py::test_"
_AGREE = (
    f"{_IN_WORDS}every_direction_gives_one_answer_for_every_label_every_reader_and_every_team",
)
_MATCHES_AGREE = (
    "tests/vulnerabilities/test_matching.py::test_the_database_and_the_policy_agree_on_what_a_team_may_read",
)
_BY_MAIL = (
    "tests/exchange/test_delivery.py::test_amber_and_red_leave_as_a_notice_without_title_or_text",
)
_BY_TOKEN = (f"{_IN_WORDS}a_programs_token_reads_no_red_even_when_its_person_is_named",)
_DRAFT = (f"{_IN_WORDS}a_draft_is_open_to_nobody_outside_the_owner_team_not_even_by_name",)
_EMBARGO_ENDS = (f"{_IN_WORDS}an_embargo_opens_by_itself_when_its_moment_comes",)
_CEILING = (f"{_WALLS}a_ceiling_of_a_circle_is_one_row",)
_CONFIDENTIAL = (f"{_WALLS}a_confidential_thing_is_one_row",)
_NARROWED = (f"{_WALLS}what_anybody_may_read_can_be_narrowed_too",)
_WORKING_GROUP = (f"{_WALLS}whoever_a_circle_has_in_its_working_group_reads_for_their_team",)
_BY_ROLE = (f"{_WALLS}a_relation_by_role_needs_no_help_from_the_viewer",)

MUTATIONS = (
    # ---- the rules, row by row
    Mutation(
        "the owner team reads RED",
        _RULES,
        "Rule(OWNER, Labels(ALL - RED)),",
        "Rule(OWNER, Labels(ALL)),",
        (f"{_WARN}a_red_warning_is_seen_only_by_the_people_it_names",),
    ),
    Mutation(
        "operators read the team's work",
        _RULES,
        "(InTeam(OwnerTeam(), READING_ROLES, PRESENT),)",
        "(InTeam(OwnerTeam(), None, PRESENT),)",
        ("tests/inventory/test_people.py::test_an_operator_sees_only_the_systems_that_he_owns",),
    ),
    Mutation(
        "being named opens a draft of another team",
        _RULES,
        "Rule(NAMED_INSIDE, Labels(ALL - RED, DRAFT)),",
        "Rule(NAMED, Labels(ALL - RED, DRAFT)),",
        _DRAFT,
    ),
    Mutation(
        "being named opens a RED draft of another team",
        _RULES,
        "Rule(NAMED_INSIDE, Labels(RED, DRAFT), opens_work=True),",
        "Rule(NAMED, Labels(RED, DRAFT), opens_work=True),",
        _DRAFT,
    ),
    Mutation(
        "being named opens INTERNAL work of another team",
        _RULES,
        "Rule(NAMED_INSIDE, Labels(INTERNAL, RELEASED)),",
        "Rule(NAMED, Labels(INTERNAL, RELEASED)),",
        (f"{_IN_WORDS}what_is_internal_opens_by_name_inside_the_team_alone",),
    ),
    Mutation(
        "being named opens things in a suspended team",
        _RULES,
        '("named", (TakesPart(), Listed(NAMES)))',
        '("named", (Listed(NAMES),))',
        (f"{_IN_WORDS}being_named_opens_nothing_to_somebody_whose_only_team_is_suspended",),
    ),
    Mutation(
        "a draft crosses to the circle",
        _RULES,
        "Rule(IN_CIRCLE, Labels(SHARED, RELEASED)),",
        "Rule(IN_CIRCLE, Labels(SHARED)),",
        _DRAFT,
    ),
    Mutation(
        "RED crosses to the circle",
        _RULES,
        "Rule(IN_CIRCLE, Labels(SHARED, RELEASED)),",
        "Rule(IN_CIRCLE, Labels(SHARED | RED, RELEASED)),",
        (f"{_WARN}a_red_warning_is_seen_only_by_the_people_it_names",),
    ),
    Mutation(
        "INTERNAL work crosses to the circle",
        _RULES,
        "Rule(IN_CIRCLE, Labels(SHARED, RELEASED)),",
        "Rule(IN_CIRCLE, Labels(SHARED | INTERNAL, RELEASED)),",
        (f"{_IN_WORDS}what_is_internal_opens_by_name_inside_the_team_alone",),
    ),
    Mutation(
        "GREEN under embargo is open to every member",
        _RULES,
        "Rule(MEMBER, Labels(GREEN, RELEASED, under_embargo=False)),",
        "Rule(MEMBER, Labels(GREEN, RELEASED)),",
        (f"{_WARN}under_embargo_a_green_warning_stays_in_the_circle_and_opens_by_itself",),
    ),
    Mutation(
        "a GREEN draft is open to every member",
        _RULES,
        "Rule(MEMBER, Labels(GREEN, RELEASED, under_embargo=False)),",
        "Rule(MEMBER, Labels(GREEN, under_embargo=False)),",
        _DRAFT,
    ),
    Mutation(
        "CLEAR under embargo is open to anybody",
        _RULES,
        "Rule(ANYBODY, Labels(CLEAR, RELEASED, under_embargo=False)),",
        "Rule(ANYBODY, Labels(CLEAR, RELEASED)),",
        (f"{_IN_WORDS}nobody_reads_only_what_is_clear_and_free",),
    ),
    Mutation(
        "being named in AMBER opens the work of the whole team",
        _RULES,
        "Rule(NAMED, Labels(SHARED, RELEASED)),",
        "Rule(NAMED, Labels(SHARED, RELEASED), opens_work=True),",
        _AGREE,
    ),
    Mutation(
        "a rule may speak of teams that have left",
        _RULES,
        "if self.standings not in (GOOD, PRESENT):",
        "if not self.standings:",
        (f"{_WALLS}a_rule_speaks_of_teams_in_good_standing_or_present_and_of_no_others",),
    ),
    Mutation(
        "a value in a rule may be any SQL until somebody reads",
        _RULES,
        "        plain(value)\n",
        "        pass\n",
        (f"{_WALLS}a_rule_with_a_value_that_is_no_plain_word_cannot_be_written",),
    ),
    # ---- one reader, one label
    Mutation(
        "a draft crosses to the circle in Python",
        _POLICY,
        "        and label.state in labels.states\n",
        "",
        _AGREE,
    ),
    Mutation(
        "GREEN under embargo opens to every member in Python",
        _POLICY,
        "        and labels.under_embargo in (None, is_under_embargo)\n",
        "",
        _AGREE,
    ),
    Mutation(
        "an embargo opens a moment late",
        _POLICY,
        "label.embargo_until > now",
        "label.embargo_until >= now",
        _EMBARGO_ENDS,
    ),
    Mutation(
        "everybody counts as named",
        _POLICY,
        "return viewer.person_id is not None and viewer.person_id in _in_rows(term.people, label)",
        "return viewer.person_id is not None",
        _AGREE,
    ),
    Mutation(
        "a name counts in a suspended team",
        _POLICY,
        "return bool(viewer.good_team_ids)",
        "return True",
        _AGREE,
    ),
    Mutation(
        "any role in the owner team counts",
        _POLICY,
        "if (term.roles is None or roles & term.roles)",
        "if (term.roles is None or roles)",
        _AGREE,
    ),
    Mutation(
        "what one team owns every team owns",
        _POLICY,
        "return label.owner_id in ids",
        "return bool(ids)",
        _AGREE,
    ),
    Mutation(
        "a role in a suspended team counts where it may not",
        _POLICY,
        "        and (Standing.SUSPENDED in term.standings or team in viewer.good_team_ids)\n",
        "",
        _BY_ROLE,
    ),
    Mutation(
        "a wall that closes a relation is not asked",
        _POLICY,
        "return [relation for relation in opening if relation not in closed]",
        "return list(opening)",
        _CEILING,
    ),
    Mutation(
        "a wall that stands on a circle stands on none",
        _POLICY,
        "        and all(getattr(label, column) == value for column, value in labels.where)\n",
        "",
        _CEILING,
    ),
    Mutation(
        "a wall that leaves some alone is not asked",
        _POLICY,
        "return stands_in_any(_opening(label, viewer.now, aspect)) and all(",
        "return stands_in_any(_opening(label, viewer.now, aspect)) or all(",
        _CONFIDENTIAL,
    ),
    Mutation(
        "the rules of an aspect are those of the thing",
        _POLICY,
        "return tuple(rule for rule in table if rule.aspect == aspect)",
        "return tuple(rule for rule in table if rule.aspect == THING)",
        (f"{_WALLS}an_aspect_has_rules_of_its_own_and_every_limit_holds_for_it",),
    ),
    # ---- one reader, every label
    Mutation(
        "the owner team reads RED in SQL",
        _SQL,
        'conditions.append(words(label.column("sensitivity"), labels.sensitivities))',
        "pass",
        _AGREE,
    ),
    Mutation(
        "a draft crosses to the circle in SQL",
        _SQL,
        'conditions.append(words(label.column("state"), labels.states))',
        "pass",
        _AGREE,
    ),
    Mutation(
        "GREEN under embargo is listed to every member",
        _SQL,
        'conditions.append((f"({until} IS NULL OR {until} <= %s)", (NOW,)))',
        "pass",
        _AGREE,
    ),
    Mutation(
        "an embargo opens a moment late in SQL",
        _SQL,
        "{until} <= %s",
        "{until} < %s",
        _EMBARGO_ENDS,
    ),
    Mutation(
        "a wall that closes a relation is not in the SQL",
        _SQL,
        ", *not_closed",
        "",
        _CEILING,
    ),
    Mutation(
        "everybody counts as named in SQL",
        _POLICY,
        "return sql.in_rows(term.people, _SEEN, person)",
        "return sql.in_rows(term.people, _SEEN, sql.TRUE)",
        _AGREE,
    ),
    Mutation(
        "a name counts in a suspended team in SQL",
        _POLICY,
        "return sql.TRUE if viewer.good_team_ids else sql.FALSE",
        "return sql.TRUE",
        _AGREE,
    ),
    Mutation(
        "every circle is everybody's in SQL",
        _POLICY,
        "return sql.one_of(_SEEN.column(teams.label_column), known)",
        "return sql.TRUE",
        _AGREE,
    ),
    Mutation(
        "whoever is no member is one in SQL",
        _POLICY,
        "return sql.TRUE if known else sql.FALSE",
        "return sql.TRUE",
        _AGREE,
    ),
    Mutation(
        "every team owns everything in SQL",
        _POLICY,
        'return sql.one_of("seen.owner_id", ids)',
        "return sql.TRUE",
        _AGREE,
    ),
    Mutation(
        "a wall that leaves some alone is not in the SQL",
        _POLICY,
        "            conditions.append(sql.some([outside, *ways_left]))\n",
        "            pass\n",
        _CONFIDENTIAL,
    ),
    # ---- one label, every reader
    Mutation(
        "a stopped person is among the readers",
        _POLICY,
        "_in_any(_opening(label, now, aspect), fits), state=PersonState.ACTIVE",
        "_in_any(_opening(label, now, aspect), fits)",
        _AGREE,
    ),
    Mutation(
        "a suspended team is among the readers",
        _POLICY,
        ", team__standing__in=term.standings\n",
        "\n",
        _AGREE,
    ),
    Mutation(
        "whoever is named in a suspended team is among the readers",
        _POLICY,
        "seats = Membership.objects.filter(team__standing=Standing.ACTIVE)",
        "seats = Membership.objects.all()",
        _AGREE,
    ),
    Mutation(
        "every operator of the owner team is among the readers",
        _POLICY,
        "            seats = seats.filter(role__in=term.roles)\n",
        "            pass\n",
        _AGREE,
    ),
    Mutation(
        "a wall that leaves some alone keeps nobody from the readers",
        _POLICY,
        "        readers = readers.filter(_in_any(only, fits))\n",
        "        pass\n",
        _CONFIDENTIAL,
    ),
    # ---- a label and the teams of its readers
    Mutation(
        "the preview counts whom the embargo keeps out",
        _POLICY,
        "    now = clock.now()\n    readers = Person",
        "    now = label.embargo_until or clock.now()\n    readers = Person",
        (f"{_WARN}the_preview_counts_nobody_whom_the_embargo_keeps_out",),
    ),
    Mutation(
        "the preview forgets the embargo",
        _AUDIENCE,
        "    copy.state = State.RELEASED\n",
        "    copy.state, copy.embargo_until = State.RELEASED, None\n",
        (f"{_WARN}the_preview_counts_nobody_whom_the_embargo_keeps_out",),
    ),
    Mutation(
        "the preview expects teams that the embargo keeps out",
        _POLICY,
        "        now = clock.now()\n        self.label",
        "        now = label.embargo_until or clock.now()\n        self.label",
        (f"{_WARN}the_preview_counts_nobody_whom_the_embargo_keeps_out",),
    ),
    Mutation(
        "somebody is told for their suspended team",
        _POLICY,
        "            row.team.standing in term.standings\n            and (term.roles",
        "            (term.roles",
        (f"{_WARN}whoever_serves_a_suspended_team_too_is_told_for_the_other_one_alone",),
    ),
    Mutation(
        "somebody is told for a team in which they read nothing",
        _POLICY,
        "            and (term.roles is None or row.role in term.roles)\n",
        "",
        _AGREE,
    ),
    Mutation(
        "a wall that leaves some alone keeps no team from being told",
        _POLICY,
        "self._narrowing = _narrowing(label, now)",
        "self._narrowing = []",
        _NARROWED,
    ),
    Mutation(
        "whoever a wall lists by name is told for one of their teams alone",
        _POLICY,
        "return row.person_id in self._in_rows(term.people)",
        "return False",
        _NARROWED,
    ),
    Mutation(
        "the preview misses every team of a circle where a wall leaves a list of people alone",
        _POLICY,
        'return Q(pk__in=Membership.objects.filter(person__in=people).values("team_id"))',
        "return Q()",
        _WORKING_GROUP,
    ),
    Mutation(
        "whoever reads through two teams together is told nothing",
        _POLICY,
        "[*ours, *within] or opened",
        "[*ours, *within]",
        (f"{_WALLS}a_role_may_open_in_one_team_what_a_name_in_another_keeps_open",),
    ),
    # ---- a whole team in SQL
    Mutation(
        "a draft opens work in the circle",
        _TEAMS,
        "by_role.append(sql.every([labels, _by_role(relation, label, team)]))",
        "by_role.append(_by_role(relation, label, team))",
        _MATCHES_AGREE,
    ),
    Mutation(
        "a suspended team gets new work",
        _TEAMS,
        "            standings &= term.standings\n",
        "            pass\n",
        _MATCHES_AGREE,
    ),
    Mutation(
        "a suspended seat opens work",
        _TEAMS,
        'sql.every([(f"t.id = {team}", ()), sql.words("t.standing", standings)])',
        'sql.every([(f"t.id = {team}", ())])',
        _MATCHES_AGREE,
    ),
    Mutation(
        "GREEN under embargo opens work",
        _SQL,
        'conditions.append((f"({until} IS NULL OR {until} <= %s)", (NOW,)))',
        "pass",
        _MATCHES_AGREE,
    ),
    Mutation(
        "CLEAR under embargo opens work",
        _MATCHING,
        'to_all=team_policy.open_to_all("l"),',
        "to_all=\"(l.sensitivity = 'clear' AND l.state = 'released')\",",
        _MATCHES_AGREE,
    ),
    Mutation(
        "a RED draft of another team opens work",
        _TEAMS,
        "            conditions.append(_is_one_of(term, label, team))\n            if term.roles",
        "            if term.roles",
        _MATCHES_AGREE,
    ),
    Mutation(
        "a stopped person named in RED opens work",
        _TEAMS,
        "AND p.state = '{PersonState.ACTIVE.value}' AND",
        "AND",
        (f"{_IN_WORDS}a_stopped_or_departed_person_named_in_red_opens_no_work_to_their_team",),
    ),
    Mutation(
        "a person named in RED opens work to their suspended team",
        _TEAMS,
        '        conditions.append(sql.words("t.standing", standings))\n',
        "",
        _MATCHES_AGREE,
    ),
    Mutation(
        "a person named in RED opens the work of every team",
        _TEAMS,
        "WHERE m.team_id = {team}",
        "WHERE m.team_id > 0",
        _MATCHES_AGREE,
    ),
    Mutation(
        "everybody counts as named in RED for their team",
        _TEAMS,
        'conditions.append(sql.is_in_rows("m.person_id", term.people, label))',
        "pass",
        _MATCHES_AGREE,
    ),
    Mutation(
        "a role that reads nothing opens work",
        _TEAMS,
        "if isinstance(term, Listed) or _excludes_readers(term):",
        "if isinstance(term, Listed):",
        _BY_ROLE,
    ),
    Mutation(
        "a name in a role opens work in any role",
        _TEAMS,
        '                conditions.append(sql.words("m.role", term.roles))\n',
        "                pass\n",
        (f"{_WALLS}a_name_may_count_in_a_role_only_and_then_opens_the_work_of_that_team",),
    ),
    Mutation(
        "a wall that leaves some alone opens work all the same",
        _TEAMS,
        "sql.every([sql.some(by_role), *within_limits]), *by_name",
        "sql.some(by_role), *by_name",
        _CONFIDENTIAL,
    ),
    Mutation(
        "a wall before what anybody may read opens work all the same",
        _TEAMS,
        "return _text(sql.every([sql.some(opened), *not_narrowed]))",
        "return _text(sql.some(opened))",
        _NARROWED,
    ),
    Mutation(
        "a wall is no wall for the team of a named person",
        _TEAMS,
        "sql.every([_person(relation, label, team), *within_limits])",
        "_person(relation, label, team)",
        (f"{_WALLS}a_wall_holds_for_whoever_is_named_and_for_the_work_of_their_team",),
    ),
    # ---- the channel table
    Mutation(
        "a token reads RED",
        _CHANNELS,
        '"an answer to a program with a token", W, X, W, W, W, W',
        '"an answer to a program with a token", W, W, W, W, W, W',
        _BY_TOKEN,
    ),
    Mutation(
        "a token reads RED although the table shuts it out",
        _POLICY,
        "    if channels.least(label.sensitivity, viewer.channels) is not Passage.WHOLE:\n"
        "        return False\n",
        "",
        _BY_TOKEN,
    ),
    Mutation(
        "a token lists RED",
        _POLICY,
        "shut = channels.shut_to(viewer.channels, least)",
        "shut = channels.shut_to((), least)",
        _BY_TOKEN,
    ),
    Mutation(
        "a token comes by a page",
        "noroshi/directory/viewer.py",
        "channels=(PAGE,) if scopes is None else (API,),",
        "channels=(PAGE,),",
        _BY_TOKEN,
    ),
    Mutation(
        "who passes two doors passes the wider one",
        _CHANNELS,
        "return max(passages, key=FROM_WHOLE.index",
        "return min(passages, key=FROM_WHOLE.index",
        ("tests/sharing/test_channels.py::test_what_passes_two_doors_is_what_passes_both",),
    ),
    Mutation(
        "mail carries RED in full",
        _CHANNELS,
        '"a mail, and the page behind its link", W, N, N, N, W, W',
        '"a mail, and the page behind its link", W, W, N, N, W, W',
        _BY_MAIL,
    ),
    Mutation(
        "mail carries AMBER STRICT in full",
        _CHANNELS,
        '"a mail, and the page behind its link", W, N, N, N, W, W',
        '"a mail, and the page behind its link", W, N, W, N, W, W',
        _BY_MAIL,
    ),
    Mutation(
        "mail carries AMBER in full",
        _CHANNELS,
        '"a mail, and the page behind its link", W, N, N, N, W, W',
        '"a mail, and the page behind its link", W, N, N, W, W, W',
        _BY_MAIL,
    ),
)
