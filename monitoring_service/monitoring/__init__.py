"""The app of monitoring_service: readings, their hours, alerts and live updates."""
