"""Demo data is added only where it was requested."""

from __future__ import annotations

from ems_tool.demo import catalogue, demo_data


def test_an_installation_started_without_demo_data_never_gets_any(home, os_user):
    assert not demo_data.is_included(home, os_user, requested=False)

    assert not demo_data.is_included(home, os_user, requested=True)


def test_an_interrupted_first_start_is_completed_by_the_next(home, os_user):
    assert demo_data.is_included(home, os_user, requested=True)

    assert demo_data.is_included(home, os_user, requested=True)


def test_an_installation_with_demo_data_can_be_started_without_its_simulator(home, os_user):
    os_user.folder(home.path / "demo")
    assert not demo_data.is_included(home, os_user, requested=False)

    assert demo_data.is_included(home, os_user, requested=True)


def test_demo_devices_are_six_shared_by_two_clients():
    serials = {entry["device"]["serial_number"] for entry in catalogue.DEVICES}

    assert len(serials) == 6
    for client in catalogue.CLIENTS:
        owned = [device for device in catalogue.DEVICES if device["owner"] == client["username"]]
        assert len(owned) == 3


def test_no_demo_device_counts_energy_that_another_one_of_its_client_counts():
    kinds = {entry["device"]["device_type"] for entry in catalogue.DEVICES}
    texts = [
        f"{entry['device']['name']}. {entry['device']['description']}".lower()
        for entry in catalogue.DEVICES
    ]

    # The dashboard adds all devices of a client up: a whole and its part would be counted twice.
    assert kinds == {"sensor", "smart_meter"}
    assert not [text for text in texts if "main meter" in text or "everything" in text]
