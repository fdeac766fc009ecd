"""Every link of a document to a file or a heading of the project leads there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from . import sources
from .glossary import ROOT

DOCUMENTS = [path for path in sources.files() if path.suffix == ".md"]


def anchors(path: Path) -> set[str]:
    """Return the anchors of a document's headings, as web pages of repositories make them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_within_the_project_leads_to_a_file_and_heading(path):
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", path.read_text()):
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_of_a_test_or_document_in_backquotes_exists(path):
    text = path.read_text()
    for name in re.findall(r"`((?:docs|tests)/[a-z0-9_./-]+\.(?:md|py|txt))(?:::\w+)?`", text):
        assert (ROOT / name).exists() or (path.parent / name).exists(), name
