"""Routes of monitoring_service."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView

from service_kit.observability import health

urlpatterns = [
    path("", include(health.urlpatterns)),
    path("admin/monitoring/", admin.site.urls),
    path("api/schema/monitoring/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("api/monitoring/", include("monitoring.urls")),
]

handler400 = "service_kit.api.errors.handler400"
handler404 = "service_kit.api.errors.handler404"
handler500 = "service_kit.api.errors.handler500"
