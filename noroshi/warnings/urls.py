from django.urls import URLPattern, path

from noroshi.warnings import pages

app_name = "warnings"
urlpatterns: list[URLPattern] = [
    path("", pages.list_warnings, name="list"),
    path("new", pages.compose, name="new"),
    path("preview", pages.preview, name="preview"),
    path("answer/<str:secret>", pages.answer_by_link, name="answer-by-link"),
    path("<str:public_id>", pages.show, name="one"),
    path("<str:public_id>/edit", pages.edit, name="edit"),
    path("<str:public_id>/preview", pages.preview, name="preview-draft"),
    path("<str:public_id>/release", pages.release, name="release"),
    path("<str:public_id>/discard", pages.discard, name="discard"),
    path("<str:public_id>/withdraw", pages.withdraw, name="withdraw"),
    path("<str:public_id>/answer", pages.answer, name="answer"),
]
