"""What is wrong with a configuration, collected and said in one line each: file, key, what is allowed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from onlooker.errors import ConfigError
from onlooker.formats.urls import redacted

_Model = TypeVar("_Model", bound=BaseModel)
_SECRET_KEY = re.compile(r"pass|pwd|secret|token|(?<!tls_)key", re.IGNORECASE)


@dataclass(slots=True)
class Problems:
    """Everything found wrong in one place of origin (a file, the environment); `raise_if_any` ends the collecting."""

    where: str
    lines: list[str] = field(default_factory=list)

    def add(self, key: str, text: str, where: str = "") -> None:
        """Note one problem; `where` overrides the place of origin."""
        self.lines.append(": ".join(part for part in (where or self.where, key, text) if part))

    def raise_if_any(self) -> None:
        """Raise one ConfigError with a line for each problem."""
        if self.lines:
            raise ConfigError("\n".join(self.lines))


def checked(
    model: type[_Model], values: Mapping[str, Any], raw: Mapping[str, Any], key: str, problems: Problems
) -> _Model | None:
    """The expanded table `key` as its model; None when something is wrong with it, which is then among the problems."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        for name, sentence in explain(error, model, raw).items():
            problems.add(f"{key}.{name}" if name else key, sentence)
        return None


def suggestion(word: str, known: Iterable[str]) -> str:
    """“; did you mean …?” when a known word is near, else an empty text."""
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f"; did you mean “{near[0]}”?" if near else "."


def unknown_key(word: str, known: Iterable[str]) -> str:
    """The sentence for a key that does not exist."""
    names = sorted(known)
    return f"unknown key{suggestion(word, names)} Allowed: {', '.join(names)}"


def explain(error: ValidationError, model: type[BaseModel], raw: Mapping[str, Any]) -> dict[str, str]:
    """A sentence for each wrong key of `model`; `raw` holds the values as they were written, before expansion."""
    properties: dict[str, Any] = model.model_json_schema()["properties"]
    sentences: dict[str, str] = {}
    for one in error.errors():
        key = str(one["loc"][0]) if one["loc"] else ""
        if key not in sentences:
            sentences[key] = _sentence(key, one, properties, raw.get(key))
    return sentences


def _sentence(key: str, one: Any, properties: Mapping[str, Any], raw: object) -> str:
    if one["type"] == "extra_forbidden":
        return unknown_key(key, properties)
    if one["type"] == "missing":
        return f"is missing. It takes {allowed(properties[key])}"
    if one["type"] == "value_error":
        # It quotes the value as it was read; people see it as they wrote it, and a variable's value nowhere.
        text = str(one["ctx"]["error"])
        return text if raw is None else text.replace(f"“{one['input']}”", _shown(key, raw))
    text = f"{_shown(key, raw)} is not allowed. It takes {allowed(properties[key])}"
    choices = properties[key].get("enum", [])
    hint = suggestion(raw, map(str, choices)) if isinstance(raw, str) else "."
    return text if hint == "." else text + hint


def _shown(key: str, raw: object) -> str:
    if _SECRET_KEY.search(key) or raw is None:
        return "this value"
    text = {True: "true", False: "false"}[raw] if isinstance(raw, bool) else redacted(str(raw))
    return f"“{text if len(text) <= 60 else text[:57] + '…'}”"


def allowed(schema: Mapping[str, Any]) -> str:
    """What a JSON Schema of one value allows, in words."""
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if "const" in schema:
        return f"only “{schema['const']}”"
    if "anyOf" in schema:
        return " or ".join(allowed(one) for one in schema["anyOf"] if one.get("type") != "null")
    match schema.get("type"):
        case "boolean":
            return "true or false"
        case "integer":
            return "a whole number" + _range(schema)
        case "number":
            return "a number" + _range(schema)
        case "array":
            return f"a list of {allowed(schema.get('items', {}))}"
        case "object":
            return "a table"
        case _ if schema.get("format") == "file-path":
            return "the path of a file that exists"
        case _ if schema.get("format") == "path":
            return "a path"
        case _:
            return "text"


def _range(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    parts = []
    if low is not None:
        parts.append(f"of at least {low:g}")
    if above is not None:
        parts.append(f"above {above:g}")
    if high is not None:
        parts.append(f"of at most {high:g}")
    if below is not None:
        parts.append(f"below {below:g}")
    return " " + " and ".join(parts) if parts else ""
