"""The Django app of monitoring_service."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """The app, by which Django finds its models, migrations and commands."""

    name = "monitoring"
