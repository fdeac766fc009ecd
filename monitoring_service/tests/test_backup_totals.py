"""The totals that are compared between a saved and a restored database."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command

from monitoring.ingest.pipeline import store_messages

from .dead_letters.queues import message

pytestmark = pytest.mark.django_db


def test_the_totals_of_a_backup_count_hours_energy_readings_and_the_ledger(meter, cache, capsys):
    bodies = [message(meter, 0, 0.1), message(meter, 10, 0.25), message(meter, 60, 1), "nonsense"]
    store_messages([json.dumps(body).encode() for body in bodies], cache)

    call_command("backup_totals")

    assert json.loads(capsys.readouterr().out) == {
        "hours": 2,
        "milliwatt_hours": "1350000",
        "readings": 3,
        "received": 4,
        "alerts": 0,
    }
