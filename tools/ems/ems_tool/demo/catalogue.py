"""The accounts and devices of the demo."""

from __future__ import annotations

from typing import Any

#: Days of history that each device gets.
DAYS = 30
CLIENTS = (
    {"username": "anna", "first_name": "Anna", "last_name": "Berg", "email": "anna@example.org"},
    {
        "username": "marco",
        "first_name": "Marco",
        "last_name": "Conti",
        "email": "marco@example.org",
    },
)
#: Each with the client it is assigned to, and the simulator's settings: kWh in an hour of factor 1,
#: and the factors that differ from the default household's. No device counts what another counts:
#: the dashboard adds all devices of a client up, and a sub-meter would be in the sum twice.
DEVICES: tuple[dict[str, Any], ...] = (
    {
        "owner": "anna",
        "base_load_kwh": 0.45,
        "patterns": {},
        "device": {
            "name": "Flat 3",
            "device_type": "smart_meter",
            "serial_number": "DEMO-SM-0301",
            "manufacturer": "Meterworks",
            "model": "M3",
            "location": "Lindenweg 12, flat 3",
            "description": "Light, kitchen and sockets of flat 3",
            "timezone": "Europe/Berlin",
            "interval_seconds": 60,
            "max_consumption": 0.72,
            "max_power_kw": 14,
        },
    },
    {
        "owner": "anna",
        "base_load_kwh": 0.9,
        "patterns": {"night": 1.1, "day": 0.7, "evening": 1.2},
        "device": {
            "name": "Heat pump",
            "device_type": "smart_meter",
            "serial_number": "DEMO-SUB-0302",
            "manufacturer": "Meterworks",
            "model": "S1",
            "location": "Lindenweg 12, cellar",
            "description": "Heating and hot water, on a line of its own",
            "timezone": "Europe/Berlin",
            "interval_seconds": 300,
            "max_consumption": 1.5,
            "max_power_kw": 6,
        },
    },
    {
        "owner": "anna",
        "base_load_kwh": 0.04,
        "patterns": {"night": 1.0, "morning": 1.0, "day": 1.0, "evening": 1.0, "late": 1.0},
        "device": {
            "name": "Freezer",
            "device_type": "sensor",
            "serial_number": "DEMO-SEN-0303",
            "manufacturer": "Plugline",
            "model": "P16",
            "location": "Lindenweg 12, cellar",
            "description": "Socket sensor in the cellar, on the line of the house",
            "timezone": "Europe/Berlin",
            "interval_seconds": 600,
            "max_consumption": 0.2,
            "max_power_kw": 3,
        },
    },
    {
        "owner": "marco",
        "base_load_kwh": 6.5,
        "patterns": {"night": 0.3, "morning": 1.3, "day": 1.6, "evening": 0.8, "late": 0.4},
        "device": {
            "name": "Workshop machines",
            "device_type": "smart_meter",
            "serial_number": "DEMO-SM-0401",
            "manufacturer": "Meterworks",
            "model": "M3-CT",
            "location": "Hafenstrasse 4, hall B",
            "description": "Lathes, mill and welding, measured by current transformers",
            "timezone": "Europe/Rome",
            "interval_seconds": 60,
            "max_consumption": 11,
            "max_power_kw": 40,
        },
    },
    {
        "owner": "marco",
        "base_load_kwh": 2.2,
        "patterns": {"night": 0.2, "morning": 1.4, "day": 1.5, "evening": 0.6, "late": 0.2},
        "device": {
            "name": "Compressor",
            "device_type": "smart_meter",
            "serial_number": "DEMO-SUB-0402",
            "manufacturer": "Meterworks",
            "model": "S3",
            "location": "Hafenstrasse 4, machine room",
            "description": "Compressed air, on a line of its own",
            "timezone": "Europe/Rome",
            "interval_seconds": 300,
            "max_consumption": 3.5,
            "max_power_kw": 15,
        },
    },
    {
        "owner": "marco",
        "base_load_kwh": 0.35,
        "patterns": {"night": 0.1, "morning": 1.0, "day": 1.0, "evening": 1.2, "late": 0.3},
        "device": {
            "name": "Office sensor",
            "device_type": "sensor",
            "serial_number": "DEMO-SEN-0403",
            "manufacturer": "Plugline",
            "model": "P16",
            "location": "Hafenstrasse 4, office",
            "description": "Desks and light of the office, on the line of the house",
            "timezone": "Europe/Rome",
            "interval_seconds": 600,
            "max_consumption": None,
            "max_power_kw": 3,
        },
    },
)
