"""Routes of auth_service."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView

from authentication.docs import docs
from service_kit import health

urlpatterns = [
    path("", include(health.urlpatterns)),
    path("admin/auth/", admin.site.urls),
    path("api/schema/auth/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("api/docs/", docs),
    path("api/", include("authentication.urls")),
]

handler400 = "service_kit.errors.handler400"
handler404 = "service_kit.errors.handler404"
handler500 = "service_kit.errors.handler500"
