from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "noroshi.api"
    label = "api"
