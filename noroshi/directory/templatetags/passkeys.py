"""The values that a page hands to ``passkey.js``."""

from __future__ import annotations

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.template import Library

register = Library()


@register.filter
def as_json(value: Any) -> str:
    """``value`` as JSON text; the template escapes it into an attribute."""
    return json.dumps(value, cls=DjangoJSONEncoder)
