"""Models and fields take names from the field; tables, columns, indexes and constraints keep theirs."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vulnerabilities", "0007_read_again")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[],
            state_operations=[
                migrations.RemoveIndex("assessment", "assessment_asks"),
                migrations.RemoveConstraint("kinship", "kinship_once"),
                migrations.RemoveConstraint("alias", "alias_once_in_team"),
                migrations.AlterModelTable("advisedproduct", "vulnerabilities_advisedproduct"),
                migrations.AlterModelTable("productstem", "vulnerabilities_productstem"),
                migrations.AlterModelTable("kinship", "vulnerabilities_kinship"),
                migrations.RenameModel("AdvisedProduct", "AdvisoryProduct"),
                migrations.RenameModel("ProductStem", "ProductNameKey"),
                migrations.RenameModel("Kinship", "ProductMapping"),
                migrations.RenameField("advisoryproduct", "stem", "name_key"),
                migrations.AlterField(
                    "advisoryproduct", "name_key",
                    models.CharField(db_column="stem", db_index=True, max_length=100),
                ),
                migrations.RenameField("productnamekey", "stem", "name_key"),
                migrations.AlterField(
                    "productnamekey", "name_key",
                    models.CharField(db_column="stem", db_index=True, max_length=100),
                ),
                migrations.RenameField("productmapping", "advised", "advisory_product"),
                migrations.AlterField(
                    "productmapping", "advisory_product",
                    models.ForeignKey(
                        db_column="advised_id", on_delete=django.db.models.deletion.CASCADE,
                        related_name="+", to="vulnerabilities.advisoryproduct",
                    ),
                ),
                migrations.RenameField("alias", "advised_vendor", "advisory_vendor"),
                migrations.AlterField(
                    "alias", "advisory_vendor",
                    models.CharField(db_column="advised_vendor", max_length=300),
                ),
                migrations.RenameField("alias", "advised_name", "advisory_name"),
                migrations.AlterField(
                    "alias", "advisory_name",
                    models.CharField(db_column="advised_name", max_length=500),
                ),
                migrations.RenameField("assessment", "asks", "needs_answer"),
                migrations.AlterField(
                    "assessment", "needs_answer",
                    models.BooleanField(db_column="asks", default=False),
                ),
                migrations.AddIndex(
                    "assessment",
                    models.Index(
                        condition=models.Q(("needs_answer", True)), fields=["team"],
                        name="assessment_asks",
                    ),
                ),
                migrations.AddConstraint(
                    "productmapping",
                    models.UniqueConstraint(
                        fields=("advisory_product", "product"), name="kinship_once"
                    ),
                ),
                migrations.AddConstraint(
                    "alias",
                    models.UniqueConstraint(
                        fields=(
                            "team", "advisory_name", "installed_name", "advisory_vendor",
                            "installed_vendor",
                        ),
                        name="alias_once_in_team",
                    ),
                ),
            ],
        )
    ]
