from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_initial")]

    operations = [
        # The copy cannot know it by itself: the next snapshot of auth_service fills it in.
        migrations.AddField(
            model_name="knownuser",
            name="created_at",
            field=models.DateTimeField(null=True),
        ),
    ]
