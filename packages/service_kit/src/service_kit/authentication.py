"""Who is asking: a bearer token checked against this service's own copy of the user.

The token's signature says who it was issued to; whether they are still active, and as what, only
the copy knows, because a token outlives a demotion by up to ten minutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast, get_args
from uuid import UUID

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError

from energy_contracts.events import Role
from service_kit.tokens import VerifiedAccessToken

if TYPE_CHECKING:
    # DRF's views import this module through the settings: at run time it would be a circle.
    from rest_framework.views import APIView


#: Roles that grant something; an account with any other role has no rights anywhere.
KNOWN_ROLES = frozenset(get_args(Role))


class Principal(Protocol):
    """What every service's user offers to whoever checks access."""

    id: UUID
    username: str
    role: str
    is_active: bool
    token_version: int

    @property
    def is_authenticated(self) -> bool: ...

    @property
    def is_admin(self) -> bool: ...


def verified_claims(raw_token: str) -> VerifiedAccessToken:
    """The token's claims. Raises AuthenticationFailed."""
    if not raw_token.isascii():
        # PyJWT encodes it first, and a lone surrogate, which JSON can spell, has no encoding.
        raise AuthenticationFailed("Token is invalid", code="token_not_valid")
    try:
        return VerifiedAccessToken(cast(Any, raw_token))
    except TokenError as error:
        raise AuthenticationFailed(str(error), code="token_not_valid") from error


def check_still_valid(user: Principal | None, token: VerifiedAccessToken) -> Principal:
    """Return the user, if the token is still valid for them. Raises AuthenticationFailed."""
    if user is None:
        raise AuthenticationFailed("This account is not known here.", code="user_not_known")
    if user.role not in KNOWN_ROLES:
        # Of a newer release: this one does not know what the role permits.
        raise AuthenticationFailed("The account's role is not known here.", code="role_not_known")
    if not user.is_active or token["ver"] < user.token_version:
        raise AuthenticationFailed("This session has ended.", code="session_ended")
    return user


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`; services subclass it with their user lookup."""

    def user(self, user_id: UUID) -> Principal | None:
        """This service's user of that id, or None."""
        raise NotImplementedError

    def authenticate(self, request: Request) -> tuple[Principal, VerifiedAccessToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        if len(parts) != 2:
            raise AuthenticationFailed("Send: Authorization: Bearer <token>", code="bad_header")
        return self.authenticate_token(parts[1].decode("latin-1"))

    def authenticate_token(self, raw_token: str) -> tuple[Principal, VerifiedAccessToken]:
        """User and claims of a token, also for sockets. Raises AuthenticationFailed."""
        token = verified_claims(raw_token)
        try:
            user_id = UUID(str(token["sub"]))
        except ValueError as error:
            raise AuthenticationFailed("Token names no user.", code="token_not_valid") from error
        return check_still_valid(self.user(user_id), token), token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schemas of all services tell that a route wants an access token."""

    target_class = BearerAuthentication
    match_subclasses = True
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class IsAdmin(BasePermission):
    """Administrators only."""

    message = "Only administrators may do this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = cast("Principal | None", request.user)
        return user is not None and user.is_authenticated and user.is_admin
