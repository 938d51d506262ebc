from django.urls import URLPattern, path  # noqa: F401

app_name = "measures"
urlpatterns: list[URLPattern] = []
