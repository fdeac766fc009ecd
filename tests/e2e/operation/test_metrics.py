"""Every process serves the metrics that the alerts name, inside the installation alone."""

from __future__ import annotations

import re

import httpx
import yaml

from ems_tool.configuration.processes import Kind, of_kind
from service_kit.testing.waiting import wait_until

from ...support.installation import ROOT, Installation, World

RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"
PROCESSES = [process.name for process in of_kind(Kind.WEB, Kind.WORKER)]


def test_every_metric_that_an_alert_names_is_served_by_a_process(
    installation: Installation, world: World
):
    before = world.ledger()
    device_id = world.device()
    reading = {"timestamp": "2024-06-01T10:00:00Z", "device_id": device_id}
    installation.publish({**reading, "measurement_value": 1}, b"nonsense")
    world.await_received(before, 2)
    ports = installation.ports

    def served() -> set[str]:
        pages = [httpx.get(f"http://127.0.0.1:{ports[name]}/metrics") for name in PROCESSES]
        assert [page.status_code for page in pages] == [200] * len(PROCESSES)
        text = "\n".join(page.text for page in pages)
        return set(re.findall(r"^(ems_\w+)[ {]", text, re.MULTILINE))

    groups = yaml.safe_load(RULES.read_text())["groups"]
    expressions = [rule["expr"] for group in groups for rule in group["rules"]]
    used = {name for text in expressions for name in re.findall(r"ems_\w+", text)}

    assert len(used) >= 10
    # The first round of maintenance may still be going on.
    wait_until(lambda: used <= served(), problem=f"no process serves {used - served()}")


def test_the_gateway_routes_no_metrics(installation: Installation):
    for path in ("/metrics", "/api/auth/metrics", "/api/monitoring/metrics/"):
        assert "ems_" not in httpx.get(f"{installation.url}{path}").text
