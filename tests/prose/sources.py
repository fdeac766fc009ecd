"""Split a source file into its text, its sentences for people and the names that it defines."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .glossary import GLOSSARY, ROOT

#: Text that people read and write; anything else (images, locks) has no language.
_SUFFIXES = {
    *("", ".conf", ".css", ".dot", ".example", ".html", ".js", ".json", ".md", ".mjs", ".py"),
    *(".sh", ".toml", ".ts", ".tsx", ".txt", ".yaml", ".yml"),
}
#: Migrations keep their content; the rest is generated, or says nothing of ours.
_SKIPPED = re.compile(
    r"(^|/)(migrations|requirements|node_modules)/|package-lock\.json$|^docs/images/"
    # This test writes banned words, to see them listed.
    r"|^tests/prose/test_language\.py$"
)
_SCRIPT = re.compile(
    r"\b(?:const|let|var|function|class|interface|type|enum)\s+([A-Za-z_$][\w$]*)"  # declared
    r"|(?<=[(,])\s*([A-Za-z_$][\w$]*)\s*(?=\)\s*=>|[:,?][^()]*\)\s*(?::[^=]*)?=>)"  # parameters
    r"|\b([A-Za-z_$][\w$]*)\s*=>"  # a parameter without brackets
)


@dataclass(frozen=True)
class Place:
    """A piece of text and the line in which it begins."""

    line: int
    text: str


def files() -> list[Path]:
    """Return every file whose language is checked: those that git has or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    names = sorted(set(done.stdout.split("\0")) - {""})
    paths = [ROOT / name for name in names if not _SKIPPED.search(name)]
    return [path for path in paths if path.suffix in _SUFFIXES and path.is_file()]


def text_of(path: Path) -> str:
    """Return the text of a file, the glossary's without the tables that list banned words."""
    text = path.read_text(errors="replace")
    if path == GLOSSARY:
        head, tables = text.split("\n## Words", 1)
        # Keeps the line numbers of what follows.
        return head + re.sub(r"^\| .*$", "", tables, flags=re.MULTILINE)
    return text


def sentences(path: Path) -> Iterator[Place]:
    """Yield the texts of a file that should begin with a subject or a verb."""
    text = text_of(path)
    if path.suffix == ".py":
        yield from _docstrings(text)
        yield from _comments(text)
    elif path.suffix in {".ts", ".tsx", ".js", ".mjs", ".css"}:
        for match in re.finditer(r"/\*+(.*?)\*/|(?<![:'\"])//([^\n]*)", text, re.DOTALL):
            yield Place(_line(text, match.start()), match[1] or match[2] or "")
    elif path.suffix == ".md":
        fenced = re.sub(r"^```.*?^```", _blank, text, flags=re.DOTALL | re.MULTILINE)
        for match in re.finditer(r"^[#>|*\s\d.-]*(\S[^\n]*)", fenced, re.MULTILINE):
            yield Place(_line(fenced, match.start(1)), match[1])
    elif path.suffix != ".json":
        for match in re.finditer(r"^\s*(?:#|//)+(.*)$", text, re.MULTILINE):
            yield Place(_line(text, match.start()), match[1])


def names(path: Path) -> Iterator[Place]:
    """Yield the names that a file defines: itself, functions, classes, parameters, variables."""
    if path.suffix == ".py":
        yield Place(1, path.stem)
        for node in ast.walk(ast.parse(path.read_text())):
            yield from _defined(node)
    elif path.suffix in {".ts", ".tsx", ".mjs", ".js"}:
        yield Place(1, path.name.split(".")[0])
        text = path.read_text()
        for match in _SCRIPT.finditer(text):
            name = next(group for group in match.groups() if group)
            yield Place(_line(text, match.start()), name)


def _defined(node: ast.AST) -> Iterator[Place]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield Place(node.lineno, node.name)
    elif isinstance(node, ast.arg):
        yield Place(node.lineno, node.arg)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield Place(node.lineno, node.id)
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield Place(node.lineno, node.attr)
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield Place(node.lineno, node.name)
    elif isinstance(node, ast.alias) and node.asname:
        yield Place(node.lineno, node.asname)


def _docstrings(text: str) -> Iterator[Place]:
    for node in ast.walk(ast.parse(text)):
        documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        if isinstance(node, documented) and (docstring := ast.get_docstring(node)):
            yield Place(node.body[0].lineno, docstring)


def _comments(text: str) -> Iterator[Place]:
    """Yield comments, those of neighbouring lines as one text."""
    block: list[tokenize.TokenInfo] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        if block and token.start[0] != block[-1].start[0] + 1:
            yield _joined(block)
            block = []
        block.append(token)
    if block:
        yield _joined(block)


def _joined(block: list[tokenize.TokenInfo]) -> Place:
    lines = (token.string.lstrip("#: ") for token in block)
    return Place(block[0].start[0], "\n".join(lines))


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _blank(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")
