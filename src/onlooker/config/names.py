"""Names of cameras and albums, as they stand in URLs and folders, and the tables that carry them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from onlooker.config.problems import Problems

NAME_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,62}$"
_LONGEST = 63


def named_tables(
    tables: object, raw: object, key: str, noun: str, problems: Problems
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Each `[key.NAME]`: its name, its keys, and its keys as written; what is not one becomes a problem instead.

    `noun` is what one of them is called, with its article.
    """
    if not isinstance(tables, dict) or not isinstance(raw, dict):
        problems.add(key, f"is not a table. Write [{key}.NAME] for each, with a name of your own for NAME")
        return
    for name, table in tables.items():
        written = raw.get(name)
        if not re.fullmatch(NAME_PATTERN, name):
            slug = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")[:_LONGEST]
            hint = f"; “{slug}” would do" if slug else ""
            problems.add(
                f"{key}.{name}",
                f"{noun}'s name is made of lower-case letters, digits, - and _, at most {_LONGEST}{hint}",
            )
        elif not isinstance(table, dict) or not isinstance(written, dict):
            problems.add(f"{key}.{name}", f"is not a table. Write [{key}.{name}] and {noun}'s keys below it")
        else:
            yield name, table, written


def pretty(name: str) -> str:
    """A title for what has none: “front-door” is “Front door”."""
    words = re.sub(r"[-_]+", " ", name).strip()
    return words[:1].upper() + words[1:]
