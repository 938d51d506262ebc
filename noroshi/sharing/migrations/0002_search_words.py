"""The words of quick search: FTS5 on SQLite, a tsvector column on PostgreSQL."""

from django.db import migrations

SQLITE = (
    "CREATE VIRTUAL TABLE sharing_search_words USING fts5("
    "words, content='', contentless_delete=1, tokenize=\"unicode61 remove_diacritics 0\")",
)
POSTGRES = (
    "ALTER TABLE sharing_searchentry ADD COLUMN words tsvector",
    "CREATE INDEX sharing_search_words ON sharing_searchentry USING gin (words)",
)


def make(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRES:
        schema_editor.execute(statement)


def unmake(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE sharing_search_words")
    else:
        schema_editor.execute("ALTER TABLE sharing_searchentry DROP COLUMN words")


class Migration(migrations.Migration):
    dependencies = [("sharing", "0001_initial")]
    operations = [migrations.RunPython(make, unmake)]
