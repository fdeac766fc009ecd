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


def test_demo_devices_are_six_of_three_kinds_shared_by_two_clients():
    kinds = [entry["device"]["device_type"] for entry in catalogue.DEVICES]
    serials = {entry["device"]["serial_number"] for entry in catalogue.DEVICES}

    assert sorted(set(kinds)) == ["sensor", "smart_meter", "sub_meter"]
    assert len(serials) == 6
    for client in catalogue.CLIENTS:
        owned = [device for device in catalogue.DEVICES if device["owner"] == client["username"]]
        assert len(owned) == 3
