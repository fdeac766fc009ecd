"""Create the installation's first administrator."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rest_framework.exceptions import ValidationError

from authentication.accounts.selectors import user_find_by_username
from authentication.accounts.serializers import UserCreateSerializer
from authentication.accounts.services import user_create
from authentication.models import Role
from service_kit.access.permissions import Permission, has_permission
from service_kit.settings import environment

PASSWORD_VARIABLE = "ADMIN_PASSWORD"  # noqa: S105 - a name


class Command(BaseCommand):
    """The command."""

    help = f"Create an administrator with the password in {PASSWORD_VARIABLE}, if there is none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the name of the administrator."""
        parser.add_argument("--username", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the account if there is none of that name."""
        username: str = options["username"]
        user = user_find_by_username(username=username)
        if user is None:
            data = {"username": username, "password": self.password(), "role": Role.ADMIN.value}
            try:
                account = UserCreateSerializer(data=data)
                account.is_valid(raise_exception=True)
                user = user_create(**account.validated_data)
            except ValidationError as error:
                raise CommandError(str(error.detail)) from error
            self.stdout.write(f"created administrator {user.username}")
        elif has_permission(user, Permission.MANAGE_USERS):
            # Unchanged: a password that was changed after the installation must survive a restart.
            self.stdout.write(f"administrator {user.username} is there")
        else:
            raise CommandError(f"{user.username} exists and is no administrator")

    def password(self) -> str:
        """Return the password from the environment. Raises CommandError without one."""
        # Every user of the machine can read the arguments of a process, but not its environment.
        password: str = environment().str(PASSWORD_VARIABLE, default="")
        if not password:
            raise CommandError(f"{PASSWORD_VARIABLE} is not set")
        return password
