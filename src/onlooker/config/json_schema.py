"""The JSON Schema of `onlooker.toml`, for editors that complete and check it."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from onlooker.config.albums import AlbumOptions
from onlooker.config.archive import ArchiveSettings
from onlooker.config.cameras import kind_name, options_model
from onlooker.config.names import NAME_PATTERN
from onlooker.config.server import ServerSettings
from onlooker.sources import kinds

_PLACEHOLDER = {"type": "string", "pattern": r"\$\{", "description": "A value from the environment: ${NAME}."}


def schema() -> dict[str, Any]:
    """The whole schema; of a camera, one alternative for each kind."""
    modules = {kind_name(module): module for module in kinds().values()}
    from_environment = {
        "title": "kind known from the environment",
        "type": "object",
        "properties": {"source": {"type": "string", "pattern": r"^\s*\$\{"}},
        "required": ["source"],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "onlooker.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "server": _open_to_placeholders(ServerSettings.model_json_schema()),
            "archive": _open_to_placeholders(ArchiveSettings.model_json_schema()),
            "cameras": _named({"oneOf": [*map(_kind, modules.values()), from_environment]}),
            "albums": _named(_open_to_placeholders(AlbumOptions.model_json_schema())),
        },
    }


def _named(one: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "propertyNames": {"pattern": NAME_PATTERN}, "additionalProperties": one}


def _kind(module: ModuleType) -> dict[str, Any]:
    made = _open_to_placeholders(options_model(module).model_json_schema())
    made["title"] = kind_name(module)
    schemes = "|".join(sorted(scheme for scheme, owner in kinds().items() if owner is module))
    made["properties"]["source"]["pattern"] = rf"^\s*(?:{schemes}):"
    return made


def _open_to_placeholders(made: dict[str, Any]) -> dict[str, Any]:
    """Numbers, switches and choices may also be written as a `${NAME}`."""
    for name, value in made["properties"].items():
        if value.get("type") != "string" or "enum" in value:
            common = {key: value.pop(key) for key in ("title", "description", "default") if key in value}
            alternatives = value.get("anyOf") or [value]
            made["properties"][name] = {**common, "anyOf": [*alternatives, _PLACEHOLDER]}
    return made
