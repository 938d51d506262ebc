from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "noroshi.sharing"
    label = "sharing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from noroshi.sharing import checks  # noqa: F401  # registers itself
