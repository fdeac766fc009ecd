"""Routes below /api/devices/."""

from django.urls import path

from devices import bulk_views, views
from devices.lifecycle import ACTIONS, DeviceStatus

urlpatterns = [
    path("", views.DeviceListView.as_view()),
    *(
        path(f"{status}/", views.DevicesInStatusView.as_view(device_status=status))
        for status in (DeviceStatus.IN_STOCK, DeviceStatus.DEPLOYED, DeviceStatus.MAINTENANCE)
    ),
    path("import/", bulk_views.ImportView.as_view()),
    path("export/", bulk_views.ExportView.as_view()),
    path("logs/", views.LogListView.as_view()),
    path("<uuid:device_id>/", views.DeviceView.as_view()),
    path("<uuid:device_id>/status/", views.StatusView.as_view()),
    *(
        path(f"<uuid:device_id>/{action}/", views.TransitionView.as_view(target=target))
        for action, target in ACTIONS.items()
    ),
    path("<uuid:device_id>/logs/", views.DeviceLogListView.as_view()),
    path("<uuid:device_id>/assignments/", views.AssignmentListView.as_view()),
    path("<uuid:device_id>/assignments/<uuid:user_id>/", views.AssignmentView.as_view()),
]
