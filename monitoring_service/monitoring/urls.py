"""Routes below /api/monitoring/."""

from django.urls import path

from monitoring import views

urlpatterns = [
    path("hourly/daily/", views.DayView.as_view()),
    path("hourly/range/", views.HoursView.as_view()),
    path("data/", views.ReadingsView.as_view()),
    path("devices/", views.DevicesView.as_view()),
    path("ingestion/", views.LedgerView.as_view()),
    path("ingestion/unclaimed/", views.UnclaimedView.as_view()),
]
