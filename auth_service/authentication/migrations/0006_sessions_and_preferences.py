from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("authentication", "0005_user_skeleton")]

    operations = [
        migrations.AddField(
            model_name="refreshfamily",
            name="address",
            field=models.GenericIPAddressField(null=True),
        ),
        migrations.AddField(
            model_name="refreshfamily",
            name="user_agent",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(
                blank=True,
                choices=[("en", "English"), ("ro", "Română")],
                db_default="",
                default="",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="theme",
            field=models.CharField(
                blank=True,
                choices=[("light", "Light"), ("dark", "Dark"), ("auto", "System")],
                db_default="",
                default="",
                max_length=8,
            ),
        ),
        migrations.AddIndex(
            model_name="refreshfamily",
            index=models.Index(
                fields=["user", "-rotated_at", "-id"], name="refresh_family_last_used"
            ),
        ),
        migrations.AlterModelOptions(name="refreshfamily", options={"verbose_name": "session"}),
    ]
