"""`${NAME}` and `${NAME:-default}` in the strings of the configuration become values of the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from onlooker.config.problems import Problems

_PLACEHOLDER = re.compile(r"\$(?P<escaped>\$\{)|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")
_USERINFO = re.compile(r"^[a-z][a-z0-9+.-]*://((?:\$\{[^}]*\}|[^/?#])*)@", re.IGNORECASE)


def expand(value: Any, environment: Mapping[str, str], key: str, problems: Problems) -> Any:
    """A copy of `value` with the placeholders in its strings replaced; missing variables become problems at their key.

    `$${` stands for a literal `${`. Inside the `user:password@` of a URL a variable's value is percent-encoded, so
    that a password may hold any character.
    """
    if isinstance(value, dict):
        return {
            name: expand(item, environment, f"{key}.{name}" if key else name, problems) for name, item in value.items()
        }
    if isinstance(value, list):
        return [expand(item, environment, f"{key}[{index}]", problems) for index, item in enumerate(value)]
    return _expand_text(value, environment, key, problems) if isinstance(value, str) else value


def _expand_text(text: str, environment: Mapping[str, str], key: str, problems: Problems) -> str:
    userinfo = _USERINFO.match(text)
    secret_end = userinfo.end(1) if userinfo else 0

    def value_of(match: re.Match[str]) -> str:
        if match["escaped"]:
            return match["escaped"]
        found = environment.get(match["name"]) or match["default"]
        if found is None:
            problems.add(key, f"the environment variable {match['name']} is not set. Set it, in .env for example")
            return ""
        return quote(found, safe="") if match.end() <= secret_end else found

    return _PLACEHOLDER.sub(value_of, text)
