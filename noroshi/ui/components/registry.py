"""The one tag library that all component modules fill."""

from __future__ import annotations

from django.template import Library
from django.utils.safestring import SafeString

register = Library()
NOTHING = SafeString("")
