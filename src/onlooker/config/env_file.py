"""Changes `.env` by program: other lines stay, and only its owner can read it afterwards."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from onlooker.config.loading import read_text
from onlooker.private_file import write_private


def set_variables(path: Path, values: Mapping[str, str]) -> None:
    """Append these; ValueError if a value could not be read back. Blocks, raises OSError."""
    text = read_text(path) or ""
    if text and not text.endswith("\n"):
        text += "\n"
    text += "".join(f"{name}={_quoted(value)}\n" for name, value in values.items())
    read = dotenv_values(stream=io.StringIO(text), interpolate=False)
    if any(read.get(name) != value for name, value in values.items()):
        raise ValueError("This password has characters that cannot be kept.")
    write_private(path.resolve(), text.encode())


def remove_variables(path: Path, names: Collection[str]) -> None:
    """Take these out, where they are there. Blocks, raises OSError."""
    text = read_text(path)
    if text is None or not names:
        return
    bindings = list(parse_stream(io.StringIO(text)))
    kept = "".join(one.original.string for one in bindings if one.key not in names)
    if kept != text:
        write_private(path.resolve(), kept.encode())


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
