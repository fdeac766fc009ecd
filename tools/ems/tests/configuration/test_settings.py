"""Settings come from the environment, then from the operator's file, and reach their processes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from ems_tool import cli
from ems_tool.configuration import credentials, settings
from ems_tool.configuration.home import ROOT, Home
from ems_tool.configuration.settings import SETTINGS
from ems_tool.console import EmsError
from ems_tool.demo import demo_data
from ems_tool.platform import services

TRACES = {
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_SDK_DISABLED",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """Write the operator's file; return its path."""

    def write(text: str) -> Path:
        path = tmp_path / "operator.env"
        path.write_text(text)
        monkeypatch.setenv("EMS_ENV_FILE", str(path))
        settings._read.cache_clear()
        return path

    return write


def test_the_file_applies_where_the_environment_sets_nothing(written, monkeypatch):
    written(
        "# of the flat\nEMS_PORT=8750\n\nEMS_TIME_ZONE='Europe/Bucharest'\nLOG_LEVEL=\"DEBUG\"\n"
    )
    monkeypatch.setenv("LOG_LEVEL", "ERROR")

    assert Home.to_start().gateway_port == 8750
    assert settings.value("EMS_TIME_ZONE") == "Europe/Bucharest"
    assert settings.value("LOG_LEVEL") == "ERROR"
    assert settings.value("LOG_FORMAT") == "line"


def test_an_empty_variable_of_the_environment_means_the_default(written, monkeypatch):
    written("EMS_PORT=8750\n")
    monkeypatch.setenv("EMS_PORT", "")

    assert settings.value("EMS_PORT") == "8080"


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ("EMS_PORT=65536", "a port from 1 to 65535"),
        ("EMS_PORT=8080 # mine", "cannot be parsed"),
        ("EMS_BIND=everywhere", "an IPv4 address"),
        ("EMS_PUBLIC_ORIGINS=energy.example.org", "https://energy.example.org"),
        ("EMS_TIME_ZONE=Berlin", "a zone such as Europe/Berlin"),
        ("EMS_REGISTRATION_OPEN=never", "True or False"),
        ("EMS_SIGN_INS_PER_MINUTE=0", "a number from 1 up"),
        ("READINGS_RETENTION_MONTHS=two years", "a number from 1 up"),
        ("LOG_LEVEL=LOUD", "one of DEBUG, INFO"),
        ("LOG_FORMAT=xml", "line or json"),
        ("EMS_PORT = 8080", "cannot be parsed"),
        ("EMS_PORT", "cannot be parsed"),
    ],
)
def test_a_wrong_line_is_rejected_before_anything_starts_and_names_file_name_and_remedy(
    written, capsys, line, allowed
):
    path = written(f"{line}\n")

    assert cli.main(["up", "--detach"]) == 1

    message = capsys.readouterr().err
    assert str(path) in message
    assert allowed in message
    assert "Correct it" in message or "line 1" in message
    if "cannot be parsed" not in message:
        assert line.partition("=")[0] in message
        assert repr(line.partition("=")[2]) in message


def test_a_line_that_cannot_be_parsed_is_named_by_its_number_and_not_shown(written):
    written("EMS_PORT=8080\npassword: hunter2\n")

    with pytest.raises(EmsError) as caught:
        settings.value("EMS_PORT")

    assert "line 2" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_an_unknown_name_of_ours_is_reported_with_the_likely_one(written, capsys):
    path = written("EMS_PROT=8750\nHTTP_PORT=8690\nCOMPOSE_PROJECT_NAME=flat\n")

    assert settings.value("EMS_PORT") == "8080"

    message = " ".join(capsys.readouterr().err.split())
    assert f"EMS_PROT in {path} is unknown and ignored: did you mean EMS_PORT?" in message
    assert "HTTP_PORT" not in message
    assert "COMPOSE" not in message


def test_a_named_file_that_does_not_exist_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setenv("EMS_ENV_FILE", str(tmp_path / "nowhere"))

    with pytest.raises(EmsError, match="EMS_ENV_FILE names"):
        settings.value("EMS_PORT")


