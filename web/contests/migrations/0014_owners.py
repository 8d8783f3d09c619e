"""Who made a contest owns it, and it is no draft: it was before the public already."""

from typing import Any

from django.db import migrations
from django.db.models import F


def fill(apps: Any, schema_editor: Any) -> None:
    contests = apps.get_model("contests", "Contest").objects
    member = apps.get_model("contests", "Member")
    owners = contests.values_list("pk", "organizer")
    member.objects.bulk_create(
        (member(contest_id=pk, user_id=user, role="owner") for pk, user in owners),
        batch_size=500,
        ignore_conflicts=True,
    )
    contests.filter(announced_at=None).update(announced_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("contests", "0013_contests_people_love")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
