from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "noroshi.ui"
    label = "ui"
