from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contests", "0004_withdrawal_and_superseded")]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="version",
            field=models.CharField(blank=True, max_length=1024),
        ),
    ]
