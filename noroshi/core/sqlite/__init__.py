"""Django's SQLite backend on a SQLite that keeps what it acknowledged (ADR 0002)."""
