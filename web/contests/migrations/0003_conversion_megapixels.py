from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contests", "0002_numbered_posters")]

    operations = [
        migrations.AddField(
            model_name="conversion",
            name="megapixels",
            field=models.FloatField(
                help_text="the work in it, as the worker measured it; null before it has looked",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="conversion",
            name="ready_at",
            field=models.DateTimeField(help_text="when its worker expects to be done", null=True),
        ),
    ]
