from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("contests", "0014_owners")]
    operations = [migrations.RemoveField("contest", "organizer")]
