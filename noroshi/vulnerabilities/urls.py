from django.urls import path

from noroshi.vulnerabilities import pages

app_name = "vulnerabilities"
urlpatterns = [
    path("", pages.list_assessments, name="list"),
    path("advisories/", pages.list_advisories, name="advisories"),
    path("advisories/import", pages.start_import, name="start-import"),
    path("advisories/imports/<str:public_id>", pages.show_import, name="import"),
    path("advisories/<str:public_id>", pages.show_advisory, name="advisory"),
    path("advisories/<str:public_id>/original", pages.download_advisory, name="original"),
    path("<str:public_id>", pages.show, name="show"),
    path("<str:public_id>/match", pages.answer_match, name="answer-match"),
    path("<str:public_id>/assess", pages.assess, name="assess"),
    path("<str:public_id>/decide", pages.decide, name="decide"),
    path("<str:public_id>/reconsider", pages.reconsider, name="reconsider"),
    path("<str:public_id>/instruct", pages.instruct, name="instruct"),
    path("<str:public_id>/instruct/readers", pages.preview_readers, name="readers"),
    path("<str:public_id>/reported", pages.mark_reported, name="reported"),
]
