"""Docs under test: a setting, command, metric or URL that is not documented fails, and so does one that is gone."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast
from unittest.mock import MagicMock

import pytest
import typer.core
import typer.main

from onlooker import app as composition
from onlooker import cli
from onlooker.archive.archive import Archive
from onlooker.archive.camera_log import CameraLogs
from onlooker.clock import SystemClock
from onlooker.config import ArchiveSettings, Invocation, ServerSettings, file_template, schema
from onlooker.config.albums import AlbumOptions
from onlooker.config.cameras import CommonOptions, kind_name, options_model, own_options
from onlooker.config.loading import TABLES, parse
from onlooker.live.hub import Hub
from onlooker.sources import kinds
from onlooker.web.metrics import ArchiveCollector, CameraLogCollector, HubCollector
from onlooker.web.options import WebOptions

ROOT = Path(__file__).parent.parent
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
PAGES = {path.name: path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]}
EVERYTHING = "\n".join(PAGES.values())
MODULES = sorted(set(kinds().values()), key=kind_name)


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    found = re.search(rf"^{re.escape(heading)}(.*?)(?=^#{{1,{level}}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, f"there is no heading “{heading}”"
    return found[1]


def rows(text: str) -> dict[str, str]:
    """First and second column of a table of keys."""
    return dict(re.findall(r"^\| `([a-z_]+)` \| ([^|]*?) *\|", text, re.MULTILINE))


def said(default: Any) -> str:
    """A default as the table writes it."""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, float | int):
        return f"{default:g}"
    return "[]" if default == () else f'"{default}"'


def check_table(table: Mapping[str, str], fields: Mapping[str, Any]) -> None:
    assert list(table)
    assert set(table) == set(fields)
    for name, field in fields.items():
        if table[name].startswith("`") and not field.is_required():
            assert table[name] == f"`{said(field.default)}`", f"the default of {name}"


def test_every_key_of_server_and_its_default() -> None:
    check_table(rows(section(CONFIGURATION, "## `[server]`")), ServerSettings.model_fields)


def test_every_key_of_the_archive_and_its_default() -> None:
    text = section(CONFIGURATION, "## `[archive]`")
    check_table(rows(text), ArchiveSettings.model_fields)
    fields = re.findall(r"`%([A-Za-z])`", "\n".join(re.findall(r"^\| `%.*?\|", text, re.MULTILINE)))
    assert sorted(fields) == sorted(file_template.FIELDS)


def test_every_key_of_an_album_and_its_default() -> None:
    check_table(rows(section(CONFIGURATION, "## `[albums.NAME]`")), AlbumOptions.model_fields)


def test_every_key_of_a_camera_and_its_default() -> None:
    common = section(CONFIGURATION, "## `[cameras.NAME]`").partition("###")[0]
    check_table(rows(common), CommonOptions.model_fields)


@pytest.mark.parametrize("module", MODULES, ids=kind_name)
def test_every_option_of_a_kind_and_its_default(module: ModuleType) -> None:
    text = section(CONFIGURATION, f"### Kind `{kind_name(module)}`:")
    fields = options_model(module).model_fields
    check_table(rows(text), {name: fields[name] for name in own_options(module)})
    for scheme in module.SCHEMES:
        assert f"{scheme}:" in text or f"`{scheme}`" in text


@pytest.mark.parametrize("module", MODULES, ids=kind_name)
def test_every_option_is_described_where_it_is_defined(module: ModuleType) -> None:
    fields = options_model(module).model_fields
    assert not [name for name in own_options(module) if not fields[name].description]
    assert not set(own_options(module)) & set(CommonOptions.model_fields)


def commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if isinstance(command, typer.core.TyperGroup):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


ALL_COMMANDS = dict(commands(typer.main.get_command(cli.app), "onlooker"))


@pytest.mark.parametrize("path", ALL_COMMANDS)
def test_every_command_and_its_options(path: str) -> None:
    command = ALL_COMMANDS[path]
    arguments = [one.name.upper() for one in command.params if one.param_type_name == "argument"]
    text = section(COMMANDS, f"## `{' '.join([path, *arguments])}`")
    assert command.help
    options = {name for one in command.params if one.param_type_name == "option" for name in one.opts}
    assert not {name for name in options if f"`{name}" not in text and name != "--help"}
    own, _, _ = text.partition("\n## ")
    assert not {name for name in re.findall(r"^\| `(--[a-z-]+)", own, re.MULTILINE) if name not in options}


def test_no_command_is_documented_that_is_gone() -> None:
    documented = re.findall(r"^## `(onlooker [a-z ]+?)(?: [A-Z ]+)?`", COMMANDS, re.MULTILINE)
    assert sorted(documented) == sorted(ALL_COMMANDS)


def test_every_metric() -> None:
    hub = cast(Hub, SimpleNamespace(cameras={}))
    writer = SimpleNamespace(commits=0, changes=0)
    logs = cast(CameraLogs, SimpleNamespace(logs={}))
    archive = cast(Archive, SimpleNamespace(albums={}, database=SimpleNamespace(reads=0, writer=writer)))
    collected = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for collector in (HubCollector(hub), ArchiveCollector(archive), CameraLogCollector(logs))
        for family in collector.collect()
    }
    documented = set(re.findall(r"`(onlooker_[a-z_]+)`", EVERYTHING))
    assert collected
    assert documented == collected


def urls(routes: Any, prefix: str = "") -> Iterator[str]:
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from urls(included.routes, prefix)
        else:
            yield prefix + route.path


def test_every_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composition, "Gate", lambda app, **_: app)
    hub = Hub(SystemClock())
    built: Any = composition.build(hub, MagicMock(), MagicMock(), WebOptions(), lambda: True)
    found = set(urls(built.routes))
    assert "/cameras/{name}/live.mjpg" in found
    plain = re.sub(r"\{[^}]*\}", "{}", EVERYTHING)
    missing = {url for url in found if not re.search(_mentioned(re.sub(r"\{[^}]*\}", "{}", url)), plain)}
    assert not missing


def _mentioned(url: str) -> str:
    """The URL as a whole word in code: not only as the beginning of a longer one."""
    return rf"(?<![\w/}}]){re.escape(url)}(?![\w{{-]|/\w|/\{{|\.\w)"


@pytest.mark.parametrize("name", PAGES)
def test_every_toml_block_loads(name: str, tmp_path: Path) -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```", PAGES[name], re.MULTILINE | re.DOTALL)
    environment = dict.fromkeys(re.findall(r"\$\{(\w+)\}", PAGES[name]), "1")
    (tmp_path / "some.pem").write_text("")
    for block in blocks:
        # Of certificates, only the keys are under test: nobody has the example's files.
        block = re.sub(r'"[^"]*\.pem"', '"some.pem"', block)
        parse(block, Invocation(tmp_path / name), environment, {})
    assert blocks or "[cameras." not in PAGES[name]


@pytest.mark.parametrize("name", PAGES)
def test_every_command_that_a_page_names_is_there(name: str) -> None:
    known = {path.split()[1] for path in ALL_COMMANDS}
    text = PAGES[name]
    shell = "\n".join(re.findall(r"^```(?:sh|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    named = re.findall(r"`onlooker ([a-z]+)", text) + re.findall(r"\bonlooker ([a-z]+) ", shell)
    assert not set(named) - known


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    folder = ROOT if name == "README.md" else ROOT / "docs"
    links = re.findall(r"\]\((?!https?:)([^)#]+)", PAGES[name])
    assert not [link for link in links if not (folder / link).exists()]


def test_the_example_is_valid() -> None:
    example = ROOT / "onlooker.example.toml"
    settings = Invocation(example).load({})
    assert {camera.kind for camera in settings.cameras} == {kind_name(module) for module in MODULES}
    uncommented = re.sub(r"^# (\w+ = )", r"\1", example.read_text(encoding="utf-8"), flags=re.MULTILINE)
    tables = tomllib.loads(uncommented)
    assert set(tables["server"]) <= set(ServerSettings.model_fields)
    assert set(tables["archive"]) == set(ArchiveSettings.model_fields)
    assert settings.archive == ArchiveSettings.model_validate({})
    assert settings.albums


def test_the_schema_covers_every_setting() -> None:
    made = schema()
    assert set(made["properties"]) == set(TABLES)
    for table, model in (("server", ServerSettings), ("archive", ArchiveSettings)):
        assert set(made["properties"][table]["properties"]) == set(model.model_fields)
    assert set(made["properties"]["albums"]["additionalProperties"]["properties"]) == set(AlbumOptions.model_fields)
    alternatives = {one["title"]: one for one in made["properties"]["cameras"]["additionalProperties"]["oneOf"]}
    for module in MODULES:
        one = alternatives[kind_name(module)]
        assert set(one["properties"]) == set(options_model(module).model_fields)
        assert all(re.match(one["properties"]["source"]["pattern"], f"{scheme}:x") for scheme in module.SCHEMES)
        assert all(value.get("description") for value in one["properties"].values())
