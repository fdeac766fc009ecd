"""Routes of auth_service."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView

from authentication.docs import docs
from service_kit.api.errors import too_many_sign_ins
from service_kit.observability import health

urlpatterns = [
    path("", include(health.urlpatterns)),
    # The gateway fetches this error body; clients cannot reach it.
    path("problems/too-many-sign-ins", too_many_sign_ins),
    path("admin/auth/", admin.site.urls),
    path("api/schema/auth/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("api/docs/", docs),
    path("api/", include("authentication.urls")),
]

handler400 = "service_kit.api.errors.handler400"
handler404 = "service_kit.api.errors.handler404"
handler500 = "service_kit.api.errors.handler500"