def test_secrets_of_the_file_reach_no_process_that_does_not_need_them(written, home, os_user):
    written("OTEL_EXPORTER_OTLP_HEADERS=authorization=hidden\nSMTP_PASSWORD=hunter2\n")
    secrets = credentials.ensure(home, os_user)

    service = services.environment_of("auth_service", home, secrets)
    others = {**os.environ, **demo_data.simulator_spec(home, os_user, secrets).env}

    assert service["OTEL_EXPORTER_OTLP_HEADERS"] == "authorization=hidden"
    assert "hunter2" not in service.values()
    assert not {"authorization=hidden", "hunter2"} & set(others.values())


def test_a_service_gets_what_the_file_sets_for_it(written, home, os_user):
    written("READINGS_RETENTION_MONTHS=13\nEMS_REGISTRATION_OPEN=False\n")
    secrets = credentials.ensure(home, os_user)

    monitoring = services.environment_of("monitoring_service", home, secrets)
    auth = services.environment_of("auth_service", home, secrets)

    assert monitoring["READINGS_RETENTION_MONTHS"] == "13"
    assert auth["REGISTRATION_OPEN"] == "False"


def test_a_relative_home_in_the_file_begins_beside_the_file(written, monkeypatch):
    path = written("EMS_HOME=flat\n")
    monkeypatch.chdir("/")

    assert settings.home() == path.parent / "flat"


def test_a_test_run_ignores_the_operators_settings(written):
    file = written("EMS_TIME_ZONE=Asia/Tokyo\n")
    code = (
        "from ems_tool.configuration import settings; settings.isolate();"
        "print(settings.value('EMS_TIME_ZONE'), settings.home(), settings.of_traces());"
        "import os, subprocess, sys;"
        "subprocess.run([sys.executable, '-c', 'from ems_tool.configuration import settings;"
        'print(settings.value("EMS_TIME_ZONE"), settings.home())\'])'
    )
    own = {"EMS_HOME": "/srv/ems", "EMS_PORT": "8750", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}

    output = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | own | {"EMS_ENV_FILE": str(file)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert output == f"UTC {ROOT}/.ems {{}}\nUTC {ROOT}/.ems\n"


def test_compose_file_documents_and_example_know_the_same_names():
    compose = (ROOT / "docker-compose.yml").read_text()
    operating = (ROOT / "docs" / "operating.md").read_text()
    example = (ROOT / ".env.example").read_text()
    contained = {name for name, setting in SETTINGS.items() if setting.containers}

    mentioned = set(re.findall(r"\$\{([A-Z_]+)[:}]", compose))
    rows = re.findall(
        r"^\| (`[A-Z].*?) \|[^|]*\|(?: (yes))? \|(?: (yes))? \|", operating, re.MULTILINE
    )
    documented = {
        name: (bool(native), bool(inside))
        for names, native, inside in rows
        for name in re.findall(r"`([A-Z_]+)", names)
    }

    # The key is for one command alone, and does not belong into a file.
    assert mentioned - TRACES - {"EMS_BACKUP_KEY"} == contained
    assert {name: documented.get(name) for name in SETTINGS} == {
        name: (setting.native, setting.containers) for name, setting in SETTINGS.items()
    }
    assert set(re.findall(r"^#([A-Z_]+)=", example, re.MULTILINE)) == {*SETTINGS, *TRACES}


def test_the_example_is_read_without_a_complaint_when_every_line_counts(written, capsys):
    example = (ROOT / ".env.example").read_text()
    written(re.sub(r"^#([A-Z_]+=)", r"\1", example, flags=re.MULTILINE))

    settings.check()

    assert capsys.readouterr().err == ""


def test_the_file_is_in_no_commit_and_in_no_image():
    ignored = subprocess.run(["git", "check-ignore", "-q", ".env"], cwd=ROOT)
    rules = (ROOT / ".dockerignore").read_text().splitlines()

    assert ignored.returncode == 0
    last_inclusion = max(n for n, rule in enumerate(rules) if rule.startswith("!"))
    assert rules.index("**/.*") > last_inclusion


def test_the_compose_file_gives_no_container_the_whole_file():
    services_of = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]

    assert not [name for name, container in services_of.items() if "env_file" in container]
