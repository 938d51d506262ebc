"""Instructions stand in quick search from now on: those that are there already are put in by jobs."""

from django.db import migrations

MAKE_FINDABLE = "noroshi.measures.jobs.make_findable"


def ask(apps, schema_editor):
    """In the background, oldest first: the newest is shown first."""
    from noroshi.core import jobs

    rows = apps.get_model("measures", "Instruction").objects.order_by("pk")
    jobs.enqueue_many(MAKE_FINDABLE, rows.values_list("public_id", flat=True))


class Migration(migrations.Migration):
    dependencies = [
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
        ("measures", "0001_initial"),
    ]

    operations = [migrations.RunPython(ask, migrations.RunPython.noop)]
