"""The Django app of monitoring_service."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "monitoring"
