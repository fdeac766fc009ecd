"""The properties of the compose file and the images, read without an engine."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ems_tool.configuration import credentials
from ems_tool.configuration.credentials import BROKER_USERS, SERVICES
from ems_tool.configuration.processes import Kind, Process, of_kind
from ems_tool.containers import commands
from ems_tool.platform import services

from .files import COMPOSE, DOCKERFILES, ROOT, compose, instructions, stages
from .files import services as compose_services

ALL = compose_services()
LASTING = {name: service for name, service in ALL.items() if service["restart"] == "unless-stopped"}
OWN = {name: service for name, service in ALL.items() if "build" in service}


@pytest.mark.parametrize("process", of_kind(Kind.WORKER), ids=lambda process: process.name)
def test_a_worker_runs_the_same_command_as_natively(process: Process):
    container = ALL[process.name]

    assert container["command"] == ["python", "manage.py", process.command]
    assert container["build"]["dockerfile"] == f"{process.service}/Dockerfile"


def test_the_broker_is_replaced_at_an_update_that_changes_its_definitions():
    secrets = credentials.Secrets(rabbitmq=dict.fromkeys([*BROKER_USERS, commands.OPERATOR], "x"))
    content = json.dumps(commands.definitions(secrets), sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()[:12]

    assert ALL["rabbitmq"]["labels"] == {"ems.definitions": digest}


@pytest.mark.parametrize("process", of_kind(Kind.WEB), ids=lambda process: process.name)
def test_a_web_process_has_the_arguments_it_has_natively(process: Process):
    dockerfile = Path(process.service) / "Dockerfile"
    (shipped,) = (json.loads(rest) for word, rest in instructions(dockerfile) if word == "CMD")
    command = ALL[process.name].get("command", shipped)
    words = [part for word in command for part in word.split("=", 1)]

    assert words[:3] == ["gunicorn", "--bind", f"0.0.0.0:{process.container_port}"]
    assert words[3:] == services.gunicorn_arguments(process, "/dev/shm")


@pytest.mark.parametrize("name", ALL)
def test_a_container_can_change_nothing_of_its_image_and_gains_no_right(name):
    service = ALL[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "devices", "pid", "ipc"} & set(service)
    assert service.get("network_mode", "none") == "none"
    assert not any("docker.sock" in volume for volume in service.get("volumes", []))
    added = set(service.get("cap_add", []))
    assert added <= {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}
    assert not added or name in {"postgres", "rabbitmq"}


@pytest.mark.parametrize("name", ALL)
def test_a_container_has_a_limit_of_memory_and_of_processes(name):
    assert re.fullmatch(r"\d+[mg]", ALL[name]["mem_limit"])
    assert ALL[name]["pids_limit"] <= 512


@pytest.mark.parametrize("name", LASTING)
def test_a_container_that_runs_permanently_has_a_health_check(name):
    service = ALL[name]
    if "healthcheck" in service:
        assert service["healthcheck"]["test"]
    else:
        words = [word for word, _ in instructions(Path(service["build"]["dockerfile"]))]
        assert "HEALTHCHECK" in words


@pytest.mark.parametrize("name", sorted(set(ALL) - set(LASTING)))
def test_a_container_that_ends_is_restarted_when_it_fails(name):
    asked_for = ALL[name].get("profiles") == ["tools"]
    assert ALL[name]["restart"] == ("no" if asked_for else "on-failure")


def test_the_gateway_alone_is_published_beyond_this_machine():
    published = {name: service["ports"] for name, service in ALL.items() if "ports" in service}

    assert set(published) == {"traefik", "rabbitmq"}
    (web, tls) = published["traefik"]
    assert web == "${HTTP_PORT:-80}:8080"
    assert tls == "${HTTPS_PORT:-127.0.0.1:8443}:8443"
    assert all(
        re.match(r"\$\{\w+:-127\.0\.0\.1:\d+\}:\d+$", port) for port in published["rabbitmq"]
    )


def test_merged_mappings_share_no_key():
    # Readers of YAML differ in which of them wins.
    def merged(node: yaml.Node) -> Iterator[yaml.SequenceNode]:
        for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
            if key.tag == "tag:yaml.org,2002:merge" and isinstance(value, yaml.SequenceNode):
                yield value
            yield from merged(value)

    for values in merged(yaml.compose(COMPOSE.read_text(), yaml.SafeLoader)):
        keys = [key.value for mapping in values.value for key, _ in mapping.value]
        assert len(set(keys)) == len(keys), values.start_mark


def test_no_password_or_key_is_written_in_the_compose_file():
    allowed = r"/run/(ems|migration)/[\w/.]+$|/keys/(public|private)$|http://[a-z-]+:\d+$"
    # For the one command that its caller gives it to; never a default.
    allowed += r"|\$\{EMS_BACKUP_KEY:-\}$"
    for name, service in ALL.items():
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|KEY|TOKEN|_URL|_FILE", variable):
                assert re.match(allowed, str(value)), (name, variable)
    assert not re.search(r"://[^/\s]*:[^/\s]*@", COMPOSE.read_text())


def test_secrets_are_mounted_only_where_they_are_needed():
    readers: dict[str, set[str]] = {}
    for name, service in ALL.items():
        for volume in service.get("volumes", []):
            readers.setdefault(volume.split(":")[0], set()).add(name)

    savers = {"backup", "restore"}
    assert readers["secrets"] == {"setup", "databases", "credentials", "demo"} | savers
    migrating = {name for name in ALL if name.endswith("-migrate")}
    assert readers["migration-settings"] == {"setup", "restore"} | migrating
    auth = {name for name in ALL if name.startswith("auth-")}
    assert readers["auth-settings"] == {"setup", "restore"} | auth
    assert readers["signing-keys"] == {"setup"} | savers | auth
    for service in ("device", "monitoring"):
        own = {name for name in ALL if name.startswith(f"{service}-")}
        assert readers[f"{service}-settings"] == {"setup", "restore"} | own
    assert set(readers) == set(compose()["volumes"])


def test_a_settings_volume_is_written_by_the_setup_and_the_restore_alone():
    assert ALL["restore"]["volumes"] == ALL["setup"]["volumes"]
    for name, service in ALL.items():
        for volume in service.get("volumes", []):
            if volume.split(":")[0].endswith("-settings") and name not in ("setup", "restore"):
                assert volume.endswith(":ro"), (name, volume)


@pytest.mark.parametrize("service", ["auth", "device", "monitoring"])
def test_a_service_reads_from_files_exactly_what_the_setup_writes(service):
    environment = ALL[f"{service}-web"]["environment"]
    files = {key: value for key, value in environment.items() if key.endswith("_FILE")}

    assert files == {f"{name}_FILE": f"/run/ems/{name}" for name in commands.SETTINGS}


def test_the_gateway_has_every_address_that_its_routes_name():
    named = set(re.findall(r'env "(EMS_\w+)"', (ROOT / "traefik" / "dynamic.yml").read_text()))

    assert named == set(ALL["traefik"]["environment"])


@pytest.mark.parametrize("name", ALL)
def test_a_foreign_image_has_a_version(name):
    image, _, tag = ALL[name]["image"].partition(":")

    assert tag == "local" if name in OWN else re.match(r"v?\d", tag), image


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=str)
def test_an_image_is_built_in_stages_on_versions_and_runs_without_privileges(dockerfile):
    all_stages = stages(dockerfile)
    bases = [steps[0][1].split()[0] for steps in all_stages]
    shipped = all_stages[-1]

    assert len(all_stages) == 2
    assert bases[-1] in ("python:3.13-slim", "nginx:1.29-alpine")
    assert all(re.search(r":v?\d", base) for base in bases)
    assert [rest for word, rest in shipped if word == "USER"] == ["10001:10001"]
    assert [word for word, _ in shipped].count("HEALTHCHECK") == 1
    assert not any(word == "RUN" and "pip" in rest for word, rest in shipped)
    assert not any(word in ("ADD", "ARG") for word, _ in instructions(dockerfile))


@pytest.mark.parametrize(
    "dockerfile", [path for path in DOCKERFILES if path.parts[0] != "frontend"], ids=str
)
def test_an_image_installs_packages_by_hash_from_its_own_list(dockerfile):
    text = (ROOT / dockerfile).read_text()
    folder = "setup" if dockerfile.parts[0] == "tools" else dockerfile.parts[0]

    assert f"COPY requirements/{folder}.txt /requirements.txt" in text
    (install,) = (rest for word, rest in instructions(dockerfile) if "pip" in rest.split())
    assert "--require-hashes" in install
    assert "--only-binary=:all:" in install


def test_the_setup_image_holds_the_query_of_totals_of_each_service():
    copied = [rest for word, rest in instructions(Path("tools/ems/Dockerfile")) if word == "COPY"]

    for service in SERVICES:
        assert f"{service}/backup_totals.sql /app/{service}/" in copied
        assert (ROOT / service / "backup_totals.sql").exists()


def test_nothing_private_can_get_into_an_image():
    lines = (ROOT / ".dockerignore").read_text().split("\n")
    rules = [line for line in lines if line and not line.startswith("#")]

    assert rules[0] == "*"
    assert not any(rule.startswith(("!.", "!*")) for rule in rules)
    assert {"**/.*", "**/tests", "**/__pycache__"} <= set(rules)


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=str)
def test_hadolint_finds_nothing(dockerfile):
    hadolint = ROOT / ".venv" / "bin" / "hadolint"
    done = subprocess.run([hadolint, str(dockerfile)], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
