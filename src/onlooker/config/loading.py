"""One call from a command's options to settings: the file, the environment and `.env`, read and checked together."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import ValidationError

from onlooker.archive.options import AlbumPlan
from onlooker.config.albums import AlbumSettings, album_plans, album_settings
from onlooker.config.archive import ArchiveSettings
from onlooker.config.cameras import CameraSettings, camera_settings
from onlooker.config.expansion import expand
from onlooker.config.names import named_tables, pretty
from onlooker.config.problems import Problems, checked, explain, unknown_key
from onlooker.config.server import PATH_KEYS, ServerSettings
from onlooker.errors import ConfigError

DEFAULT_FILE = Path("onlooker.toml")
TABLES = ("server", "archive", "cameras", "albums")
_NO_TABLE = "is not a table. Write [{}] and its keys below it"


@dataclass(frozen=True, slots=True)
class StreamLogin:
    """The account that STREAM_USERNAME and STREAM_PASSWORD give."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that is configured; `path` is the file it came from, whether it exists or not."""

    server: ServerSettings
    archive: ArchiveSettings
    cameras: tuple[CameraSettings, ...]
    albums: tuple[AlbumSettings, ...]
    path: Path
    stream_login: StreamLogin | None = None

    def album_plans(self) -> tuple[AlbumPlan, ...]:
        """Every album there is, in order: those that are configured, and those that come with the cameras."""
        return album_plans(self.albums, self.cameras)


@dataclass(frozen=True, slots=True)
class Invocation:
    """What the command line said: the file, if any, keys of `[server]` that win over everything else, and cameras.

    Without `config_path` the file is `onlooker.toml` in the current folder, and may be missing; a file that was asked
    for has to be there. `cameras` are tables like `[cameras.NAME]`; they stand before those of the file, where one of
    the same name takes their place.
    """

    config_path: Path | None = None
    overrides: Mapping[str, object] = field(default_factory=dict)
    cameras: Mapping[str, Mapping[str, object]] = field(default_factory=dict, repr=False)

    @property
    def path(self) -> Path:
        """The file this invocation reads."""
        return self.config_path or DEFAULT_FILE

    @property
    def env_path(self) -> Path:
        """The `.env` beside it."""
        return self.path.parent / ".env"

    def load(self, environ: Mapping[str, str] | None = None) -> Settings:
        """Read everything; ConfigError has a line for each problem."""
        text = read_text(self.path)
        if text is None and self.config_path is not None:
            raise ConfigError(f"{self.path}: there is no such file. “onlooker camera add” makes one")
        return parse(text or "", self, os.environ if environ is None else environ, read_dotenv(self.env_path))


@dataclass(frozen=True, slots=True)
class _Layer:
    """One place server keys can come from, with the words for it in an error."""

    where: str
    key: str  # a template: {key}, {KEY}, {option}
    values: Mapping[str, object]
    folder: Path  # what a relative path is relative to


def parse(text: str, invocation: Invocation, environ: Mapping[str, str], dotenv: Mapping[str, str]) -> Settings:
    """Settings from the text of a file and what surrounds it; ConfigError has a line for each problem."""
    problems = Problems(str(invocation.path))
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{invocation.path}: this is not valid TOML: {error}") from None
    if invocation.cameras and isinstance(raw.get("cameras", {}), dict):
        raw["cameras"] = {**{name: dict(table) for name, table in invocation.cameras.items()}, **raw.get("cameras", {})}
    for name in raw.keys() - set(TABLES):
        problems.add(name, unknown_key(name, TABLES))
    environment = {**dotenv, **environ}
    tables: dict[str, Any] = expand({name: raw[name] for name in TABLES if name in raw}, environment, "", problems)
    server = _server(_layers(tables, invocation, environ, dotenv, problems), raw.get("server"), problems)
    archive = _archive(tables.get("archive", {}), raw.get("archive", {}), problems)
    cameras = _cameras(tables.get("cameras", {}), raw.get("cameras", {}), problems)
    albums = _albums(tables.get("albums", {}), raw.get("albums", {}), cameras, problems)
    login = _stream_login(environment, problems)
    problems.raise_if_any()
    assert server is not None  # no problem, no None
    assert archive is not None
    return Settings(server, archive, cameras, albums, invocation.path, login)


