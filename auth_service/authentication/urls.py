"""Routes under /api/."""

from django.urls import path

from authentication import user_views, views

urlpatterns = [
    path("auth/register/", views.RegisterView.as_view()),
    path("auth/token/", views.TokenView.as_view()),
    path("auth/token/refresh/", views.TokenRefreshView.as_view()),
    path("auth/login/", views.LoginView.as_view()),
    path("auth/refresh/", views.RefreshView.as_view()),
    path("auth/logout/", views.LogoutView.as_view()),
    path("auth/me/", views.MeView.as_view()),
    path("auth/password/", views.PasswordView.as_view()),
    path("auth/jwks.json", views.KeySetView.as_view()),
    path("auth/events/", user_views.SecurityEventListView.as_view()),
    path("users/", user_views.UserListView.as_view()),
    path("users/<uuid:user_id>/", user_views.UserView.as_view()),
    path("users/<uuid:user_id>/sessions/", user_views.UserSessionsView.as_view()),
]
