"""The end of a test run: counts of each part, and the tests that failed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from ems_tool.development.testparts import Step
from ems_tool.development.testrun import Result, count, show


@pytest.fixture
def end_of_run(capfd):
    """Return a function that counts a report of a part and returns the printed end of the run."""

    def printed(part, kind, report, exit_status):
        result = Result(part)
        count(result, Step(part, [], report.parent, {}, kind), report, exit_status)
        show([result])
        return capfd.readouterr().out

    return printed


def test_the_end_of_a_run_names_each_failed_test_of_pytest_with_its_error(end_of_run, tmp_path):
    module = tmp_path / "test_sums.py"
    module.write_text(
        "import pytest\n"
        "@pytest.fixture\n"
        "def broken():\n    raise OSError('no disk')\n"
        "def test_right():\n    pass\n"
        "def test_wrong():\n    assert 1 + 1 == 3\n"
        "def test_without_a_disk(broken):\n    pass\n"
    )
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", str(module)]
    exit_status = subprocess.run(command, cwd=tmp_path, capture_output=True).returncode

    printed = end_of_run("kit", "junit", report, exit_status)

    assert "failed: kit: test_sums::test_wrong: assert (1 + 1) == 3\n" in printed
    assert "failed: kit: test_sums::test_without_a_disk: failed on setup with " in printed
    assert "no disk" in printed
    assert "test_right" not in printed


def test_the_end_of_a_run_names_each_failed_test_of_vitest(end_of_run, tmp_path):
    report = tmp_path / "report.json"
    tests = [
        {"fullName": "chart draws the bars", "status": "passed"},
        {"fullName": "chart says that hours are missing", "status": "failed"},
    ]
    counts = {"numPassedTests": 1, "numFailedTests": 1, "numPendingTests": 0}
    report.write_text(json.dumps({**counts, "testResults": [{"assertionResults": tests}]}))

    printed = end_of_run("frontend", "vitest", report, 1)

    assert "failed: frontend: chart says that hours are missing\n" in printed
    assert "draws the bars" not in printed
