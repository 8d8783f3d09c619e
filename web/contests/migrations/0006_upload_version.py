from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contests", "0005_share_images")]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="version",
            # By the database: code of before this migration still writes rows.
            field=models.CharField(blank=True, db_default="", default="", max_length=1024),
        ),
    ]
