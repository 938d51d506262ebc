"""Form fields: label, hint, control and error belong together for everybody."""

from __future__ import annotations

import pytest
from django import forms

from noroshi.ui import components as c
from noroshi.ui.forms import StrictForm
from tests.ui.conftest import ESCAPED, HOSTILE, Render


class Report(forms.Form):
    title = forms.CharField(label="Title", help_text="In one line", min_length=5)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    tlp = forms.ChoiceField(
        label="Label", choices=[("RED", "RED"), ("AMBER_STRICT", "x")], widget=forms.RadioSelect
    )
    sure = forms.BooleanField(label="I am sure", help_text="It cannot be taken back")
    proof = forms.FileField(label="Evidence", required=False)
    circle = forms.ChoiceField(label="Circle", choices=[("1", HOSTILE)])
    way = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_field_ties_label_hint_and_control_together() -> None:
    html = c.field(Report()["title"])
    assert '<label for="id_title">Title</label>' in html
    assert 'id="id_title_helptext">In one line' in html
    assert 'aria-describedby="id_title_helptext"' in html
    assert 'class="input"' in html


def test_optional_is_said_and_required_is_not() -> None:
    assert "optional" in c.field(Report()["note"])
    assert "optional" not in c.field(Report()["title"])


def test_an_error_stands_at_its_field_and_is_heard_there() -> None:
    html = c.field(Report({"title": "abc"})["title"])
    assert 'class="field bad"' in html
    assert 'id="id_title_error"' in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'aria-invalid="true"' in html
    assert "#alert" in html


def test_a_hint_of_this_page_is_tied_too() -> None:
    html = c.field(Report({"title": "x"})["note"], hint=HOSTILE)
    assert ESCAPED in html
    assert 'aria-describedby="id_note_helptext"' in html


def test_radio_buttons_are_a_group_with_a_legend() -> None:
    html = c.field(Report({})["tlp"], "tlp", {"RED": HOSTILE})
    assert '<fieldset class="field bad" aria-describedby="id_tlp_error">' in html
    assert "TLP:AMBER+STRICT" in html
    assert ESCAPED in html
    assert html.count('type="radio"') == 2


def test_a_check_box_stands_before_its_sentence() -> None:
    html = c.field(Report()["sure"])
    assert html.index('type="checkbox"') < html.index("I am sure")
    assert "optional" not in html


def test_choices_from_outside_stay_text() -> None:
    assert "<script" not in c.field(Report()["circle"])


def test_a_hidden_field_is_only_itself() -> None:
    assert c.field(Report()["way"]) == '<input type="hidden" name="way" id="id_way">'


def test_the_summary_links_to_each_field_and_names_what_is_empty() -> None:
    html = c.errors(Report({"title": ""}))
    assert '<a href="#id_title">Title is empty.</a>' in html
    assert '<a href="#id_tlp_0">Label is empty.</a>' in html
    assert 'tabindex="-1" autofocus' in html


def test_the_summary_escapes_what_others_wrote() -> None:
    form = Report({})
    form.add_error(None, HOSTILE)
    form.add_error("note", HOSTILE)
    assert c.errors(form).count(ESCAPED) == 2


def test_a_form_without_mistakes_has_no_summary() -> None:
    assert c.errors(Report()) == ""


@pytest.mark.usefixtures("japanese")
def test_mistakes_are_said_in_japanese(render: Render) -> None:
    html = render("{% errors form %}", form=Report({}))
    assert "このままでは受け付けられません" in html
    assert "「Title」が空です" in html


class Named(StrictForm):
    name = forms.CharField()
    mail = forms.EmailField()
    note = forms.CharField(widget=forms.Textarea)
    way = forms.CharField(widget=forms.HiddenInput)


@pytest.mark.parametrize(
    "mark", ["\r\n", "\n", "\t", "\x0b", "\x1b", "\x7f", "\x85", "\u2028", "\u202e"]
)
def test_one_line_of_text_is_one_line_and_a_note_has_many(mark: str) -> None:
    text = f"Report{mark}Bcc: thief@evil.example"
    form = Named({"name": text, "mail": f'"a{mark}b"@c.example', "note": text, "way": text})
    assert set(form.errors) == {"name", "mail", "way"}
    assert "one line" in form.errors["name"][0]
