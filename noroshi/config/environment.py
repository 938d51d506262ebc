"""The choices of an instance's operator, read once from ``NOROSHI_*`` and ``DATABASE_URL``.

The same settings file serves every instance: it calls this module and never reads ``os.environ``.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


def text(name: str, default: str = "") -> str:
    """The variable ``NOROSHI_<name>``, stripped."""
    return os.environ.get(f"NOROSHI_{name}", default).strip()


def flag(name: str, default: bool = False) -> bool:
    """A yes/no variable: ``1 yes true on`` mean yes, everything else no."""
    value = text(name)
    return value.lower() in {"1", "yes", "true", "on"} if value else default


def words(name: str, default: str = "") -> list[str]:
    """A comma separated variable as a list without empty entries."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def var_dir() -> Path:
    """The folder of this instance's database, files and key: ``NOROSHI_VAR``, else ``./var``."""
    return Path(text("VAR") or "var").resolve()


def secret_key(folder: Path) -> str:
    """The key in ``NOROSHI_SECRET_KEY`` or in the file ``secret_key``, made on first use.

    The file is created exclusively with mode 0600, so two processes that start together
    use the same key and nobody else reads it.
    """
    configured = text("SECRET_KEY")
    if configured:
        return configured
    path = folder / "secret_key"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as target:
        key = secrets.token_urlsafe(64)
        target.write(key)
    return key


def database(folder: Path) -> dict[str, Any]:
    """Django's ``DATABASES["default"]``: SQLite in ``folder``, or PostgreSQL by ``DATABASE_URL``.

    Raises ``ValueError`` for a scheme that is not ``postgres`` or ``postgresql``.
    """
    url = os.environ.get("DATABASE_URL", "").strip()
    if not url:
        return {
            "ENGINE": "noroshi.core.sqlite",
            "NAME": str(folder / "noroshi.sqlite3"),
            "CONN_MAX_AGE": 60,
            "TEST": {"NAME": ":memory:"},
            "OPTIONS": {
                "timeout": 20,
                # IMMEDIATE: a read that later writes would fail at once with "locked"
                "transaction_mode": "IMMEDIATE",
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
                    "PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY"
                ),
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(f"DATABASE_URL: {parts.scheme}:// is not read, use postgresql://")
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") or options.pop("host", ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "OPTIONS": options,
    }


def openid_connect() -> dict[str, Any]:
    """allauth's provider settings for an OpenID Connect server; empty without ``NOROSHI_OIDC_URL``.

    ``NOROSHI_OIDC_NAME``, ``_URL`` (of the discovery document's issuer), ``_CLIENT``, ``_SECRET``.
    """
    if not text("OIDC_URL"):
        return {}
    return {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "oidc",
                    "name": text("OIDC_NAME", "OpenID Connect"),
                    "client_id": text("OIDC_CLIENT"),
                    "secret": text("OIDC_SECRET"),
                    "settings": {"server_url": text("OIDC_URL")},
                }
            ],
        }
    }
