"""The dashboard has a text, in each language, for every code that the services can send."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_contracts.errors import Reason

from .glossary import ROOT

I18N = ROOT / "frontend" / "src" / "lib" / "i18n"
PROJECTS = (
    "auth_service/authentication",
    "device_service/devices",
    "monitoring_service/monitoring",
    "packages/service_kit/src/service_kit",
)
#: Modules of the libraries whose errors the services send on.
LIBRARIES = (
    ("rest_framework", ("exceptions.py", "fields.py", "serializers.py", "validators.py")),
    ("django", ("core/validators.py", "contrib/auth/password_validation.py")),
)
#: Codes of validators that no field has: of file names, of steps, and the base of all limits.
NOT_SENT = {"invalid_extension", "step_size", "limit_value"}
AUTH_MODELS = "auth_service/authentication/models.py"
DEVICE_MODELS = "device_service/devices/models.py"
#: Reasons that the broker gives, and that of a letter without one.
BROKERS_REASONS = {"rejected", "expired", "maxlen", "delivery_limit", "unknown"}


def modules() -> Iterator[Path]:
    """Yield the modules whose errors the services send."""
    for project in PROJECTS:
        yield from sorted((ROOT / project).rglob("*.py"))
    for library, names in LIBRARIES:
        spec = importlib.util.find_spec(library)
        assert spec is not None and spec.origin is not None
        yield from (Path(spec.origin).parent / name for name in names)


def codes_of(tree: ast.Module) -> Iterator[str]:
    """Yield the codes of errors that a module writes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "code":
            yield from texts(node.value)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {target.id for target in targets if isinstance(target, ast.Name)}
            if names & {"code", "default_code"}:
                yield from texts(node.value)
            elif names & {"default_error_messages"} and isinstance(node.value, ast.Dict):
                for key in node.value.keys:
                    if key is not None:
                        yield from texts(key)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("_reject", "_plain"):
            yield from texts(node.args[2])


def texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def keys(path: Path, name: str) -> set[str]:
    """Return the keys of an object of a file of texts: those of `name: {` or `name … = {`."""
    opening = rf"^( *)(?:export const )?{name}\b[^{{\n]*{{\n(.*?)^\1}}"
    match = re.search(opening, path.read_text(), re.M | re.S)
    assert match is not None, f"{path.name} has no {name}"
    indent = len(match[1]) + 2
    return set(re.findall(rf"^ {{{indent}}}(\w+):", match[2], re.M))


def members(path: str, enumeration: str) -> set[str]:
    """Return the values of an enumeration."""
    tree = ast.parse((ROOT / path).read_text())
    classes = [n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.name == enumeration]
    return {
        text
        for node in classes[0].body
        if isinstance(node, ast.Assign)
        for text in texts(node.value)
    }


def sent_codes() -> set[str]:
    """Return the codes of the problem documents and of field errors."""
    return {code for path in modules() for code in codes_of(ast.parse(path.read_text()))}


def test_every_code_of_an_error_has_a_romanian_text():
    of_imports = keys(I18N / "admin" / "devices.ts", "codes")
    translated = keys(I18N / "server-texts-ro.ts", "serverTextsRo") | of_imports

    assert sorted(sent_codes() - NOT_SENT - translated) == []


def test_no_text_belongs_to_a_code_that_no_service_sends():
    translated = keys(I18N / "server-texts-ro.ts", "serverTextsRo")

    assert sorted(translated - sent_codes()) == []


def test_the_codes_are_really_found():
    some = {"last_admin", "required", "username_ends", "password_too_short", "origin_not_allowed"}

    assert some <= sent_codes()


@pytest.mark.parametrize(
    ("file", "name", "values"),
    [
        ("ingestion.ts", "reasons", {*Reason} | BROKERS_REASONS),
        ("ingestion.ts", "kinds", members(AUTH_MODELS, "SecurityEventKind")),
        ("en.ts", "statuses", members(DEVICE_MODELS, "DeviceStatus")),
        ("en.ts", "types", members(DEVICE_MODELS, "DeviceType")),
    ],
    ids=["reasons", "security events", "statuses", "types"],
)
def test_every_value_that_pages_show_has_a_name(file, name, values):
    # The other language has the same keys: a test of the dashboard compares them.
    assert sorted(str(value) for value in values - keys(I18N / "admin" / file, name)) == []


def test_every_logged_field_of_a_device_has_a_name():
    tree = ast.parse((ROOT / "device_service/devices/inventory/services.py").read_text())
    (fields,) = [
        {text for element in node.value.elts for text in texts(element)}
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Tuple)
        and ast.unparse(node.targets[0]) == "EDITABLE_FIELDS"
    ]

    assert sorted(fields - keys(I18N / "admin" / "en.ts", "fields")) == []


def test_every_action_of_the_log_of_a_device_has_a_name():
    text = (I18N / "admin" / "en.ts").read_text()
    log = text[text.index("  log: {") :]

    actions = members(DEVICE_MODELS, "LogAction")
    assert [action for action in actions if f"{action}:" not in log] == []
