"""Differences between two releases of the messages' schemas that break a program of either release.

Services are upgraded one after the other, and messages wait in queues meanwhile, so each release
must read what the one before sent, and the other way round. A test compares the schemas of
`released/` with today's. Only tests and people import this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = dict[str, Any]

#: Keywords whose value a receiver's schema may only lower, or only raise.
_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
#: Keywords that a receiver's schema may omit, and may not change.
_EQUAL = ("pattern", "format", "multipleOf")

#: Messages that only the platform reads: an older receiver is no concern.
_ONLY_RECEIVED = ("reading",)


def breaking_changes(released: Mapping[str, Schema], current: Mapping[str, Schema]) -> list[str]:
    """Return a sentence for each change from `released` to `current` that breaks a program."""
    changes: list[str] = []
    for name, old in released.items():
        new = current.get(name)
        if new is None:
            changes.append(f"{name}: the message was removed")
            continue
        changes += [f"{name}{text}" for text in losses(old, new)]
        if name not in _ONLY_RECEIVED:
            changes += [
                f"{name}{text}: a receiver of the last release rejects the message"
                for text in rejections(new, old, ignores_unknown=True)
            ]
    return changes


def losses(sender: Schema, receiver: Schema) -> list[str]:
    """Return the parts of a valid message of the sender that the receiver rejects or ignores."""
    return rejections(sender, receiver, ignores_unknown=False)


def rejections(sender: Schema, receiver: Schema, *, ignores_unknown: bool) -> list[str]:
    """Return the reasons why the receiver's schema may reject a valid message of the sender.

    A receiver that `ignores_unknown` is tolerant: fields and values of enumerations that it does
    not know are no reason.
    """
    return list(_Comparison(sender, receiver, ignores_unknown).of("", sender, receiver))


class _Comparison:
    def __init__(self, sender: Schema, receiver: Schema, ignores_unknown: bool) -> None:
        self._sender_definitions = sender.get("$defs", {})
        self._receiver_definitions = receiver.get("$defs", {})
        self._ignores_unknown = ignores_unknown

    def of(self, path: str, sender: Schema, receiver: Schema) -> Iterator[str]:
        sent = _options(sender, self._sender_definitions)
        accepted = _options(receiver, self._receiver_definitions)
        for option in sent:
            same_type = [other for other in accepted if _type(other) == _type(option)]
            if not same_type:
                yield f"{path}: {_type(option)} is not accepted"
                continue
            # One accepting option is enough; without one, the most similar option explains it.
            reasons = [list(self._of_option(path, option, other)) for other in same_type]
            yield from min(reasons, key=len)

    def _of_option(self, path: str, sender: Schema, receiver: Schema) -> Iterator[str]:
        values = _values(receiver)
        if values is not None and not self._ignores_unknown:
            unknown = "any text" if _values(sender) is None else _missing(_values(sender), values)
            if unknown:
                yield f"{path}: the value {unknown} was removed"
        if _values(sender) is None:
            yield from _bounds(path, sender, receiver)
        if "items" in receiver:
            yield from self.of(f"{path}[]", sender.get("items", {}), receiver["items"])
        if "properties" in receiver:
            yield from self._of_object(path, sender, receiver)

    def _of_object(self, path: str, sender: Schema, receiver: Schema) -> Iterator[str]:
        sent, known = sender.get("properties", {}), receiver.get("properties", {})
        for name in receiver.get("required", []):
            if name not in sender.get("required", []):
                yield f"{path}.{name}: the field is required"
        for name, schema in sent.items():
            if name not in known:
                if receiver.get("additionalProperties", True) is False:
                    yield f"{path}.{name}: unknown fields are rejected"
                elif not self._ignores_unknown:
                    yield f"{path}.{name}: the field was removed"
                continue
            if schema.get("default") != known[name].get("default"):
                yield f"{path}.{name}: the default changed"
            yield from self.of(f"{path}.{name}", schema, known[name])


def _options(schema: Schema, definitions: Mapping[str, Schema]) -> list[Schema]:
    """Return the alternatives of a schema, references resolved; a value satisfies one of them."""
    if "$ref" in schema:
        return _options(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    alternatives = schema.get("anyOf") or schema.get("oneOf")
    if alternatives is None:
        return [schema]
    return [option for each in alternatives for option in _options(each, definitions)]


def _values(schema: Schema) -> list[Any] | None:
    """Return the values of an enumeration, None for any other schema."""
    if "const" in schema:
        return [schema["const"]]
    return schema.get("enum")


def _missing(sent: list[Any] | None, accepted: list[Any]) -> str:
    return ", ".join(repr(value) for value in sent or [] if value not in accepted)


def _type(schema: Schema) -> str:
    return "string" if _values(schema) is not None else str(schema.get("type", "anything"))


def _bounds(path: str, sender: Schema, receiver: Schema) -> Iterator[str]:
    for keyword in (*_LOWER_BOUNDS, *_UPPER_BOUNDS):
        if keyword not in receiver:
            continue
        sent, limit = sender.get(keyword), receiver[keyword]
        if sent is None or (sent < limit if keyword in _LOWER_BOUNDS else sent > limit):
            yield f"{path}: {keyword} is {limit}, was {sent}"
    for keyword in _EQUAL:
        if keyword in receiver and receiver[keyword] != sender.get(keyword):
            yield f"{path}: {keyword} is {receiver[keyword]}, was {sender.get(keyword)}"
