"""The compose file and the Dockerfiles, as data."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILES = sorted(
    path.relative_to(ROOT)
    for pattern in ("*/Dockerfile", "tools/*/Dockerfile")
    for path in ROOT.glob(pattern)
)


def compose() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text())


def services() -> dict[str, dict[str, Any]]:
    return compose()["services"]


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    """Return the instruction and the rest of each line of a Dockerfile, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / dockerfile).read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def stages(dockerfile: Path) -> list[list[tuple[str, str]]]:
    """Return the instructions of each stage; the last stage is shipped."""
    per_stage: list[list[tuple[str, str]]] = []
    for instruction in instructions(dockerfile):
        if instruction[0] == "FROM":
            per_stage.append([])
        per_stage[-1].append(instruction)
    return per_stage


def health_command(name: str) -> list[str]:
    """Return the command of a container's check, as it is run inside."""
    service = services()[name]
    if "healthcheck" in service:
        test = [word.replace("$$", "$") for word in service["healthcheck"]["test"]]
    else:
        dockerfile = Path(service["build"]["dockerfile"])
        (rest,) = (rest for word, rest in instructions(dockerfile) if word == "HEALTHCHECK")
        test = ["CMD", *json.loads(rest[rest.index("CMD") + 3 :])]
    return ["sh", "-c", *test[1:]] if test[0] == "CMD-SHELL" else test[1:]
