from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="outboxevent",
            name="traceparent",
            # The former version goes on appending while this is there and does not know of it.
            field=models.TextField(null=True),
        ),
    ]
