from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "noroshi.exchange.mail"
    label = "exchange_mail"
    default_auto_field = "django.db.models.BigAutoField"
