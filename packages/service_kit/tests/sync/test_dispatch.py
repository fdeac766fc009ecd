"""Events of newer releases: receivers ignore unknown types and values, and reject broken events."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

import pytest
from prometheus_client import REGISTRY

from energy_contracts.events import UserData, encode_event, new_event
from service_kit.identity.handlers import on_user_saved
from service_kit.identity.models import KnownUser
from service_kit.sync import dispatch
from service_kit.sync.dispatch import Handlers
from service_kit.sync.models import SnapshotCheck
from service_kit.sync.reconcile import on_snapshot_published
from service_kit.testing.deliveries import handle_bodies

HANDLERS: Handlers = {
    "user_created": on_user_saved,
    "user_updated": on_user_saved,
    "snapshot_published": on_snapshot_published,
}


def body_of(user_id: UUID, version: int = 1, **changes: object) -> bytes:
    """Return a user's event; `changes` replace fields of its envelope, `data` those of its data."""
    user = UserData(id=user_id, username="ann", role="client", is_active=True, token_version=1)
    event = new_event("user_created", version=version, source="auth_service", data=user)
    body = json.loads(encode_event(event))
    body["data"].update(changes.pop("data", {}))  # type: ignore[call-overload]
    return json.dumps({**body, **changes}).encode()


def unknown_events(event_type: str) -> float:
    return REGISTRY.get_sample_value("ems_unknown_events_total", {"event_type": event_type}) or 0.0


def test_an_event_of_an_unknown_type_is_counted_logged_once_and_not_rejected(db, caplog):
    dispatch._log_unknown.cache_clear()
    before = unknown_events("site_created")
    user_id = uuid4()
    foreign = body_of(uuid4(), event_type="site_created", data={"area": 7})

    assert handle_bodies([foreign, body_of(user_id), foreign], HANDLERS) == []

    assert unknown_events("site_created") == before + 2
    assert caplog.text.count("site_created") == 1
    assert KnownUser.objects.get().id == user_id


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"version": 0}, "out_of_range"),
        ({"data": {"username": None}}, "wrong_type"),
        ({"event_type": "site_created", "version": None}, "wrong_type"),
    ],
)
def test_a_broken_event_is_rejected_also_one_of_an_unknown_type(db, changes, reason):
    (rejected,) = handle_bodies([body_of(uuid4(), **changes)], HANDLERS)

    assert rejected.reason == reason


@pytest.mark.parametrize("role", ["operator", "a-role-of-thirty-two-characters-x", ""])
def test_the_copy_of_a_user_keeps_a_role_that_it_does_not_know(db, role):
    user_id = uuid4()
    handle_bodies([body_of(user_id)], HANDLERS)

    assert handle_bodies([body_of(user_id, 2, data={"role": role[:32]})], HANDLERS) == []

    user = KnownUser.objects.get(id=user_id)
    assert (user.role, user.version) == (role[:32], 2)


def test_a_digest_of_an_unknown_subject_is_ignored_and_its_neighbours_are_compared(db, settings):
    digest = {"count": 0, "versions": 0, "digest": "0" * 16}
    snapshot = body_of(uuid4(), event_type="snapshot_published")
    body = {
        **json.loads(snapshot),
        "data": {"digests": [{"subject": "site", **digest}, {"subject": "user", **digest}]},
    }
    settings.SYNC_COPIES = f"{__name__}.COPIES"

    assert handle_bodies([json.dumps(body).encode()], HANDLERS) == []

    (check,) = SnapshotCheck.objects.all()
    assert (check.subject, check.agreed) == ("user", True)


#: Named by the setting in the test above.
COPIES = {"user": "SELECT id::text AS key, version, NOT deleted AS alive FROM known_user"}
