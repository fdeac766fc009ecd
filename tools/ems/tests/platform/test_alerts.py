"""Every alert has a section in the runbook and says how urgent it is."""

from __future__ import annotations

import re

import pytest
import yaml

from ems_tool.configuration.home import ROOT

GROUPS = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text())["groups"]
ALERTS = [rule for group in GROUPS for rule in group["rules"]]
SECTIONS = re.findall(r"^## (.+)$", (ROOT / "docs" / "runbook.md").read_text(), re.MULTILINE)


def test_every_alert_has_its_section_in_the_runbook_and_no_section_is_left_over():
    assert sorted(SECTIONS) == sorted(alert["alert"] for alert in ALERTS)


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_says_how_urgent_it_is_and_what_is_wrong(alert):
    assert set(alert) == {"alert", "expr", "for", "labels", "annotations"}
    assert alert["labels"]["severity"] in ("critical", "warning", "info")
    assert alert["annotations"]["summary"].endswith(".")
    assert alert["expr"].count("(") == alert["expr"].count(")")
