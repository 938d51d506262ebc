from django.urls import URLPattern, path

from noroshi.measures import pages

app_name = "measures"
urlpatterns: list[URLPattern] = [
    path("", pages.list_instructions, name="list"),
    path("answer/<str:secret>", pages.answer_by_link, name="answer"),
    path("answer/<str:secret>/files/<str:file_id>", pages.download_by_link, name="answer-file"),
    path("<str:public_id>", pages.show_instruction, name="instruction"),
    path("<str:public_id>/answer", pages.answer, name="own-answer"),
    path("<str:public_id>/files/<str:file_id>", pages.download, name="file"),
    *(
        path(f"<str:public_id>/{step}", pages.take_step, {"step": step}, name=step)
        for step in pages.STEPS
    ),
]
