"""The setup writes the containers' secrets and settings once, each for its reader alone."""

from __future__ import annotations

import json
import stat

import pytest
import yaml

from ems_tool.configuration.credentials import SERVICES
from ems_tool.configuration.os_user import OsUser
from ems_tool.console import EmsError
from ems_tool.containers import commands
from ems_tool.containers.commands import Containers


@pytest.fixture
def prepare(tmp_path, monkeypatch):
    volumes = tmp_path / "volumes"
    home = tmp_path / "home"
    # Volumes are there before anything runs.
    for name in (*SERVICES, "migration", "postgres", "rabbitmq", "redis", "traefik"):
        (volumes / name).mkdir(parents=True)
    home.mkdir()
    monkeypatch.setattr(commands, "_VOLUMES", volumes)
    monkeypatch.setattr(commands, "_HOME", home)
    for name in ("DOMAIN", "ACME_EMAIL", "ACME_SERVER", "EMS_HOSTS", "HTTP_PORT"):
        monkeypatch.delenv(name, raising=False)

    def run(**environment: str):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        installation = Containers.from_environment()
        commands.prepare(installation, OsUser(home.stat().st_uid, home.stat().st_gid, False))
        return volumes

    return run


def contents(volumes) -> dict[str, str]:
    files = (path for path in volumes.rglob("*") if path.is_file())
    return {str(path.relative_to(volumes)): path.read_text() for path in files}


def test_a_second_start_changes_nothing(prepare):
    first = contents(prepare())

    assert contents(prepare()) == first


def test_two_installations_share_no_secret(prepare, tmp_path, monkeypatch):
    first = contents(prepare())
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.setattr(commands, "_HOME", other)
    second = contents(prepare())

    secret = [name for name in first if name.endswith(("KEY", "URL", "assword", "PASSWORD"))]
    assert len(secret) > 15
    assert [name for name in secret if first[name] == second[name]] == []


def test_each_service_receives_its_own_database_and_not_its_owners_password(prepare):
    volumes = prepare()

    for service in SERVICES:
        own = (volumes / service / "DATABASE_URL").read_text()
        assert own.startswith(f"postgres://{service}:")
        others = contents(volumes / service).values()
        assert not any("_owner:" in text for text in others)
    migrating = volumes / "migration" / "device_service"
    assert "//device_service_owner:" in (migrating / "DATABASE_URL").read_text()
    assert (migrating / "DATABASE_SERVICE_ROLE").read_text() == "device_service"


def test_the_passwords_of_all_are_readable_by_their_owner_alone(prepare, tmp_path):
    prepare()

    assert stat.S_IMODE((tmp_path / "home" / "secrets.json").stat().st_mode) == 0o600


def test_queues_are_quorum_queues_that_never_drop_a_message(prepare):
    definitions = json.loads((prepare() / "rabbitmq" / "definitions.json").read_text())

    for vhost in definitions["vhosts"]:
        assert vhost["metadata"]["default_queue_type"] == "quorum"
    rules = {(entry["vhost"], entry["name"]): entry for entry in definitions["policies"]}
    for vhost, queue in ((entry["vhost"], entry["name"]) for entry in definitions["queues"]):
        mine = rules[vhost, f"{queue}.quorum"]
        assert mine["definition"]["delivery-limit"] == -1
        assert mine["apply-to"] == "quorum_queues"
        dead = mine["definition"].get("dead-letter-routing-key")
        assert dead == (None if queue.endswith(".dead") else queue)


def test_the_operator_may_read_and_change_nothing(prepare):
    definitions = json.loads((prepare() / "rabbitmq" / "definitions.json").read_text())

    tags = {user["name"]: user["tags"] for user in definitions["users"]}
    assert tags.pop("operator") == ["monitoring"]
    assert set(map(tuple, tags.values())) == {()}
    rights = [entry for entry in definitions["permissions"] if entry["user"] == "operator"]
    assert {entry["vhost"] for entry in rights} == {"/", "platform"}
    assert {entry[kind] for entry in rights for kind in ("configure", "write", "read")} == {"^$"}


def test_without_a_domain_the_installation_answers_by_this_machines_names(prepare):
    volumes = prepare(HTTP_PORT="8080", EMS_HOSTS="meters.lan, 192.168.1.5")

    origins = (volumes / "auth_service" / "PUBLIC_ORIGINS").read_text().split(",")
    assert "http://meters.lan:8080" in origins
    assert "http://localhost:8080" in origins
    hosts = (volumes / "auth_service" / "DJANGO_ALLOWED_HOSTS").read_text().split(",")
    assert {"meters.lan", "192.168.1.5", "localhost"} <= set(hosts)
    gateway = yaml.safe_load((volumes / "traefik" / "traefik.yml").read_text())
    assert set(gateway["entryPoints"]) == {"web", "ping"}
    assert "certificatesResolvers" not in gateway


def test_with_a_domain_browsers_use_tls_only(prepare):
    volumes = prepare(DOMAIN="energy.example.org", ACME_EMAIL="admin@example.org")

    origins = (volumes / "monitoring_service" / "PUBLIC_ORIGINS").read_text()
    assert origins == "https://energy.example.org"
    gateway = yaml.safe_load((volumes / "traefik" / "traefik.yml").read_text())
    web, tls = gateway["entryPoints"]["web"]["http"], gateway["entryPoints"]["websecure"]["http"]
    assert web["redirections"]["entryPoint"] == {"to": ":443", "scheme": "https"}
    assert tls["encodedCharacters"] == web["encodedCharacters"]
    acme = gateway["certificatesResolvers"][tls["tls"]["certResolver"]]["acme"]
    assert acme["email"] == "admin@example.org"


def test_a_domain_without_an_address_for_the_certificates_is_rejected(prepare):
    with pytest.raises(EmsError, match="ACME_EMAIL"):
        prepare(DOMAIN="energy.example.org")


def test_the_logins_are_shown_when_there_are_any(prepare, capsys, tmp_path, monkeypatch):
    with pytest.raises(EmsError, match="no installation here"):
        commands.show(Containers.from_environment(), as_json=True)
    prepare()
    commands.show(Containers.from_environment(), as_json=True)

    document = json.loads(capsys.readouterr().out)
    assert document["url"] == "http://localhost"
    assert document["admin"]["username"] == "admin"
    assert len(document["admin"]["password"]) == 20
    assert document["broker"]["url"].startswith("amqp://meters:")
    assert document["broker"]["listener"].startswith("amqp://listener:")
    assert "declaring" not in document["broker"]


def test_a_login_for_clients_that_declare_is_shown_where_it_is_switched_on(
    prepare, capsys, monkeypatch
):
    prepare(EMS_DECLARING_CLIENTS="True")
    commands.show(Containers.from_environment(), as_json=True)

    document = json.loads(capsys.readouterr().out)
    assert document["broker"]["declaring"].startswith("amqp://declaring_meters:")