def read_text(path: Path) -> str | None:
    """The text of a configuration file; None when there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: this is not a UTF-8 text file") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None


def read_dotenv(path: Path) -> dict[str, str]:
    """The variables of a `.env` file; none when there is no file."""
    if read_text(path) is None:
        return {}
    return {name: value for name, value in dotenv_values(path, interpolate=False).items() if value is not None}


def _layers(
    tables: Mapping[str, Any],
    invocation: Invocation,
    environ: Mapping[str, str],
    dotenv: Mapping[str, str],
    problems: Problems,
) -> list[_Layer]:
    """The places of server keys, the strongest first."""
    folder, here = invocation.path.parent, Path()
    table = tables.get("server", {})
    if not isinstance(table, dict):
        problems.add("server", _NO_TABLE.format("server"))
        table = {}
    given = {key: value for key, value in invocation.overrides.items() if value is not None}
    return [
        _Layer("command line", "--{option}", given, here),
        _Layer("environment", "ONLOOKER_{KEY}", _server_keys(environ), here),
        _Layer(str(invocation.env_path), "ONLOOKER_{KEY}", _server_keys(dotenv), folder),
        _Layer("", "server.{key}", table, folder),
        _Layer("", "server.{key}", {"data": ServerSettings.model_fields["data"].default}, folder),
    ]


def _server_keys(variables: Mapping[str, str]) -> dict[str, str]:
    names = {key: f"ONLOOKER_{key.upper()}" for key in ServerSettings.model_fields}
    return {key: variables[name] for key, name in names.items() if variables.get(name)}


def _server(layers: list[_Layer], raw: object, problems: Problems) -> ServerSettings | None:
    origin: dict[str, _Layer] = {}
    values: dict[str, object] = {}
    for layer in reversed(layers):
        for key, value in layer.values.items():
            origin[key] = layer
            is_path = key in PATH_KEYS and isinstance(value, str | Path)
            values[key] = layer.folder / Path(str(value)).expanduser() if is_path else value
    try:
        return ServerSettings.model_validate(values)
    except ValidationError as error:
        shown = {**layers[1].values, **layers[2].values, **layers[0].values}
        shown = {key: shown.get(key) for key in origin if origin[key] in layers[:3]}
        written = raw if isinstance(raw, dict) else {}
        for key, sentence in explain(error, ServerSettings, {**written, **shown}).items():
            place = origin.get(key, layers[3])
            name = place.key.format(key=key, KEY=key.upper(), option=key.replace("_", "-")) if key else "server"
            problems.add(name, sentence, place.where)
        return None


def _archive(table: object, raw: object, problems: Problems) -> ArchiveSettings | None:
    if not isinstance(table, dict) or not isinstance(raw, dict):
        problems.add("archive", _NO_TABLE.format("archive"))
        return None
    return checked(ArchiveSettings, table, raw, "archive", problems)


def _cameras(tables: object, raw: object, problems: Problems) -> tuple[CameraSettings, ...]:
    named = named_tables(tables, raw, "cameras", "a camera", problems)
    found = (camera_settings(name, table, written, problems) for name, table, written in named)
    return tuple(camera for camera in found if camera is not None)


def _albums(
    tables: object, raw: object, cameras: tuple[CameraSettings, ...], problems: Problems
) -> tuple[AlbumSettings, ...]:
    titles = {camera.name: camera.title for camera in cameras}
    named = named_tables(tables, raw, "albums", "an album", problems)
    found = (
        album_settings(name, table, written, titles.get(name, pretty(name)), problems) for name, table, written in named
    )
    return tuple(album for album in found if album is not None)


def _stream_login(environment: Mapping[str, str], problems: Problems) -> StreamLogin | None:
    username, password = environment.get("STREAM_USERNAME", ""), environment.get("STREAM_PASSWORD", "")
    if bool(username) != bool(password):
        there, missing = ("STREAM_USERNAME", "STREAM_PASSWORD") if username else ("STREAM_PASSWORD", "STREAM_USERNAME")
        problems.add(missing, f"is missing while {there} is set. Set both or neither", "environment")
    return StreamLogin(username, password) if username and password else None
