from django.urls import URLPattern, path

from noroshi.reports import pages

app_name = "reports"
urlpatterns: list[URLPattern] = [
    path("", pages.list_reports, name="list"),
    path("new", pages.make_report, name="new"),
    path("<str:public_id>", pages.show_report, name="report"),
    path("<str:public_id>/report.pdf", pages.download_pdf, name="pdf"),
    path("<str:public_id>/issue", pages.issue, name="issue"),
    path("<str:public_id>/discard", pages.discard, name="discard"),
]
