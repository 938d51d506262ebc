"""Django's SQLite backend on a SQLite that loses no acknowledged row (ADR 0002)."""
