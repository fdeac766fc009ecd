"""Routes below /api/devices/."""

from django.urls import path

from devices.assignments import views as assignments
from devices.bulk import views as bulk
from devices.channels import views as channels
from devices.files import views as files
from devices.inventory import views as inventory
from devices.inventory.lifecycle import ACTIONS
from devices.log import views as log
from devices.meters import views as meters
from devices.models import DeviceStatus

urlpatterns = [
    path("", inventory.DeviceListView.as_view()),
    *(
        path(f"{status}/", inventory.DevicesInStatusView.as_view(device_status=status))
        for status in (DeviceStatus.IN_STOCK, DeviceStatus.DEPLOYED, DeviceStatus.MAINTENANCE)
    ),
    path("bulk/", bulk.BulkView.as_view()),
    path("import/", files.ImportView.as_view()),
    path("export/", files.ExportView.as_view()),
    path("logs/", log.LogListView.as_view()),
    path("<uuid:device_id>/", inventory.DeviceView.as_view()),
    path("<uuid:device_id>/status/", inventory.StatusView.as_view()),
    *(
        path(f"<uuid:device_id>/{action}/", inventory.TransitionView.as_view(target=target))
        for action, target in ACTIONS.items()
    ),
    path("<uuid:device_id>/logs/", log.DeviceLogListView.as_view()),
    path("<uuid:device_id>/channels/", channels.ChannelListView.as_view()),
    path("<uuid:device_id>/channels/<slug:code>/", channels.ChannelView.as_view()),
    path("<uuid:device_id>/meters/", meters.MeterListView.as_view()),
    path("<uuid:device_id>/meters/<uuid:meter_id>/", meters.MeterView.as_view()),
    path("<uuid:device_id>/assignments/", assignments.AssignmentListView.as_view()),
    path("<uuid:device_id>/assignments/<uuid:user_id>/", assignments.AssignmentView.as_view()),
]
