"""The app that replaces `django.contrib.admin`."""

from __future__ import annotations

from importlib import import_module

from django.apps import apps
from django.contrib.admin.apps import SimpleAdminConfig
from django.utils.module_loading import module_has_submodule


class PlatformAdminConfig(SimpleAdminConfig):
    """Finds the `admin.py` of our own apps, and none of Django's.

    Django's would register users and groups with passwords that mean nothing here.
    """

    default_site = "service_kit.adminsite.site.PlatformAdminSite"

    def ready(self) -> None:
        """Import the admin modules of our own apps."""
        super().ready()
        for app in apps.get_app_configs():
            ours = not app.name.startswith("django.")
            if ours and app.module and module_has_submodule(app.module, "admin"):
                import_module(f"{app.name}.admin")
