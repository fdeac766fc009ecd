"""Routes under /api/."""

from django.urls import path

from authentication.accounts import views as accounts
from authentication.credentials import views as credentials
from authentication.security_log import views as security_log
from authentication.sessions import views as sessions
from authentication.tokens import views as tokens

urlpatterns = [
    path("auth/register/", accounts.RegisterView.as_view()),
    path("auth/token/", sessions.TokenView.as_view()),
    path("auth/token/refresh/", sessions.TokenRefreshView.as_view()),
    path("auth/login/", sessions.LoginView.as_view()),
    path("auth/refresh/", sessions.RefreshView.as_view()),
    path("auth/logout/", sessions.LogoutView.as_view()),
    path("auth/sessions/", sessions.SessionListView.as_view()),
    path("auth/sessions/<uuid:session_id>/", sessions.SessionView.as_view()),
    path("auth/me/", accounts.MeView.as_view()),
    path("auth/password/", credentials.PasswordView.as_view()),
    path("auth/jwks.json", tokens.KeySetView.as_view()),
    path("auth/events/", security_log.SecurityEventListView.as_view()),
    path("users/", accounts.UserListView.as_view()),
    path("users/<uuid:user_id>/", accounts.UserView.as_view()),
    path("users/<uuid:user_id>/sessions/", accounts.UserSessionsView.as_view()),
]
