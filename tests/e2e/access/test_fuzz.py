"""Random requests, allowed by the schemas or not: no server error, no undocumented answer."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from ...support.installation import ROOT, Installation, World

#: Requests an operation gets; more are for a quiet hour.
EXAMPLES = os.environ.get("EMS_FUZZ_EXAMPLES", "5")

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)

#: Operations that may end the fuzzer's own session come in a run of their own.
OWN_ACCOUNT = r"^/api/(users/\{user_id\}|auth/sessions)/"

RUNS = [
    ("auth", ["--exclude-path-regex", OWN_ACCOUNT]),
    ("auth", ["--include-path-regex", OWN_ACCOUNT]),
    ("devices", []),
    ("monitoring", []),
]


@pytest.mark.parametrize(
    ("service", "options"), RUNS, ids=["auth", "users", "devices", "monitoring"]
)
def test_random_requests_get_documented_answers_and_no_server_error(
    service, options, installation: Installation, world: World, tmp_path: Path
):
    # Not the installation's own administrator: the fuzzer may delete whom it meets.
    login = {"username": f"fuzzer-{uuid4().hex[:8]}", "password": f"a-{uuid4().hex}"}
    assert world.admin.post("/api/users/", {**login, "role": "admin"}).status_code == 201
    fuzzer = installation.session(**login)
    schema = tmp_path / "schema.json"
    schema.write_bytes(fuzzer.get(f"/api/schema/{service}/").content)

    done = subprocess.run(
        [
            str(ROOT / ".venv" / "bin" / "schemathesis"),
            "run",
            str(schema),
            *("--url", installation.url),
            *("--header", f"Authorization: Bearer {fuzzer.token}"),
            *("--checks", ",".join(CHECKS)),
            *("--phases", "fuzzing"),
            *("--max-examples", EXAMPLES),
            *("--seed", "1"),
            "--continue-on-failure",
            "--no-shrink",
            "--no-color",
            *options,
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout
    assert "generated" in done.stdout
