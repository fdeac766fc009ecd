"""Routes below /api/monitoring/."""

from django.urls import path, re_path

from monitoring import ingestion_views, views

urlpatterns = [
    path("hourly/daily/", views.DayView.as_view()),
    path("hourly/range/", views.HoursView.as_view()),
    path("series/", views.SeriesView.as_view()),
    path("stats/", views.StatsView.as_view()),
    path("data/", views.ReadingsView.as_view()),
    path("data/removed/", views.RemovedReadingsView.as_view()),
    path("devices/", views.DevicesView.as_view()),
    path("alerts/", views.AlertsView.as_view()),
    # More digits than a key can have name no alert.
    re_path(r"^alerts/(?P<alert_id>[0-9]{1,18})/acknowledge/$", views.AcknowledgeView.as_view()),
    path("ingestion/", ingestion_views.LedgerView.as_view()),
    path("ingestion/unclaimed/", ingestion_views.UnclaimedView.as_view()),
    path("ingestion/dead-letters/", ingestion_views.DeadLettersView.as_view()),
    path("ingestion/dead-letters/replay/", ingestion_views.ReplayView.as_view()),
]
