"""JSON Schemas of all messages, written to `schemas/` for programs in other languages.

`python -m energy_contracts.schemas` writes the schemas; a test fails while they are outdated.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import msgspec

from energy_contracts.events import EVENT_DATA, SyncEvent
from energy_contracts.live import LiveFrame
from energy_contracts.reading import MAX_READINGS, Reading

#: The package's folder in the repository: schemas and examples are documents, not code.
PACKAGE_DIR = Path(__file__).parents[2]


def schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of each message by its name: `reading`, `live_frame`, every event type."""
    reading = msgspec.json.schema(Reading)
    documents = {
        "reading": {
            **_titled("reading"),
            "oneOf": [
                {"$ref": reading["$ref"]},
                {"type": "array", "items": {"$ref": reading["$ref"]}, "maxItems": MAX_READINGS},
            ],
            "$defs": reading["$defs"],
        },
        "live_frame": {**_titled("live_frame"), **msgspec.json.schema(LiveFrame)},
    }
    for event_type, model in EVENT_DATA.items():
        schema = msgspec.json.schema(SyncEvent[model])  # type: ignore[valid-type]
        _, envelope = schema["$ref"].rsplit("/", 1)
        schema["$defs"][envelope]["properties"]["event_type"] = {"const": event_type}
        documents[event_type] = {**_titled(event_type), **schema}
    for schema in documents.values():
        _write_decimals_as_numbers(schema)
        for definition in schema["$defs"].values():
            # From Python 3.13 on the compiler itself removes the indentation of docstrings.
            if "description" in definition:
                definition["description"] = inspect.cleandoc(definition["description"])
    return documents


def _write_decimals_as_numbers(schema: Any) -> None:
    """Turn decimals, which msgspec describes as texts, into numbers: `encode_event` writes them."""
    if isinstance(schema, list):
        for element in schema:
            _write_decimals_as_numbers(element)
    elif isinstance(schema, dict):
        if schema.get("format") == "decimal":
            del schema["format"]
            schema["type"] = "number"
            if "default" in schema:
                schema["default"] = float(schema["default"])
        for value in schema.values():
            _write_decimals_as_numbers(value)


def _titled(name: str) -> dict[str, str]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": name}


def schema_text(schema: dict[str, Any]) -> str:
    """Return the committed form of a schema."""
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


def main() -> None:
    """Write every schema to `schemas/<name>.schema.json`."""
    folder = PACKAGE_DIR / "schemas"
    folder.mkdir(exist_ok=True)
    for name, schema in schemas().items():
        (folder / f"{name}.schema.json").write_text(schema_text(schema))


if __name__ == "__main__":
    main()
