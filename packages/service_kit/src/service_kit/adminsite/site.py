"""Django's admin site, opened by the platform's permissions instead of Django's users."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.messages.middleware import MessageMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import decorator_from_middleware, method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import AuthenticationFailed

from service_kit.access.authentication import USAGE, Principal
from service_kit.access.permissions import DENIED, Permission, has_permission
from service_kit.adminsite.session import AdminUser, admin_of, authenticator, forget, remember
from service_kit.api.errors import PROBLEM_JSON, problem

#: Django's way to have messages, for the admin's views alone: the API knows none.
_with_messages = decorator_from_middleware(MessageMiddleware)


class PlatformAdminSite(AdminSite):
    """An admin site without passwords, sessions and groups of its own."""

    index_template = "kit_admin/index.html"
    enable_nav_sidebar = False
    site_url = "/"

    def __init__(self, name: str = "admin") -> None:
        """Name the site after the platform and the subject of the service."""
        super().__init__(name)
        subject = settings.SPECTACULAR_SETTINGS["TITLE"]
        self.site_header = self.site_title = f"Energy · {subject}"
        self.index_title = subject

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Wrap a view so that the cookie decides the user."""
        inner: Callable[..., HttpResponseBase] = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request.user = admin_of(request)  # type: ignore[assignment]
            return inner(request, *args, **kwargs)

        return _with_messages(guarded)

    def has_permission(self, request: Any) -> bool:
        """Return whether the request has an administrator."""
        return isinstance(getattr(request, "user", None), AdminUser)

    def get_urls(self) -> list[Any]:
        """Return the routes, including the route of the session."""
        return [path("session/", csrf_exempt(self.session), name="session"), *super().get_urls()]

    @method_decorator(never_cache)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Return the page whose script opens the admin with the platform's session."""
        request.user = admin_of(request)  # type: ignore[assignment]
        index = reverse("admin:index")
        target = request.GET.get("next", index)
        if not target.startswith(index) or not url_has_allowed_host_and_scheme(target, None):
            target = index
        if self.has_permission(request):
            return redirect(target)
        context = {
            **self.each_context(request),
            "title": "Log in",
            "wanted": target,
            # After a log-out, no automatic login from the session of the platform.
            "silent": "left" not in request.GET,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "kit_admin/login.html", context)

    @method_decorator(never_cache)
    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Leave the admin; the platform's session stays open."""
        response = redirect(f"{reverse('admin:login')}?left=1")
        forget(response)
        return response

    def session(self, request: HttpRequest) -> HttpResponse:
        """Open the admin by an administrator's access token in the `Authorization` header.

        Another site cannot send that header, so no CSRF token is needed.
        """
        if request.method != "POST":
            return _rejected(405, "method_not_allowed", "Send a POST request.")
        try:
            authenticated = authenticator().authenticate(cast(Any, request))
        except AuthenticationFailed as error:
            return _rejected(401, str(error.get_codes()), str(error.detail))
        if authenticated is None:
            text = f"The request has no access token; {USAGE}"
            return _rejected(401, "not_authenticated", text)
        principal = cast(Principal, authenticated[0])
        if not has_permission(principal, Permission.OPEN_ADMIN_SITE):
            return _rejected(403, "permission_denied", DENIED)
        response = HttpResponse(status=204)
        remember(request, response, principal)
        return response


def _rejected(status: int, code: str, detail: str) -> HttpResponse:
    return JsonResponse(
        problem(status, code=code, detail=detail), status=status, content_type=PROBLEM_JSON
    )
