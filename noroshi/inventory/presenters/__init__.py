"""Rows of the inventory as the values that the page components take. Nothing here queries."""

from noroshi.inventory.presenters import components, imports, systems

__all__ = ["components", "imports", "systems"]
