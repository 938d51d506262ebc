from django.urls import path

from noroshi.vulnerabilities.pages import advisories, assessments

app_name = "vulnerabilities"
urlpatterns = [
    path("", assessments.list_all, name="list"),
    path("advisories/", advisories.list_all, name="advisories"),
    path("advisories/import", advisories.start_import, name="start-import"),
    path("advisories/imports/<str:public_id>", advisories.show_import, name="import"),
    path("advisories/<str:public_id>", advisories.show, name="advisory"),
    path("advisories/<str:public_id>/original", advisories.download, name="original"),
    path("<str:public_id>", assessments.show, name="show"),
    path("<str:public_id>/match", assessments.answer_match, name="answer-match"),
    path("<str:public_id>/assess", assessments.assess, name="assess"),
    path("<str:public_id>/decide", assessments.decide, name="decide"),
    path("<str:public_id>/reconsider", assessments.reconsider, name="reconsider"),
    path("<str:public_id>/instruct", assessments.instruct, name="instruct"),
    path("<str:public_id>/instruct/readers", assessments.preview_readers, name="readers"),
    path("<str:public_id>/reported", assessments.mark_reported, name="reported"),
]
