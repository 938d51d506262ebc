"""The areas: inventory, vulnerabilities, measures, warnings, reports."""

from tests.mutations import Mutation

_WARN = "tests/warnings/test_warn_the_others.py::test_"
_WARNINGS, _WARNING_QUERIES = "noroshi/warnings/actions.py", "noroshi/warnings/queries.py"
_CHECKS, _MEASURES = "noroshi/measures/checks.py", "noroshi/measures/instructing.py"
_MAY_MEASURE, _TASKS = "noroshi/measures/permissions.py", "noroshi/measures/queries.py"
_ANSWERED = "tests/measures/test_answering.py::test_"
_INSTRUCTED = "tests/measures/test_instructing.py::test_"
_TASK_PAGES = "tests/measures/test_pages.py::test_"
_SYSTEMS, _SYSTEM_ACTIONS = "noroshi/inventory/queries.py", "noroshi/inventory/systems.py"
_OWNERS = "tests/inventory/test_people.py::test_"
_RED = "tests/vulnerabilities/test_red.py::test_"
_OTTO_SIGNS_IN = "tests/measures/test_phone_page.py::test_a_link_shows_nothing_of_what_mail_may_carry_no_longer_before_otto_signs_in"

MUTATIONS = (
    # ---- warnings
    Mutation(
        "receivers see counts as soon as one team answered",
        _WARNING_QUERIES,
        "ENOUGH = 5 ",
        "ENOUGH = 1 ",
        (f"{_WARN}receivers_see_counts_only_once_five_teams_answered",),
    ),
    Mutation(
        "a release does not ask what was looked at",
        _WARNINGS,
        "if seen is not None and seen != fingerprint(warning, audience):",
        "if seen is not None and not seen:",
        (f"{_WARN}a_release_is_refused_when_it_is_not_what_one_was_shown",),
    ),
    Mutation(
        "a fingerprint leaves out who reads",
        _WARNINGS,
        "repr(sorted(label.items(), key=str)), *readers])",
        "repr(sorted(label.items(), key=str))])",
        (f"{_WARN}a_new_team_in_the_circle_is_noticed_before_the_release",),
    ),
    Mutation(
        "a release goes by the rights of yesterday",
        _WARNINGS,
        "    by = _with_current_rights(by)\n    warning = Warning.objects.locked_for(by, warning.pk, *_LOCKED_WITH)\n"
        "    permissions.may_release",
        "    warning = Warning.objects.locked_for(by, warning.pk, *_LOCKED_WITH)\n"
        "    permissions.may_release",
        (f"{_WARN}somebody_stopped_while_their_page_is_open_releases_nothing",),
    ),
    Mutation(
        "a withdrawn warning keeps its links",
        _WARNINGS,
        '    links.revoke_for("warning", warning.public_id, by=by)\n',
        "",
        (f"{_WARN}a_withdrawn_warning_ends_its_links_and_holds_unsent_mail_back",),
    ),
    Mutation(
        "a withdrawn warning leaves by mail",
        _WARNINGS,
        "    outbox.take_back(warning.release_id)\n",
        "",
        (f"{_WARN}a_withdrawn_warning_ends_its_links_and_holds_unsent_mail_back",),
    ),
    Mutation(
        "somebody answers for a team that is not theirs",
        _WARNINGS,
        "        if team_id not in teams:\n            raise NotFound\n        return teams[team_id]",
        "        return Team.objects.get(public_id=team_id)",
        (f"{_WARN}nobody_answers_for_a_team_that_is_not_theirs",),
    ),
    Mutation(
        "operators write and release warnings",
        "noroshi/warnings/permissions.py",
        "WRITERS = (Role.CSIRT, Role.MANAGER)",
        "WRITERS = (Role.CSIRT, Role.MANAGER, Role.OPERATOR)",
        (f"{_WARN}an_operator_or_another_team_neither_writes_nor_releases",),
    ),
    Mutation(
        "every reader sees which team answered what",
        _WARNING_QUERIES,
        "    if not is_owner(viewer, warning):\n        raise NotFound\n    if teams is None:",
        "    if teams is None:",
        (f"{_WARN}only_the_owner_team_sees_who_answered",),
    ),
    Mutation(
        "the mailed link of an instruction shows what mail may carry no longer",
        "noroshi/measures/pages.py",
        "if not links.may_show(instruction.label):\n            if not request",
        "if False:\n            if not request",
        (_OTTO_SIGNS_IN,),
    ),
    Mutation(
        "the mailed link of an instruction hands out files that mail may carry no longer",
        "noroshi/measures/pages.py",
        'if not links.may_show(instruction.label):\n        return redirect("measures:file"',
        'if False:\n        return redirect("measures:file"',
        (_OTTO_SIGNS_IN,),
    ),
    Mutation(
        "what mail may not carry is mailed with a link that opens it",
        "noroshi/measures/notices.py",
        "if link and links.may_show(row.label):",
        "if link:",
        (
            "tests/measures/test_phone_page.py::test_what_mail_may_not_carry_whole_is_mailed_with_no_link_that_opens_it",
        ),
    ),
    Mutation(
        "the page behind a mailed link shows the text of AMBER",
        "noroshi/sharing/links.py",
        "return passage(label.sensitivity, MAIL)",
        "return Passage.WHOLE",
        (
            "tests/warnings/test_pages.py::test_the_link_shows_the_text_only_where_mail_may_carry_it",
        ),
    ),
    Mutation(
        "warnings are listed without asking who reads",
        _WARNING_QUERIES,
        "return Warning.objects.visible_to(viewer).select_related(",
        "return Warning._base_manager.select_related(",
        (f"{_WARN}a_warning_to_the_circle_is_unknown_to_everybody_else",),
    ),
    Mutation(
        "a count of warnings counts hidden ones",
        _WARNING_QUERIES,
        "        rows = Warning.objects.visible_to(viewer)\n        return counts_of(",
        "        rows = Warning._base_manager.all()\n        return counts_of(",
        ("tests/warnings/test_pages.py::test_the_views_count_only_what_their_reader_may_see",),
    ),
    Mutation(
        "everybody sees what a warning was started from",
        _WARNING_QUERIES,
        "return lookup.get_or_none(Origin.objects.visible_to(viewer).filter(warning=warning))",
        "return lookup.get_or_none(Origin._base_manager.filter(warning=warning))",
        (f"{_WARN}what_a_warning_was_started_from_stays_with_the_team",),
    ),
    Mutation(
        "an operator reads what the team answered",
        _WARNING_QUERIES,
        "    own = Q(team_id__in=viewer.reading_team_ids)",
        "    own = Q(team_id__in=viewer.team_ids)",
        (f"{_WARN}an_operator_does_not_read_what_the_team_answered",),
    ),
    # ---- measures
    Mutation(
        "an operator of another team is instructed",
        _CHECKS,
        "if people_in(team).filter(pk__in=people).count() != len(people):",
        "if team is None:",
        (f"{_INSTRUCTED}an_operator_of_another_team_cannot_be_named",),
    ),
    Mutation(
        "somebody verifies their own work",
        _MAY_MEASURE,
        "    if viewer.person_id == instruction.done_by_id:\n        raise Refused",
        "    if viewer.person_id is None:\n        raise Refused",
        (f"{_ANSWERED}nobody_verifies_the_own_work",),
    ),
    Mutation(
        "an operator instructs",
        _MAY_MEASURE,
        "return viewer.has_role(team_id, Role.CSIRT, Role.MANAGER)",
        "return viewer.has_role(team_id, Role.CSIRT, Role.MANAGER, Role.OPERATOR)",
        (f"{_INSTRUCTED}an_operator_cannot_instruct",),
    ),
    Mutation(
        "somebody answers for the operator",
        _MAY_MEASURE,
        "return viewer.person_id is not None and viewer.person_id in operator_ids",
        "return viewer.person_id is not None",
        (f"{_ANSWERED}nobody_answers_for_the_operator",),
    ),
    Mutation(
        "the CSIRT decides what cannot be done",
        _MAY_MEASURE,
        "if instruction.state == State.CANNOT and",
        "if instruction.state is None and",
        (f"{_ANSWERED}cannot_needs_a_reason_and_goes_to_the_manager_who_decided",),
    ),
    Mutation(
        "evidence is reached through another instruction",
        _TASKS,
        "Evidence.objects.one_for(viewer, answer__instruction=instruction, public_id=public_id)",
        "Evidence.objects.one_for(viewer, public_id=public_id)",
        (f"{_TASK_PAGES}evidence_of_another_instruction_is_not_reached_through_ones_own",),
    ),
    Mutation(
        "instructions are listed without asking who reads",
        _TASKS,
        'rows = Instruction.objects.visible_to(viewer).select_related("team")\n    rows = rows.prefetch',
        'rows = Instruction._base_manager.select_related("team")\n    rows = rows.prefetch',
        (f"{_INSTRUCTED}an_operator_sees_his_own_instruction_and_no_other",),
    ),
    Mutation(
        "the link of an operator who was replaced opens",
        _MEASURES,
        "    row.operators.set(people)\n"
        '    links.revoke_for("instruction", row.public_id, by=by)\n',
        "    row.operators.set(people)\n",
        (f"{_INSTRUCTED}instructing_again_gives_the_work_to_olga_and_ends_ottos_link",),
    ),
    Mutation(
        "the link to withdrawn work opens",
        _MEASURES,
        '    row.save(update_fields=["state"])\n'
        '    links.revoke_for("instruction", row.public_id, by=by)\n',
        '    row.save(update_fields=["state"])\n',
        ("tests/measures/test_phone_page.py::test_a_link_dies_with_the_instruction",),
    ),
    Mutation(
        "an instruction on RED is the whole team's",
        "noroshi/measures/labelling.py",
        "    if not readers:\n        return labelling.own_label(team, named=operators)",
        "    if team:\n        return labelling.own_label(team, named=operators)",
        (
            f"{_RED}an_instruction_on_a_red_vulnerability_is_read_by_the_named_and_the_instructed_alone",
        ),
    ),
    Mutation(
        "an operator who was replaced stays named in RED",
        "noroshi/measures/labelling.py",
        "instruction.label.named_ids() - gone)",
        "instruction.label.named_ids())",
        (f"{_RED}instructing_somebody_else_names_them_and_no_longer_the_one_before",),
    ),
    # ---- inventory
    Mutation(
        "a component is reached through another system",
        _SYSTEMS,
        '        .filter(system=system, public_id=public_id)\n        .select_related("product")',
        '        .filter(public_id=public_id)\n        .select_related("product")',
        ("tests/inventory/test_pages.py::test_a_component_is_not_reached_through_another_system",),
    ),
    Mutation(
        "systems are listed without asking who reads",
        _SYSTEMS,
        "rows = _with_ranks(System.objects.visible_to(viewer)).filter(retired_at",
        "rows = _with_ranks(System._base_manager.all()).filter(retired_at",
        (f"{_OWNERS}an_operator_sees_only_the_systems_that_he_owns",),
    ),
    Mutation(
        "operators change the inventory",
        "noroshi/inventory/permissions.py",
        "viewer.has_role(team_id, Role.CSIRT, Role.MANAGER)",
        "viewer.has_role(team_id, Role.CSIRT, Role.MANAGER, Role.OPERATOR)",
        (f"{_OWNERS}an_operator_sets_a_version_and_changes_nothing_else",),
    ),
    Mutation(
        "somebody of another team owns a system",
        _SYSTEM_ACTIONS,
        "if any(person.pk not in operator_ids for person in people):",
        "if any(person.pk is None for person in people):",
        (f"{_OWNERS}only_operators_of_the_team_own_its_systems",),
    ),
    Mutation(
        "former owners go on reading a system",
        _SYSTEM_ACTIONS,
        "    labelling.name(system.label, owners)\n",
        "",
        (f"{_OWNERS}owners_and_the_people_whom_the_label_names_are_always_the_same",),
    ),
    Mutation(
        "an import goes on when its person was stopped",
        "noroshi/inventory/importing.py",
        "    if not may:\n",
        "    if may is None:\n",
        (
            "tests/core/test_every_action_leaves_its_row.py::test_an_action_leaves_exactly_its_rows[inventory: whoever began an import may not go on]",
        ),
    ),
    Mutation(
        "an import goes on when its person is stopped in the middle",
        "noroshi/inventory/importing.py",
        "            _check_may_go_on(entry)\n",
        "",
        (
            "tests/inventory/test_importing.py::test_an_import_stops_behind_the_chunk_in_which_its_person_was_stopped",
        ),
    ),
    # ---- vulnerabilities
    Mutation(
        "somebody decides what they assessed",
        "noroshi/vulnerabilities/permissions.py",
        "    if viewer.person_id == assessment.assessed_by_id:\n",
        "    if viewer.person_id is None:\n",
        (
            "tests/vulnerabilities/test_assessing.py::test_a_manager_who_assessed_does_not_decide_and_another_manager_does",
        ),
    ),
    Mutation(
        "the CSIRT decides",
        "noroshi/vulnerabilities/permissions.py",
        "if not viewer.may(Scope.WRITE) or not viewer.has_role(assessment.team_id, Role.MANAGER):",
        "if not viewer.may(Scope.WRITE):",
        ("tests/vulnerabilities/test_assessing.py::test_the_csirt_does_not_decide",),
    ),
    Mutation(
        "an answer takes a part of another assessment",
        "noroshi/vulnerabilities/answering.py",
        "affected = _affected_systems(by).filter(assessment=row, pk=affected_id).first()",
        "affected = _affected_systems(by).filter(pk=affected_id).first()",
        (
            "tests/vulnerabilities/test_answering.py::test_an_answer_takes_no_part_of_another_assessment",
        ),
    ),
    Mutation(
        "the team learns what was answered about RED",
        "noroshi/vulnerabilities/answering.py",
        "        if not row.is_red:\n            _remember",
        "        if row:\n            _remember",
        (f"{_RED}an_answer_about_names_in_a_red_document_is_kept_from_the_team",),
    ),
    Mutation(
        "an answer on a RED matter answers the team's other matters",
        "noroshi/vulnerabilities/answering.py",
        "    if row.is_red:\n        waiting = waiting.filter(assessment=row)\n",
        "",
        (f"{_RED}an_answer_on_a_red_matter_leaves_the_teams_other_matter_to_the_team",),
    ),
    Mutation(
        "what RED opened is the whole team's work",
        "noroshi/vulnerabilities/opening.py",
        "    if not first.is_red:\n",
        "    if first:\n",
        (f"{_RED}who_received_the_red_document_too_reads_the_work_that_it_opened",),
    ),
    Mutation(
        "RED is mixed with what the team reads",
        "noroshi/vulnerabilities/matches.py",
        "        if self.is_red:\n",
        "        if self.is_red is None:\n",
        (
            "tests/vulnerabilities/test_sharing.py::test_work_that_the_team_has_goes_on_when_a_revision_names_people_alone",
        ),
    ),
    Mutation(
        "words of the label before are shown after a new one",
        "noroshi/vulnerabilities/receiving.py",
        "        changed = _remove_quotes(advisory, changed)\n",
        "        pass\n",
        (f"{_RED}what_only_the_red_revisions_said_stays_unread_when_the_next_one_is_clear",),
    ),
    Mutation(
        "a program receives RED",
        "noroshi/vulnerabilities/receiving.py",
        "if sensitivity is Sensitivity.RED and by.person_id is None:",
        "if sensitivity is None:",
        ("tests/vulnerabilities/test_red.py::test_a_program_receives_no_red_advisory",),
    ),
    Mutation(
        "an advisory goes to a circle of others",
        "noroshi/vulnerabilities/receiving.py",
        "if circle is not None and not circle.seats.filter(team=team).exists():",
        "if circle is not None and not circle.pk:",
        (
            "tests/vulnerabilities/test_sharing.py::test_nobody_shares_with_a_circle_in_which_their_team_has_no_part",
        ),
    ),
    # ---- reports
    Mutation(
        "executives read a report that is not issued",
        "noroshi/reports/actions.py",
        "label=labelling.draft_label(team, Sensitivity.INTERNAL),",
        "label=labelling.draft_label(team, Sensitivity.INTERNAL, named=executives_of(team)),",
        ("tests/reports/test_people.py",),
    ),
    Mutation(
        "a report is issued twice",
        "noroshi/reports/actions.py",
        "    check_draft(row.state)\n    executives = executives_of(row.team)",
        "    executives = executives_of(row.team)",
        ("tests/reports/test_people.py",),
    ),
    Mutation(
        "a report counts RED warnings",
        "noroshi/warnings/figures.py",
        "sent.exclude(label__sensitivity=Sensitivity.RED).count()",
        "sent.count()",
        (
            "tests/reports/test_figures.py::test_warnings_sent_and_answered_are_counted_and_red_ones_are_not",
        ),
    ),
    Mutation(
        "a report counts answers to RED warnings",
        "noroshi/warnings/figures.py",
        "answers.exclude(warning__label__sensitivity=Sensitivity.RED).count()",
        "answers.count()",
        (
            "tests/reports/test_figures.py::test_executives_are_not_told_that_somebody_answered_a_red_warning",
        ),
    ),
    Mutation(
        "executives make reports",
        "noroshi/reports/permissions.py",
        "MAKERS = (Role.CSIRT, Role.MANAGER)",
        "MAKERS = (Role.CSIRT, Role.MANAGER, Role.EXECUTIVE)",
        ("tests/reports/test_people.py",),
    ),
)
