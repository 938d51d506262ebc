"""The only settings file; the differences between instances come from ``environment``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from noroshi.config import environment as env

PACKAGE = Path(__file__).resolve().parent.parent

NOROSHI_VAR = env.var_dir()
# Sample people on the sign-in page; start-up allows it on loopback only.
NOROSHI_SAMPLE = env.flag("SAMPLE")
NOROSHI_URL = env.text("URL", "http://127.0.0.1:8000").rstrip("/")  # how people reach this instance
NOROSHI_NAME = env.text("NAME", "Noroshi")

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.secret_key(NOROSHI_VAR)
ALLOWED_HOSTS = env.words("HOSTS", "127.0.0.1,localhost,[::1]")
_SECURE = NOROSHI_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_q",
    "django_htmx",
    "noroshi.core",
    "noroshi.ui",
    "noroshi.directory",
    "noroshi.sharing",
    # Areas in the order in which people meet them in menus and lists, see directory.areas.
    "noroshi.inventory",
    "noroshi.vulnerabilities",
    "noroshi.measures",
    "noroshi.warnings",
    "noroshi.reports",
    "noroshi.exchange.mail",
    "noroshi.api",
    "noroshi.desk",
    # after ours: their templates and words give way to those in noroshi.directory
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "noroshi.config.headers.CompressedPagesMiddleware",
    "noroshi.config.headers.HeadersMiddleware",
    "noroshi.desk.middleware.CookiesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "noroshi.desk.middleware.ViewerMiddleware",
    "noroshi.desk.middleware.ErrorsMiddleware",
]

ROOT_URLCONF = "noroshi.config.urls"
WSGI_APPLICATION = "noroshi.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": False,
        "DIRS": [],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.app_directories.Loader"],
                )
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "noroshi.ui.components",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "noroshi.desk.shell.shell",
            ],
        },
    }
]

DATABASES = {"default": env.database(NOROSHI_VAR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "directory.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {"user_attributes": ("mail", "name")}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
    )
]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_RESET_TIMEOUT = 60 * 60 * 4  # seconds that a mailed link to a new password works
ACCOUNT_ADAPTER = "noroshi.directory.signin.AccountAdapter"
MFA_ADAPTER = "noroshi.directory.signin.SecondFactorAdapter"
SOCIALACCOUNT_ADAPTER = "noroshi.directory.signin.SocialAdapter"
ACCOUNT_FORMS = {
    "login": "noroshi.directory.forms.SignInForm",
    "change_password": "noroshi.directory.forms.ChangePasswordForm",
    "reauthenticate": "noroshi.directory.forms.ConfirmPasswordForm",
}
MFA_FORMS = {
    "authenticate": "noroshi.directory.forms.CodeForm",
    "reauthenticate": "noroshi.directory.forms.ConfirmCodeForm",
    "activate_totp": "noroshi.directory.forms.ActivateAppForm",
    "add_webauthn": "noroshi.directory.forms.AddPasskeyForm",
}
# behind a proxy its last hop says whose address the rate limits count
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.flag("BEHIND_PROXY") else 0
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "mail"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # people come by an invitation mailed to their address
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_NOTIFICATIONS = True  # people get a mail when their password or key changes
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = NOROSHI_NAME
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _SECURE  # passkeys over http work on localhost only
SOCIALACCOUNT_PROVIDERS = env.openid_connect()

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _SECURE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 12
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [NOROSHI_URL]
CSRF_FAILURE_VIEW = "noroshi.desk.pages.csrf_failure"
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if _SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # form fields; files stream to disk
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_NUMBER_FILES = 500
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
NOROSHI_MAX_UPLOAD = 200 * 1024 * 1024  # bytes; larger files are refused before they are read

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
USE_I18N = True
LOCALE_PATHS = [PACKAGE / "formats" / "locale"]  # formats is no Django app
USE_TZ = True
TIME_ZONE = "Asia/Tokyo"
LANGUAGE_COOKIE_NAME = "noroshi_language"

STATIC_URL = "/static/"
STATIC_ROOT = NOROSHI_VAR / "static"
STORAGES = {
    # Nothing uses it: files go through core.files.
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG

# The table (directory.models.RateLimit) is shared by all web processes and outlives a restart, so
# attempts are counted once. More entries than the default 300, or a flood would push counts out.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "rate_limits",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
    "jobs": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "jobs"},
}

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("SMTP_HOST", "127.0.0.1")
EMAIL_PORT = int(env.text("SMTP_PORT", "25"))
EMAIL_HOST_USER = env.text("SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("SMTP_PASSWORD")
EMAIL_USE_TLS = env.flag("SMTP_STARTTLS")
EMAIL_USE_SSL = env.flag("SMTP_TLS")
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "noroshi@localhost")

Q_CLUSTER: dict[str, Any] = {
    "name": "noroshi",
    "orm": "default",
    "cache": "jobs",  # it writes its state twice a second
    "workers": int(env.text("WORKERS", "1")),
    "timeout": 600,
    "retry": 660,  # longer than timeout, or a slow job would run twice at once
    "max_attempts": 8,
    "ack_failures": False,
    "poll": 0.5,
    "queue_limit": 4,
    "bulk": 1,
    "catch_up": False,
    "save_limit": 500,
    "label": "Jobs",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "noroshi.config.logs.LineFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "WARNING")},
}

TEST_RUNNER = "django.test.runner.DiscoverRunner"
SILENCED_SYSTEM_CHECKS: list[str] = []
