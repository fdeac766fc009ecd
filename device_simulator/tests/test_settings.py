"""An error names the wrong field, its value and the allowed values; arguments override the file."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from device_simulator import settings
from device_simulator.pattern import DEFAULT_PATTERNS
from device_simulator.settings import ConfigError, Overrides

ALICE = "4c189959-e674-4eaa-8ebb-98fd953657c5"
BOB = "0d3f9a57-6a1e-4c58-8f0b-5b8f4f6f2a21"
CHARLIE = "b7a0c8d4-3e25-47c6-8d6d-92e1c4a95e32"
URL = "amqp://meters:correct-horse@127.0.0.1:5672/"
COMMITTED = Path(__file__).resolve().parents[1] / "config.json"


@pytest.fixture
def load(tmp_path: Path):
    def from_content(content: object, environment: dict | None = None, **overrides: object):
        path = tmp_path / "config.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return settings.load(path, Overrides(**overrides), environment or {})

    return from_content


def config(**fields: object) -> dict[str, object]:
    return {"device_id": ALICE, "rabbitmq": URL, **fields}


def test_a_device_has_the_documented_defaults(load) -> None:
    [device] = load(config()).devices

    assert device.device_id == ALICE
    assert device.interval_seconds == 600
    assert device.base_load_kwh == Decimal("0.4")
    assert device.patterns == DEFAULT_PATTERNS
    assert device.variation == Decimal("0.1")
    assert device.zone.key == "UTC"


def test_decimals_of_the_file_are_exact(load) -> None:
    [device] = load(config(base_load_kwh=0.1)).devices

    assert device.base_load_kwh == Decimal("0.1")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"device_id": "meter-1"}, 'device_id: "meter-1" is not allowed; allowed: a UUID'),
        ({"device_id": 7}, "device_id: 7 "),
        ({"interval_seconds": 0}, "interval_seconds: 0 .* from 1 to 86400"),
        ({"interval_seconds": -600}, "interval_seconds: -600 "),
        ({"interval_seconds": 1.5}, "interval_seconds: .*1.5.* whole number"),
        ({"interval_seconds": "600"}, 'interval_seconds: "600" '),
        ({"interval_seconds": True}, "interval_seconds: true "),
        ({"interval_seconds": None}, "interval_seconds: null "),
        ({"base_load_kwh": -1}, "base_load_kwh: -1 .* from 0 to 100000"),
        ({"base_load_kwh": "much"}, 'base_load_kwh: "much" '),
        ({"base_load_kwh": float("nan")}, "base_load_kwh: .*NaN"),
        ({"variation": 2}, "variation: 2 .* from 0 to 1"),
        ({"timezone": "Amsterdam"}, 'timezone: "Amsterdam" .* IANA'),
        ({"timezone": "../etc/passwd"}, "timezone: "),
        ({"timezone": ""}, "timezone: "),
        ({"seed": "lucky"}, 'seed: "lucky" '),
        ({"patterns": [1, 2]}, "patterns: .* night, morning"),
        ({"patterns": {"noon": 1}}, "patterns.noon: is not a field"),
        ({"patterns": {"night": -1}}, "patterns.night: -1 .* from 0 to 100"),
        ({"intervall_seconds": 5}, r"intervall_seconds: .*did you mean interval_seconds\?"),
        ({"devices": []}, r"devices: \[\] "),
        ({"devices": [{"device_id": BOB}]}, "device_id: is beside devices"),
    ],
)
def test_a_wrong_field_is_named_with_what_came_and_what_is_allowed(load, fields, named) -> None:
    with pytest.raises(ConfigError, match=named):
        load(config(**fields))


@pytest.mark.parametrize(
    ("device", "named"),
    [
        ({}, r"devices\[1\].device_id: is missing"),
        ({"device_id": BOB, "interval_seconds": 0}, r"devices\[1\].interval_seconds: 0 "),
        ({"device_id": BOB, "patterns": {"day": "x"}}, r"devices\[1\].patterns.day: "),
        ({"device_id": ALICE}, "named twice"),
        ({"device_id": ALICE.upper()}, "named twice"),
        ("meter", r"devices\[1\]: "),
        ({"device_id": BOB, "seed": 3}, r"devices\[1\].seed: is not a field"),
    ],
)
def test_a_wrong_field_of_one_device_is_named_with_its_place(load, device, named) -> None:
    with pytest.raises(ConfigError, match=named):
        load({"rabbitmq": URL, "devices": [{"device_id": ALICE}, device]})


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"seed": 1, "seed": 2}', "\x00"], ids=lambda text: repr(text)
)
def test_a_config_file_without_a_single_object_is_rejected(load, content) -> None:
    with pytest.raises(ConfigError):
        load(content)


def test_a_missing_config_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--config: cannot read .*none\.json"):
        settings.load(tmp_path / "none.json", Overrides(), {})


def test_fields_of_a_device_override_the_common_ones_and_factors_are_merged(load) -> None:
    loaded = load(
        {
            "rabbitmq": URL,
            "interval_seconds": 60,
            "patterns": {"night": 0.1, "day": 2},
            "devices": [
                {"device_id": ALICE},
                {"device_id": BOB, "interval_seconds": 5, "patterns": {"day": 3}},
            ],
        }
    )

    alice, bob = loaded.devices
    assert (alice.interval_seconds, bob.interval_seconds) == (60, 5)
    assert alice.patterns == {**DEFAULT_PATTERNS, "night": Decimal("0.1"), "day": 2}
    assert bob.patterns == {**DEFAULT_PATTERNS, "night": Decimal("0.1"), "day": 3}


def test_arguments_override_the_file_for_every_device(load) -> None:
    loaded = load(
        {
            "rabbitmq": URL,
            "devices": [{"device_id": ALICE, "interval_seconds": 5}, {"device_id": BOB}],
        },
        interval_seconds="30",
        base_load_kwh="0.7",
        timezone="Asia/Kathmandu",
        seed="9",
    )

    for device in loaded.devices:
        assert device.interval_seconds == 30
        assert device.base_load_kwh == Decimal("0.7")
        assert device.zone.key == "Asia/Kathmandu"
        assert device.seed == 9


def test_chosen_devices_keep_their_description_and_others_get_the_common_one(load) -> None:
    loaded = load(
        {
            "rabbitmq": URL,
            "interval_seconds": 60,
            "devices": [{"device_id": ALICE}, {"device_id": BOB, "interval_seconds": 5}],
        },
        device_ids=[BOB.upper(), CHARLIE],
    )

    assert [(each.device_id, each.interval_seconds) for each in loaded.devices] == [
        (BOB, 5),
        (CHARLIE, 60),
    ]


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        ({"device_ids": ["x"]}, '--device-id: "x" '),
        ({"device_ids": [BOB, BOB]}, "named twice"),
        ({"interval_seconds": "ten"}, '--interval-seconds: "ten" '),
        ({"base_load_kwh": "nan"}, "--base-load-kwh: "),
        ({"timezone": "Mars"}, '--timezone: "Mars" '),
        ({"seed": "1.5"}, "--seed: "),
        ({"rabbitmq": "localhost"}, "--rabbitmq: is not the address of a broker"),
    ],
)
def test_a_wrong_argument_is_named_by_its_argument(load, overrides, named) -> None:
    with pytest.raises(ConfigError, match=named):
        load(config(), **overrides)


def test_without_a_file_a_device_and_a_broker_are_enough() -> None:
    loaded = settings.load(None, Overrides(device_ids=[ALICE], rabbitmq=URL), {})

    assert [device.device_id for device in loaded.devices] == [ALICE]


def test_a_config_without_a_device_is_rejected() -> None:
    with pytest.raises(ConfigError, match="device_id: no device is named"):
        settings.load(None, Overrides(rabbitmq=URL), {})


def test_the_broker_is_the_arguments_then_the_environments_then_the_files(load) -> None:
    def url(host: str) -> str:
        return f"amqp://meters:correct-horse@{host}:5672/"

    content = config(rabbitmq=url("file"))
    environment = {"RABBITMQ_URL": url("environment")}

    assert load(content).rabbitmq == url("file")
    assert load(content, environment).rabbitmq == url("environment")
    assert load(content, environment, rabbitmq=url("argument")).rabbitmq == url("argument")


def test_a_missing_broker_address_names_the_places_where_it_can_be_set(load) -> None:
    with pytest.raises(ConfigError, match=r"--rabbitmq.*RABBITMQ_URL.*config file"):
        load(config(rabbitmq=None))


@pytest.mark.parametrize(
    "address",
    [
        "http://meters:correct-horse@127.0.0.1/",
        "amqp://meters:correct-horse@/",
        "amqp://meters:correct-horse@127.0.0.1:port/",
        "amqp//meters:correct-horse@127.0.0.1/",
        "amqp://:correct-horse@127.0.0.1/",
    ],
)
def test_a_wrong_broker_address_is_rejected_without_its_password_in_the_text(load, address) -> None:
    with pytest.raises(ConfigError, match="rabbitmq: ") as caught:
        load(config(rabbitmq=address))

    assert "correct-horse" not in str(caught.value)


def test_a_broker_address_without_a_login_is_rejected(load) -> None:
    with pytest.raises(ConfigError, match="names no user and password"):
        load(config(rabbitmq="amqp://127.0.0.1:5672/"))


def test_the_committed_example_works_and_holds_no_address() -> None:
    loaded = settings.load(COMMITTED, Overrides(rabbitmq=URL), {})

    assert len(loaded.devices) == 3
    assert json.loads(COMMITTED.read_text())["rabbitmq"] is None
