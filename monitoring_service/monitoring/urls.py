"""Routes below /api/monitoring/."""

from django.urls import path, re_path

from monitoring.alerts.views import AcknowledgeView, AlertsView
from monitoring.dead_letters.views import DeadLettersView, DiscardsView, ReplayView
from monitoring.energy.views import (
    DayView,
    DevicesView,
    HoursView,
    SeriesView,
    StatesView,
    StatsView,
)
from monitoring.held.views import AcceptView, DismissView, HeldView, UndoView
from monitoring.ledger.views import LedgerView, UnregisteredView
from monitoring.readings.views import ReadingsView, RemovedReadingsView

urlpatterns = [
    path("hourly/daily/", DayView.as_view()),
    path("hourly/range/", HoursView.as_view()),
    path("series/", SeriesView.as_view()),
    path("stats/", StatsView.as_view()),
    path("data/", ReadingsView.as_view()),
    path("data/removed/", RemovedReadingsView.as_view()),
    path("devices/", DevicesView.as_view()),
    path("devices/states/", StatesView.as_view()),
    path("alerts/", AlertsView.as_view()),
    # More digits than a key can have name no alert.
    re_path(r"^alerts/(?P<alert_id>[0-9]{1,18})/acknowledge/$", AcknowledgeView.as_view()),
    path("held/", HeldView.as_view()),
    re_path(r"^held/(?P<jump_id>[0-9]{1,18})/accept/$", AcceptView.as_view()),
    re_path(r"^held/(?P<jump_id>[0-9]{1,18})/dismiss/$", DismissView.as_view()),
    re_path(r"^held/(?P<jump_id>[0-9]{1,18})/undo/$", UndoView.as_view()),
    path("ingestion/", LedgerView.as_view()),
    path("ingestion/unclaimed/", UnregisteredView.as_view()),
    path("ingestion/dead-letters/", DeadLettersView.as_view()),
    path("ingestion/dead-letters/replay/", ReplayView.as_view()),
    path("ingestion/dead-letters/discards/", DiscardsView.as_view()),
]
