from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contests", "0003_conversion_megapixels"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversion",
            name="superseded_at",
            field=models.DateTimeField(db_index=True, null=True),
        ),
        migrations.AddField(
            model_name="entry",
            name="withdrawn_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="conversion",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "Waiting"),
                    ("running", "Converting"),
                    ("succeeded", "Ready"),
                    ("failed", "Refused"),
                    ("dead", "Stuck"),
                    ("cancelled", "Withdrawn"),
                ],
                default="queued",
                max_length=10,
            ),
        ),
    ]
