"""Readers have learnt: milestones come before their release, commits are no versions, and more."""

from django.db import migrations

ORDER_VERSIONS = "noroshi.inventory.jobs.order_versions_again"
READ_AGAIN = "noroshi.vulnerabilities.jobs.read_again"


def ask(apps, schema_editor):
    """Instances that have run already read what they hold once more, in the background."""
    from noroshi.core import jobs

    for app, model, path in (
        ("inventory", "System", ORDER_VERSIONS),
        ("vulnerabilities", "Advisory", READ_AGAIN),
    ):
        rows = apps.get_model(app, model).objects.order_by("pk")
        jobs.enqueue_many(path, rows.values_list("public_id", flat=True))


class Migration(migrations.Migration):
    dependencies = [
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
        ("inventory", "0001_initial"),
        ("vulnerabilities", "0006_asks"),
    ]

    operations = [migrations.RunPython(ask, migrations.RunPython.noop)]
