"""How a camera is looked at is written to the file, and nothing else in it changes."""

from __future__ import annotations

import logging
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from onlooker.config import Invocation
from onlooker.config import editing as editing_module
from onlooker.config.editing import add_camera, set_view
from onlooker.config.viewing import keep_view
from onlooker.errors import ConfigError, NotWritable
from onlooker.media import Projection

WRITTEN = """# My cameras, please keep this line.

[server]
port    =  6000   # not the usual one

[cameras.gate]   # by the road
source = "lamp:gate"
# width = 320


[cameras.shed]
source = 'lamp:shed'
heading = 12   # north"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "onlooker.toml"
    path.write_text(WRITTEN)
    return path


def look(path: Path, name: str) -> tuple[Projection | None, float, float]:
    camera = next(camera for camera in Invocation(path).load({}).cameras if camera.name == name)
    return camera.projection, camera.heading, camera.pitch


def test_what_is_asked_for_is_written_and_all_else_stays(path: Path) -> None:
    set_view(path, "gate", Projection.EQUIRECTANGULAR, 90.5, -5)
    assert look(path, "gate") == (Projection.EQUIRECTANGULAR, 90.5, -5)
    assert look(path, "shed") == (None, 12, 0)
    added = [line for line in path.read_text().splitlines() if line not in WRITTEN.splitlines()]
    assert added == ['projection = "equirectangular"', "heading = 90.5", "pitch = -5"]
    assert [line for line in path.read_text().splitlines() if line not in added] == WRITTEN.splitlines()


def test_a_value_that_was_there_is_replaced_with_its_comment_kept(path: Path) -> None:
    set_view(path, "shed", None, -30, 0)
    assert path.read_text() == WRITTEN.replace("heading = 12 ", "heading = -30 ")


def test_what_is_as_by_default_is_not_written(path: Path) -> None:
    set_view(path, "gate", None, 0, 0)
    assert path.read_text() == WRITTEN
    set_view(path, "gate", Projection.FISHEYE, 10, 10)
    set_view(path, "gate", None, 0, 0)
    assert path.read_text() == WRITTEN


@pytest.mark.parametrize(
    "text",
    [
        '[cameras]\ngate = {source = "lamp:"}\n',
        'cameras.gate.source = "lamp:"\n',
        '[cameras]\ngate.source = "lamp:"\nshed.source = "lamp:"\n',
        '[cameras.gate]\nsource = "lamp:"\n[server]\nport = 6000\n[cameras.shed]\nsource = "lamp:"\n',
    ],
)
def test_however_the_table_is_written(path: Path, text: str) -> None:
    path.write_text(text)
    before = tomllib.loads(text)
    set_view(path, "gate", Projection.DUAL_FISHEYE, 7, 0)
    assert look(path, "gate") == (Projection.DUAL_FISHEYE, 7, 0)
    before["cameras"]["gate"] |= {"projection": "dual-fisheye", "heading": 7}
    assert tomllib.loads(path.read_text()) == before


def test_a_camera_that_is_not_in_the_file(path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"cameras\.attic: this file has no camera of that name\. There are: gate, shed"
    ):
        set_view(path, "attic", None, 1, 1)
    assert path.read_text() == WRITTEN


def test_what_would_not_load_is_never_written(path: Path) -> None:
    with pytest.raises(ConfigError, match="pitch"):
        set_view(path, "gate", None, 0, 95)
    assert path.read_text() == WRITTEN


def test_changes_at_once_do_not_undo_each_other(path: Path) -> None:
    def one(number: int) -> None:
        add_camera(path, f"more{number}", "lamp:")
        set_view(path, f"more{number}", None, number, 0)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(1, 17)))
    cameras = {camera.name: camera.heading for camera in Invocation(path).load({}).cameras}
    assert cameras == {"gate": 0, "shed": 12, **{f"more{number}": number for number in range(1, 17)}}


def test_what_the_hub_cannot_write_is_said_by_hand_and_the_file_only_in_the_log(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(editing_module.tempfile, "mkstemp", refused)
    with caplog.at_level(logging.ERROR), pytest.raises(NotWritable) as raised:
        keep_view(path, "gate", Projection.FISHEYE, 90, 0)
    assert str(path) not in str(raised.value)
    assert 'projection = "fisheye"' in str(raised.value)
    assert raised.value.by_hand == '[cameras.gate]\nprojection = "fisheye"\nheading = 90\npitch = 0'
    assert str(path) in caplog.text
    assert path.read_text() == WRITTEN


def test_a_camera_of_the_command_line_is_said_by_hand(path: Path) -> None:
    with pytest.raises(NotWritable, match=r"under \[cameras\.attic\]"):
        keep_view(path, "attic", None, 90, 0)
