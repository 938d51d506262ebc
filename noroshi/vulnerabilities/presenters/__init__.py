"""Vulnerabilities as the values that the page components take, by page. Nothing here queries."""

from noroshi.vulnerabilities.presenters import advisories, assessing, lists, timeline, vulnerability

__all__ = ["advisories", "assessing", "lists", "timeline", "vulnerability"]
