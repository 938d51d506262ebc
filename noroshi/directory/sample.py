"""The one-click way in of the sample, which only the person at the machine itself is offered."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port

# A proxy on this machine would make everybody look local: it names whom it speaks for in these.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")


def is_offered(request: HttpRequest) -> bool:
    """Is this instance a sample, and asked from this machine under this machine's own name?"""
    if not settings.NOROSHI_SAMPLE or any(name in request.headers for name in FORWARDED):
        return False
    host = split_domain_port(request.get_host())[0].strip("[]")
    return _is_loopback(request.META.get("REMOTE_ADDR", "")) and (
        host == "localhost" or _is_loopback(host)
    )


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
