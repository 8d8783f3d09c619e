import secrets
from typing import Any

from django.db import migrations, models


def make_key(apps: Any, schema_editor: Any) -> None:
    apps.get_model("backends", "SharedKey").objects.create(value=secrets.token_urlsafe(64))


class Migration(migrations.Migration):
    dependencies = [("backends", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="SharedKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("value", models.CharField(max_length=100)),
            ],
        ),
        migrations.RunPython(make_key, migrations.RunPython.noop),
    ]
