"""Writes to the security log, in the same transaction as the action itself."""

from __future__ import annotations

from authentication.models import SecurityEvent, SecurityEventKind, User
from service_kit.http.client_address import current_client_address
from service_kit.http.request_id import current_request_id


def security_event(
    kind: SecurityEventKind,
    *,
    actor: User | None = None,
    subject: User | None = None,
    **details: object,
) -> None:
    """Append an entry; `details` must be JSON values without secrets."""
    SecurityEvent.objects.create(
        kind=kind,
        actor_id=actor.id if actor else None,
        actor_name=actor.username if actor else "",
        subject_id=subject.id if subject else None,
        subject_name=subject.username if subject else "",
        address=current_client_address(),
        request_id=current_request_id(),
        details=details,
    )
