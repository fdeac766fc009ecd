"""Authentication by access token, checked against the service's own copy of the user.

The token's signature proves to whom the token was issued. Only the copy shows whether the user is
still active and in which role, because a token stays valid for ten minutes after a demotion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast
from uuid import UUID

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken

from service_kit.access.permissions import RoleHolder

if TYPE_CHECKING:
    from rest_framework_simplejwt.tokens import Token

    from service_kit.access.tokens import VerifiedAccessToken

#: How a request carries its token, for the texts of errors.
USAGE = "send: Authorization: Bearer <token>"


class Principal(RoleHolder, Protocol):
    """The user of a request, with the fields that all services have."""

    id: UUID
    username: str
    is_active: bool
    token_version: int

    @property
    def is_authenticated(self) -> bool:
        """Return True: only users with a checked token are Principals."""
        ...


class BearerAuthentication(JWTAuthentication):
    """`Authorization: Bearer <access token>`; each service's subclass looks up its own users.

    The accepted tokens are the setting `AUTH_TOKEN_CLASSES`, see `service_kit.settings.simple_jwt`.
    """

    def user_by_id(self, user_id: UUID) -> Principal | None:
        """Return the service's user of that id, None for an unknown or deleted one."""
        raise NotImplementedError

    def get_raw_token(self, header: bytes) -> bytes | None:
        """Return the token of the `Authorization` header, None for another scheme.

        Raises AuthenticationFailed for a header that holds no token, or more than one.
        """
        scheme, *values = header.split() or [b""]
        # RFC 9110: the name of a scheme is the same in lower and upper case.
        if scheme.lower() != b"bearer":
            return None
        if len(values) != 1:
            problem = "holds no token" if not values else "holds more than one token"
            text = f"The Authorization header {problem}; {USAGE}"
            raise AuthenticationFailed(text, code="bad_header")
        return values[0]

    def get_validated_token(self, raw_token: bytes) -> VerifiedAccessToken:
        """Return the claims of a token that is signed, current and complete.

        Raises AuthenticationFailed.
        """
        if not raw_token:
            raise AuthenticationFailed("The token is empty.", code="token_not_valid")
        if not raw_token.isascii():
            raise AuthenticationFailed("Token is invalid", code="token_not_valid")
        try:
            return cast("VerifiedAccessToken", super().get_validated_token(raw_token))
        except InvalidToken as error:
            reason = cast(Any, error.detail)["messages"][0]["message"]
            raise AuthenticationFailed(reason, code="token_not_valid") from error

    def get_user(self, validated_token: Token) -> Any:
        """Return the user of a token that is still valid. Raises AuthenticationFailed."""
        try:
            user_id = UUID(str(validated_token["sub"]))
        except ValueError as error:
            raise AuthenticationFailed("Token names no user.", code="token_not_valid") from error
        return check_still_valid(self.user_by_id(user_id), validated_token["ver"])

    def authenticate_token(self, raw_token: str) -> tuple[Principal, VerifiedAccessToken]:
        """Return user and claims of a token that came without a header, for example on a socket.

        Raises AuthenticationFailed.
        """
        # JSON can spell a lone surrogate, which UTF-8 cannot encode: without `surrogatepass` such a
        # token would end in a server error.
        token = self.get_validated_token(raw_token.encode(errors="surrogatepass"))
        return self.get_user(token), token


def check_still_valid(user: Principal | None, token_version: int) -> Principal:
    """Return the user if tokens of that version are still valid for this user.

    The role does not count: one that a newer release has sent grants no permission, and a 401 would
    make browsers refresh a token that is valid. Raises AuthenticationFailed.
    """
    if user is None:
        raise AuthenticationFailed("This account is not known here.", code="user_not_known")
    if not user.is_active or token_version < user.token_version:
        raise AuthenticationFailed("This session has ended.", code="session_ended")
    return user


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The OpenAPI description of `BearerAuthentication`, the same in all services."""

    target_class = BearerAuthentication
    match_subclasses = True
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
