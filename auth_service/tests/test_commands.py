"""The commands of an installation: its first administrator, the totals of its backup."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from authentication.accounts.services import user_create
from authentication.models import SecurityEvent, User

SECRET = "a long first secret"


@pytest.fixture
def admin_password(monkeypatch):
    monkeypatch.setenv("ADMIN_PASSWORD", SECRET)


def test_the_command_creates_the_first_administrator_once(db, admin_password, events):
    call_command("ensure_admin", username="root")
    call_command("ensure_admin", username="Root")

    root = User.objects.get()
    assert (root.username, root.role, root.check_password(SECRET)) == ("root", "admin", True)
    assert [kind for kind, _, _ in events()] == ["user_created"]


def test_the_command_keeps_a_password_that_was_changed(db, admin_password):
    user_create(username="root", password="another long secret", role="admin")

    call_command("ensure_admin", username="root")

    assert User.objects.get().check_password("another long secret")


def test_the_command_fails_for_the_name_of_a_client(alice, admin_password):
    with pytest.raises(CommandError, match="no administrator"):
        call_command("ensure_admin", username="alice")

    assert not User.objects.filter(role="admin").exists()


def test_the_command_names_a_missing_password(db, monkeypatch):
    monkeypatch.delenv("ADMIN_PASSWORD", raising=False)

    with pytest.raises(CommandError, match="ADMIN_PASSWORD"):
        call_command("ensure_admin", username="root")


@pytest.mark.parametrize(("username", "password"), [("root", "12345678"), ("two words", SECRET)])
def test_the_command_rejects_weak_passwords_and_malformed_names(
    db, monkeypatch, username, password
):
    monkeypatch.setenv("ADMIN_PASSWORD", password)

    with pytest.raises(CommandError):
        call_command("ensure_admin", username=username)

    assert not User.objects.exists()


def test_the_totals_of_a_backup_count_users_changes_and_security_events(db, capsys):
    user_create(username="anna", password="another long secret", role="client")

    call_command("backup_totals")

    totals = json.loads(capsys.readouterr().out)
    assert totals == {
        "users": 1,
        "changes": User.objects.get().version,
        "security_events": SecurityEvent.objects.count(),
    }
