from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("authentication", "0003_security_log_is_append_only")]

    operations = [
        migrations.AddField(
            model_name="refreshfamily",
            name="successor_salt",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
    ]
