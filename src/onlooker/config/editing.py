"""Change `onlooker.toml` by program: comments and layout stay, and a file that would not load is never written."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import TypeAdapter, ValidationError
from tomlkit.exceptions import TOMLKitError

from onlooker.config.cameras import CommonOptions, options_model
from onlooker.config.loading import Invocation, parse, read_dotenv, read_text
from onlooker.errors import ConfigError
from onlooker.media import Projection
from onlooker.sources import kind_of

_NOUNS = {"cameras": "a camera", "albums": "an album"}
_editing = threading.Lock()  # a hub edits for several people: each change starts from the one before


def add_camera(path: Path, name: str, source: str, title: str = "", options: Mapping[str, str] | None = None) -> None:
    """Append a camera, creating the file when there is none; ConfigError when it exists or would not load.

    Options are texts as typed; they are written with the type that the kind gives them. `${NAME}` stays as it is.
    """
    table: dict[str, Any] = {"title": title} if title else {}
    _append(path, "cameras", name, table | {"source": source, **_typed(source, options or {})})


def remove_camera(path: Path, name: str) -> None:
    """Take a camera out; ConfigError names those there are when it is not among them."""
    _remove(path, "cameras", name)


def set_view(path: Path, name: str, projection: Projection | None, heading: float, pitch: float) -> None:
    """Say how a camera's pictures are to be looked at; what is as by default is not written. ConfigError as above."""
    view = {"projection": projection.value if projection else "auto", "heading": heading, "pitch": pitch}
    with _editing:
        document = _document(path, read_text(path) or "")
        table = _one(path, _named(document, "cameras"), "cameras", name)
        for key, value in view.items():
            if value == CommonOptions.model_fields[key].default:
                table.pop(key, None)
            elif table.get(key) != value:
                table[key] = value
        _replace(path, tomlkit.dumps(document))


def add_album(path: Path, name: str, title: str = "", approve: bool = False, quota: str = "") -> None:
    """Append an album, creating the file when there is none; ConfigError when it exists or would not load."""
    written = {"title": title, "approve": approve, "quota": quota}
    _append(path, "albums", name, {key: value for key, value in written.items() if value})


def remove_album(path: Path, name: str) -> None:
    """Take an album out, and leave its photos alone; ConfigError names those there are when it is not among them."""
    _remove(path, "albums", name)


def _append(path: Path, key: str, name: str, table: Mapping[str, Any]) -> None:
    with _editing:
        text = read_text(path) or ""
        if name in _named(_document(path, text), key):
            raise ConfigError(
                f"{path}: {key}.{name}: there is {_NOUNS[key]} of that name already. Remove it first, or edit the file"
            )
        block = tomlkit.dumps({key: {name: table}})
        _replace(path, f"{text.rstrip()}\n\n{block}" if text.strip() else block)


def _remove(path: Path, key: str, name: str) -> None:
    with _editing:
        document = _document(path, read_text(path) or "")
        there = _named(document, key)
        _one(path, there, key, name)
        del there[name]
        if not there:
            del document[key]
        _replace(path, tomlkit.dumps(document))


def _one(path: Path, there: MutableMapping[str, Any], key: str, name: str) -> MutableMapping[str, Any]:
    """One of these tables; ConfigError names those there are when it is not among them."""
    if name not in there:
        known = f"There are: {', '.join(there)}" if there else f"There are no {key}"
        raise ConfigError(f"{path}: {key}.{name}: this file has no {key.removesuffix('s')} of that name. {known}")
    found = there[name]
    return found if isinstance(found, MutableMapping) else {}


def _named(document: tomlkit.TOMLDocument, key: str) -> MutableMapping[str, Any]:
    """The tables `[key.NAME]`; what is something else is left for the check of the whole file."""
    there = document.get(key, {})
    return there if isinstance(there, MutableMapping) else {}


def _document(path: Path, text: str) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(f"{path}: this is not valid TOML: {error}") from None


def _typed(source: str, options: Mapping[str, str]) -> dict[str, Any]:
    """`width=640` becomes a number where the kind wants one; what is wrong is left for the check of the whole file."""
    try:
        model: type[CommonOptions] = options_model(kind_of(source))
    except ConfigError:
        return dict(options)
    typed: dict[str, Any] = dict(options)
    for key, text in options.items():
        if key in model.model_fields and "${" not in text:
            with contextlib.suppress(ValidationError):
                one: TypeAdapter[Any] = TypeAdapter(model.model_fields[key].rebuild_annotation())
                typed[key] = one.dump_python(one.validate_python(text), mode="json")
    return typed


def _replace(path: Path, text: str) -> None:
    """Check, then write beside and rename, so that a reader sees the old file or the new one."""
    parse(text, Invocation(path), os.environ, read_dotenv(Invocation(path).env_path))
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    # A source may hold a password, so a new file is for its owner only; an existing one keeps its mode.
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
    handle, beside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, mode)
        os.replace(beside, target)
    except OSError as error:
        Path(beside).unlink(missing_ok=True)
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None
