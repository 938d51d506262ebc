"""The doors themselves: forms, the API's gate, cursors and counts, files, history, backups."""

from tests.mutations import Mutation

_RESTORED = "tests/config/test_console.py::test_"
_PROBLEMS = "tests/api/test_problems.py::test_"

MUTATIONS = (
    Mutation(
        "a form of another site is taken",
        "noroshi/config/settings.py",
        '    "django.middleware.csrf.CsrfViewMiddleware",\n',
        "",
        ("tests/measures/test_phone_page.py::test_a_form_without_its_token_is_refused",),
    ),
    Mutation(
        "a form takes fields that it does not list",
        "noroshi/ui/forms.py",
        "            refuse_unlisted(self.data, {*self.buttons, *self._listed()})\n",
        "            pass\n",
        ("tests/directory/test_sign_in.py::test_a_field_that_a_form_does_not_list_is_refused",),
    ),
    Mutation(
        "an operation takes names in its query that it does not list",
        "noroshi/api/operations.py",
        "        _check_names(set(request.GET) - self.query_names)\n",
        "",
        (f"{_PROBLEMS}a_name_that_is_not_listed_is_refused_in_query_body_and_form",),
    ),
    Mutation(
        "an operation takes fields of a form that it does not list",
        "noroshi/api/operations.py",
        "            _check_names({*request.POST, *request.FILES} - self.body_names)\n",
        "            pass\n",
        (f"{_PROBLEMS}a_name_that_is_not_listed_is_refused_in_query_body_and_form",),
    ),
    Mutation(
        "a token goes beyond its scopes",
        "noroshi/api/operations.py",
        "if not viewer.may(self.scope):",
        "if viewer is None:",
        ("tests/api/test_tokens.py::test_each_operation_asks_for_its_own_scope_and_names_it",),
    ),
    Mutation(
        "a list in memory forgets its address",
        "noroshi/api/operations.py",
        'address = ("api", request.get_full_path(), get_language())',
        'address = ("api", request.path)',
        (
            "tests/api/test_lists.py::test_a_list_that_was_remembered_still_speaks_the_language_that_is_asked_for",
        ),
    ),
    Mutation(
        "a cursor with NUL reaches the database",
        "noroshi/core/paging.py",
        '        or "\\0" in "".join(map(str, values))\n',
        "",
        ("tests/core/test_nul.py::test_a_cursor_with_nul_leads_nowhere",),
    ),
    Mutation(
        "a row outside a transaction is taken",
        "noroshi/core/history/chain.py",
        "    if not connection.in_atomic_block:\n"
        '        raise RuntimeError("history: outside a transaction")\n',
        "",
        ("tests/core/test_history.py::test_a_row_outside_a_transaction_is_refused",),
    ),
    Mutation(
        "a changed row is not noticed",
        "noroshi/core/history/chain.py",
        "if row.row_hash != _hash(row):",
        "if not row.row_hash:",
        ("tests/core/test_history.py::test_a_changed_row_is_named",),
    ),
    Mutation(
        "a history that was cut off is whole",
        "noroshi/core/history/chain.py",
        "for number in range(expected, count + 1):",
        "for number in range(0):",
        ("tests/core/test_history.py::test_a_cut_off_end_is_named",),
    ),
    Mutation(
        "a hash leaves out who acted",
        "noroshi/core/history/chain.py",
        "        row.actor,\n",
        "",
        ("tests/core/test_history.py::test_a_changed_row_is_named",),
    ),
    Mutation(
        "restore takes a rotten file",
        "noroshi/config/backup.py",
        "if _sha256(path) != path.name:",
        "if not path.name:",
        (f"{_RESTORED}a_backup_with_one_rotten_file_is_refused_and_the_file_is_named",),
    ),
    Mutation(
        "restore takes a rotten database",
        "noroshi/config/backup.py",
        'if _sha256(folder / DATABASE) != manifest["database_sha256"]:',
        "if not (folder / DATABASE).exists():",
        (f"{_RESTORED}a_damaged_backup_is_refused_and_nothing_is_written",),
    ),
    Mutation(
        "restore takes a backup that was cut off",
        "noroshi/config/backup.py",
        'if len(files) != manifest["files"]:',
        "if files is None:",
        (f"{_RESTORED}a_backup_that_was_cut_off_between_two_files_is_refused",),
    ),
    Mutation(
        "restore writes where an archive says",
        "noroshi/config/backup.py",
        "if not member.isfile() or not _NAMES.fullmatch(member.name):",
        "if not member.isfile():",
        (f"{_RESTORED}a_backup_with_a_name_that_is_not_ours_is_refused",),
    ),
    Mutation(
        "check misses a file that is gone",
        "noroshi/config/checking.py",
        "        if not path_of(sha256).exists()\n",
        "        if not sha256\n",
        (f"{_RESTORED}check_and_verify_history_name_what_is_wrong",),
    ),
)
