from django.urls import path

from noroshi.desk import pages

app_name = "desk"
urlpatterns = [
    path("", pages.today, name="today"),
    path("search", pages.find, name="search"),
    path("health", pages.health, name="health"),
]
