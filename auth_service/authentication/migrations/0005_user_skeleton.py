from django.db import migrations, models

from authentication.usernames import username_skeleton

#: Accounts whose skeletons are computed and written at once.
BATCH = 1_000


def fill(apps, schema_editor):
    """Give every account its skeleton; of several that look alike the oldest one.

    The others go on signing in: a name that somebody has is not taken away.
    """
    User = apps.get_model("authentication", "User")
    users = User.objects.filter(deleted=False).order_by("created_at", "id")
    taken = set()
    batch = []
    for user in users.only("id", "username").iterator(BATCH):
        skeleton = username_skeleton(user.username)
        if skeleton not in taken:
            taken.add(skeleton)
            user.username_skeleton = skeleton
            batch.append(user)
    User.objects.bulk_update(batch, ["username_skeleton"], batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("authentication", "0004_refreshfamily_successor_salt")]

    operations = [
        # Empty is allowed: the former version goes on adding accounts while this is there.
        migrations.AddField(
            model_name="user",
            name="username_skeleton",
            field=models.CharField(editable=False, max_length=64, null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                fields=("username_skeleton",), name="user_skeleton_unique"
            ),
        ),
    ]
