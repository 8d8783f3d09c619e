from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contests", "0004_withdrawal_and_superseded"),
    ]

    operations = [
        migrations.AlterField(
            model_name="rendition",
            name="kind",
            field=models.CharField(
                choices=[("mp4", "Mp4"), ("poster", "Poster"), ("share", "Share")], max_length=10
            ),
        ),
    ]
