from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contests", "0005_share_images")]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="version",
            field=models.CharField(blank=True, max_length=1024),
        ),
    ]
