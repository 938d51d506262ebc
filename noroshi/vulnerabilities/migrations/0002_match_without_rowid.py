"""SQLite: keep matches in their primary key alone, as PostgreSQL cannot and need not."""

from django.db import migrations


def without_rowid(apps, schema_editor):
    if schema_editor.connection.vendor != "sqlite":
        return
    match = apps.get_model("vulnerabilities", "Match")
    table = match._meta.db_table
    schema_editor.execute(f'DROP TABLE "{table}"')
    schema_editor.execute(
        f'CREATE TABLE "{table}" ("affected_range_id" bigint NOT NULL, "component_id" bigint NOT NULL, '
        '"is_certain" bool NOT NULL, PRIMARY KEY ("affected_range_id", "component_id")) WITHOUT ROWID'
    )


class Migration(migrations.Migration):
    dependencies = [("vulnerabilities", "0001_initial")]

    operations = [
        # Nothing to undo: the table is dropped by undoing the first migration, and its rows can
        # be made again at any time.
        migrations.RunPython(without_rowid, migrations.RunPython.noop),
    ]
