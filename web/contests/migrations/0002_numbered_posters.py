from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contests", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="rendition",
            name="number",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="of posters: 0 is the best"
            ),
        ),
        migrations.AlterField(
            model_name="conversion",
            name="reason",
            field=models.CharField(
                blank=True,
                help_text='code, see reasons.py; a SUCCEEDED one may be "partial"',
                max_length=40,
            ),
        ),
        # The new one first: MySQL wants an index below the foreign key at all times.
        migrations.AddConstraint(
            model_name="rendition",
            constraint=models.UniqueConstraint(
                fields=("conversion", "kind", "number"), name="one_rendition_per_number"
            ),
        ),
        migrations.RemoveConstraint(model_name="rendition", name="one_rendition_per_kind"),
    ]
