"""Examples of a form, empty and refused."""

from __future__ import annotations

from django import forms


class WarningForm(forms.Form):
    tlp = forms.ChoiceField(
        label="表示",
        choices=[(v, v) for v in ("RED", "AMBER_STRICT", "AMBER", "GREEN", "CLEAR")],
        widget=forms.RadioSelect,
        initial="AMBER",
    )
    circle = forms.ChoiceField(label="届ける輪", choices=[("1", "製造の輪（24 チーム）")])
    title = forms.CharField(label="題名", min_length=4)
    title_en = forms.CharField(label="題名（英語）", required=False)
    summary = forms.CharField(
        label="要点",
        help_text="何が起きていて、だれに関わるか。3 文まで。",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    answer = forms.ChoiceField(
        label="影響",
        choices=[("c", "確認中"), ("y", "影響あり"), ("n", "影響なし"), ("d", "対応済み")],
        widget=forms.RadioSelect,
        initial="c",
    )
    until = forms.DateTimeField(
        label="回答の締切",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        required=False,
    )
    proof = forms.FileField(label="証跡", help_text="20 MB まで、5 点まで。", required=False)
    embargo = forms.BooleanField(
        label="この時刻まで、受け手はほかへ伝えられません",
        help_text="過ぎると、表示の範囲で伝えられるようになります",
        required=False,
    )

    TLP_HINTS = {
        "RED": "名前を挙げた人だけ。ほかのだれにも伝えない",
        "AMBER_STRICT": "受け手の組織の中だけ",
        "AMBER": "受け手の組織と、守る先の必要な人",
        "GREEN": "加盟チームと同業。公の場には出さない",
        "CLEAR": "だれでも",
    }


def refused() -> WarningForm:
    form = WarningForm({"tlp": "RED", "circle": "1", "summary": "", "title": "Hayate DB"})
    form.add_error("title", "題名に <b>製品の名前</b> だけでは、何が起きたか分かりません")
    return form
