"""The benchmarks run and measure every promised figure; no test compares the speed."""

from __future__ import annotations

import json
import subprocess

import pytest

from ems_tool.configuration.home import ROOT
from ems_tool.console import EmsError
from ems_tool.development import bench

#: The first words of the rows of each benchmark.
PROMISED = {
    "page": ["login page: performance", "energy page: performance", "first route", "click on"],
    "drain": [
        "ceiling: pika takes and acknowledges",
        "ceiling: COPY into the same primary key",
        "one reading a message",
        "100 readings a message",
        "1,000 readings a message",
        "the naive consumer",
        "most memory of the ingest process",
    ],
    "live": ["readings confirmed", "publish → commit, p95", "confirmed but not in the ledger"],
    "latency": ["idle, p95", "under 1,000 readings/s, p95"],
    "chart": [
        "0.12 M readings: the empty view",
        "0.12 M readings: a day",
        "0.24 M readings: a day",
        "a day in empty views, large beside small",
        "raw reading on disk with index",
    ],
    "devices": ["1,000 devices: nothing"],
    "sockets": ["sockets open", "push to 50 at once, p95"],
    "registers": [
        "1,000 registers without a known power, 3 months",
        "1,000 registers with a known power, 3 months",
        "the same, 300 months",
        "a reading behind them",
    ],
    "tokens": ["processor time of a check"],
}


@pytest.fixture(scope="module")
def measured(tmp_path_factory) -> dict:
    results = tmp_path_factory.mktemp("bench") / "bench.json"
    argv = [str(ROOT / "ems"), "bench", "--quick", "--json", str(results)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(results.read_text())


def test_every_benchmark_runs_and_has_every_figure_that_is_promised(measured):
    assert set(measured["rows"]) == set(PROMISED) == set(bench.names())
    for name, beginnings in PROMISED.items():
        labels = [row["what"] for row in measured["rows"][name]]
        for beginning in beginnings:
            assert any(label.startswith(beginning) for label in labels), (name, beginning)


def test_the_results_say_what_they_were_measured_on(measured):
    assert {"cores", "memory_gb", "kernel", "python", "postgres", "pika"} <= set(
        measured["machine"]
    )


def test_no_reading_is_missing_after_a_stream_of_them(measured):
    rows = {row["what"]: row for row in measured["rows"]["live"]}

    assert rows["confirmed but not in the ledger"]["value"] == 0
    assert rows["in the ledger but not stored"]["value"] == 0


def test_an_unknown_benchmark_is_named_with_the_known_ones():
    with pytest.raises(EmsError, match=r"unheard-of.*drain"):
        bench.run(["unheard-of"], quick=True, results=bench.RESULTS)


def test_a_results_file_in_a_missing_folder_is_rejected_before_measuring(tmp_path):
    with pytest.raises(EmsError, match="no folder"):
        bench.run([], quick=True, results=tmp_path / "missing" / "bench.json")
