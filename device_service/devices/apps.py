"""The app that owns devices, their lifecycle, assignments and audit log."""

from django.apps import AppConfig


class DevicesConfig(AppConfig):
    name = "devices"
