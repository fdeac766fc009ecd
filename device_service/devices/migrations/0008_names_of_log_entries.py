from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("devices", "0007_list_version_of_usernames")]

    operations = [
        migrations.AlterModelOptions(
            name="logentry", options={"verbose_name_plural": "log entries"}
        ),
    ]
