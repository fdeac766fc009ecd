"""Audits of a page: axe for accessibility, Lighthouse for the page as a whole."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, Playwright

from .browser import OPTIONS, chromium
from .installation import ROOT

MODULES = ROOT / "tests" / "e2e" / "node_modules"
AXE = MODULES / "axe-core" / "axe.min.js"

#: A browser that has just started may lose the beginning of its own trace, of any page; Lighthouse
#: then gives no verdict and asks to be run again.
RECORDINGS = 3

#: WCAG 2.2, levels A and AA.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


#: A bar at the edge of the window may cover a control in part; in the middle nothing does.
_TOO_SMALL_IN_THE_MIDDLE = """
async (selector) => {
  document.querySelector(selector).scrollIntoView({ block: 'center' });
  const report = await axe.run(selector, { runOnly: { type: 'rule', values: ['target-size'] } });
  return report.violations.length > 0;
}
"""


def violations(page: Page) -> list[str]:
    """Return the rules that the page breaks: how often, the first place, and the failure."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    report = page.evaluate(
        "rules => axe.run({runOnly: {type: 'tag', values: rules},"
        " resultTypes: ['violations'], iframes: false, preload: false})",
        RULES,
    )
    return [
        f"{violation['id']} ({len(nodes)} ×): {nodes[0]['html'][:300]}\n"
        f"    {nodes[0]['failureSummary']}"
        for violation in report["violations"]
        if (nodes := _in_any_position(page, violation))
    ]


def _in_any_position(page: Page, violation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the places of a violation without controls that are only covered by a bar."""
    nodes: list[dict[str, Any]] = violation["nodes"]
    if violation["id"] != "target-size":
        return nodes
    return [node for node in nodes if page.evaluate(_TOO_SMALL_IN_THE_MIDDLE, node["target"][0])]


def first_route_kb() -> float:
    """Return the kilobytes of gzipped JavaScript that the energy page needs without its charts."""
    env = {**os.environ, "PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ.get('PATH', '')}"}
    done = subprocess.run(
        ["node", "scripts/budget.mjs"],
        cwd=ROOT / "frontend",
        env=env,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("first route, Java"))
    return float(line.split()[3])


@dataclass(frozen=True)
class Verdict:
    """Lighthouse's scores of a page, 0 to 100 by category, and the failed audits."""

    scores: dict[str, int]
    faults: list[str]


@contextmanager
def own_browser(playwright: Playwright, port: int) -> Iterator[Page]:
    """Yield a page in a browser that Lighthouse joins through `port`, cookies included."""
    with tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=chromium(),
            args=[*OPTIONS, f"--remote-debugging-port={port}"],
        )
        try:
            yield context.pages[0]
        finally:
            context.close()


def lighthouse(url: str, port: int, categories: list[str], *, slowdown: int = 1) -> Verdict:
    """Audit a page as a desk computer sees it, signed in as the browser at `port` is.

    `slowdown` is the factor by which Lighthouse takes the processor for slower than it is.
    """
    node = ROOT / ".venv" / "bin" / "node"
    argv = [str(node), str(MODULES / "lighthouse" / "cli" / "index.js"), url]
    argv += ["--preset=desktop", "--output=json", "--quiet", f"--port={port}"]
    argv += [f"--throttling.cpuSlowdownMultiplier={slowdown}"]
    # The session is a cookie, which Lighthouse would clear first.
    argv += ["--disable-storage-reset", f"--only-categories={','.join(categories)}"]
    env = {**os.environ, "CHROME_PATH": chromium(), "CI": "true"}
    for _ in range(RECORDINGS):
        done = subprocess.run(argv, capture_output=True, text=True, env=env, timeout=120)
        if "NO_NAVSTART" not in done.stderr:
            break
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    audits = report["audits"]
    faults = [
        f"{audits[ref['id']]['id']}: {audits[ref['id']]['title']}"
        for category in report["categories"].values()
        for ref in category["auditRefs"]
        if ref["weight"] > 0
        and (audits[ref["id"]]["score"] or 0) < 0.9
        and audits[ref["id"]]["scoreDisplayMode"] in ("binary", "numeric", "metricSavings")
    ]
    scores = {
        name: round(100 * category["score"]) for name, category in report["categories"].items()
    }
    return Verdict(scores, faults)
