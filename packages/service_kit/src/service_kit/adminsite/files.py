"""The Django app that holds the admin's templates and scripts."""

from __future__ import annotations

from django.apps import AppConfig


class AdminFilesConfig(AppConfig):
    """The app with templates and scripts of the admin."""

    name = "service_kit.adminsite"
    label = "adminsite"
