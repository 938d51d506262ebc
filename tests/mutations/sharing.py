"""Whatever leaves and comes back: outbox, links, register, cache, search, labels."""

from tests.mutations import Mutation

_LINKS, _REGISTER = "noroshi/sharing/links.py", "noroshi/sharing/register.py"
_OUTBOX, _CACHE = "noroshi/sharing/outbox.py", "noroshi/sharing/cache.py"
_PHONE = "tests/measures/test_phone_page.py::test_"
_DELIVERY = "tests/exchange/test_delivery.py::test_"
_WARN = "tests/warnings/test_warn_the_others.py::test_"

MUTATIONS = (
    Mutation(
        "the outbox does not ask again",
        _OUTBOX,
        "    if not policy.readers_of(entry.label).filter(pk=entry.person_id).exists():\n"
        "        return Passage.NEVER\n",
        "",
        (f"{_DELIVERY}a_person_suspended_after_the_posting_is_mailed_nothing",),
    ),
    Mutation(
        "no receipts are written",
        _OUTBOX,
        "register.receipt(entry.release, entry.person_id, state)",
        "pass",
        (
            "tests/warnings/test_mail.py::test_the_owner_sees_that_mail_to_a_suspended_team_was_withheld",
        ),
    ),
    Mutation(
        "what is taken back leaves all the same",
        _OUTBOX,
        "        finish(entry, EntryState.WITHHELD)\n    return len(waiting_now)",
        "        pass\n    return len(waiting_now)",
        (f"{_WARN}a_withdrawn_warning_ends_its_links_and_holds_unsent_mail_back",),
    ),
    Mutation(
        "a link that ended is mailed",
        "noroshi/exchange/mail/jobs.py",
        "if passage is Passage.NEVER or (entry.link is not None and _is_over(entry.link)):",
        "if passage is Passage.NEVER:",
        (f"{_DELIVERY}a_link_taken_back_while_the_mail_waited_is_not_mailed",),
    ),
    Mutation(
        "a revoked link opens",
        _LINKS,
        "if link.revoked_at is not None or link.expires_at <= clock.now():",
        "if link.expires_at <= clock.now():",
        (f"{_PHONE}a_link_dies_with_the_instruction",),
    ),
    Mutation(
        "an expired link opens",
        _LINKS,
        "if link.revoked_at is not None or link.expires_at <= clock.now():",
        "if link.revoked_at is not None:",
        (f"{_PHONE}an_expired_link_says_what_to_do",),
    ),
    Mutation(
        "a link opens for another purpose",
        _LINKS,
        "links.filter(public_id=link_id, purpose=purpose)",
        "links.filter(public_id=link_id)",
        (f"{_PHONE}a_link_with_one_letter_changed_or_for_another_purpose_is_not_found",),
    ),
    Mutation(
        "a link opens without its secret",
        _LINKS,
        "if link is None or not hmac.compare_digest(mac.encode(), _mac(link).encode()):",
        "if link is None:",
        (f"{_PHONE}a_link_with_one_letter_changed_or_for_another_purpose_is_not_found",),
    ),
    Mutation(
        "the link of a stopped person opens",
        _LINKS,
        "if not viewer.is_signed_in:",
        "if viewer is None:",
        (f"{_PHONE}a_suspended_operator_opens_and_answers_nothing",),
    ),
    Mutation(
        "a release does not hold the history",
        _REGISTER,
        "    history.lock_end()\n    put_in_force(label)",
        "    put_in_force(label)",
        (
            "tests/sharing/test_racing_a_release.py::test_whoever_is_stopped_while_a_report_or_a_red_instruction_leaves_is_wholly_before_or_after",
        ),
        postgresql=True,
    ),
    Mutation(
        "anybody who reads a warning sees who received it",
        _REGISTER,
        "release__public_id=release_id, release__label__owner_id__in=viewer.reading_team_ids",
        "release__public_id=release_id",
        ("tests/sharing/test_register.py",),
    ),
    Mutation(
        "anybody who reads a warning sees its entry in the register",
        _REGISTER,
        ".filter(label__owner_id__in=viewer.reading_team_ids)",
        ".all()",
        ("tests/sharing/test_register.py",),
    ),
    Mutation(
        "the owner team is told of its own release",
        _REGISTER,
        '        .exclude(team_id=F("release__label__owner_id"))\n',
        "",
        (f"{_WARN}the_owner_and_outsiders_cannot_answer", "tests/sharing/test_register.py"),
    ),
    Mutation(
        "a suspended team answers",
        _REGISTER,
        "viewer.reading_team_ids & viewer.good_team_ids",
        "viewer.reading_team_ids",
        (f"{_WARN}a_team_suspended_after_the_release_does_not_answer_what_anybody_may_read",),
    ),
    Mutation(
        "a named person answers for a suspended team",
        _REGISTER,
        "person_id=viewer.person_id, team_id__in=viewer.good_team_ids)",
        "person_id=viewer.person_id)",
        (f"{_WARN}a_named_person_does_not_answer_for_a_team_that_was_suspended",),
    ),
    Mutation(
        "an answer is not noted in the register",
        _REGISTER,
        'receipt(entry, viewer.person_id, "answered")',
        "pass",
        (
            "tests/sharing/test_register.py::test_an_answer_stands_in_the_register_beside_whoever_gave_it",
        ),
    ),
    Mutation(
        "a cache key without its reader",
        _CACHE,
        "key = (what, *_reader(viewer))",
        "key = (what,)",
        (
            "tests/sharing/test_cache.py::test_who_differs_in_anything_that_counts_is_another_reader",
        ),
    ),
    Mutation(
        "the cache forgets by which channel somebody reads",
        _CACHE,
        "        viewer.channels,\n",
        "",
        (
            "tests/sharing/test_cache.py::test_who_differs_in_anything_that_counts_is_another_reader",
        ),
    ),
    Mutation(
        "the cache outlives an action",
        _CACHE,
        "known = _memory.of((end, int(viewer.now.timestamp()) // 60))",
        "known = _memory.of(int(viewer.now.timestamp()) // 60)",
        ("tests/sharing/test_cache.py::test_any_action_by_anybody_makes_it_looked_up_again",),
    ),
    Mutation(
        "search finds without asking who reads",
        "noroshi/sharing/search.py",
        "entries = SearchEntry.objects.visible_to(searcher, least=Passage.BARE)",
        'entries = system.rows(SearchEntry, "everything")',
        ("tests/sharing/test_search.py::test_each_reader_finds_only_what_the_label_lets_through",),
    ),
    Mutation(
        "guarded rows are read without a viewer",
        "noroshi/sharing/guard.py",
        "        if system_reason.get() is None:\n            raise NoViewer(\n",
        "        if system_reason is None:\n            raise NoViewer(\n",
        ("tests/sharing/test_guard.py::test_reading_a_guarded_row_without_a_viewer_raises",),
    ),
    Mutation(
        "a released label is changed",
        "noroshi/sharing/labelling.py",
        "if label.state != State.DRAFT:",
        "if label.state is None:",
        ("tests/sharing/test_register.py::test_the_label_of_something_released_stays_as_it_is",),
    ),
    Mutation(
        "people who were named before stay named",
        "noroshi/sharing/labelling.py",
        "    label.named_readers.filter(person_id__in=old_ids - new_ids).delete()\n",
        "",
        (
            "tests/measures/test_instructing.py::test_instructing_again_gives_the_work_to_olga_and_ends_ottos_link",
        ),
    ),
    Mutation(
        "RED is released to nobody",
        "noroshi/sharing/labelling.py",
        "    check_complete(label)\n    label.state = State.RELEASED",
        "    label.state = State.RELEASED",
        ("tests/sharing/test_register.py::test_what_names_nobody_is_not_released",),
    ),
)
