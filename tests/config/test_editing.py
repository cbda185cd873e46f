"""Cameras are added and removed without touching what people wrote around them."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from onlooker.config import Invocation
from onlooker.config.editing import add_camera, remove_camera
from onlooker.errors import ConfigError

WRITTEN = """# My cameras, please keep this line.

[server]
port    =  6000   # not the usual one

[cameras.gate]   # by the road
source = "lamp:gate"
# width = 320


[cameras.shed]
source = 'lamp:shed'
"""


def names(path: Path) -> list[str]:
    return [camera.name for camera in Invocation(path).load({}).cameras]


def test_the_first_camera_makes_the_file_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "onlooker.toml"
    add_camera(path, "garden", "lamp:x", "The garden")
    assert path.read_text() == '[cameras.garden]\ntitle = "The garden"\nsource = "lamp:x"\n'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_adding_keeps_every_letter(tmp_path: Path) -> None:
    path = tmp_path / "onlooker.toml"
    path.write_text(WRITTEN)
    path.chmod(0o644)
    add_camera(path, "garden", "lamp:x", options={"width": "100", "bright": "no", "idle_after": "2"})
    text = path.read_text()
    assert text.startswith(WRITTEN)
    assert tomllib.loads(text)["cameras"]["garden"] == {
        "source": "lamp:x",
        "width": 100,
        "bright": False,
        "idle_after": 2.0,
    }
    assert names(path) == ["gate", "shed", "garden"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [entry.name for entry in tmp_path.iterdir()] == ["onlooker.toml"]


def test_a_placeholder_is_written_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHED_PASSWORD", "hunter2")
    monkeypatch.setenv("SHED_WIDTH", "44")
    path = tmp_path / "onlooker.toml"
    add_camera(path, "shed", "lamp://me:${SHED_PASSWORD}@host", options={"width": "${SHED_WIDTH}"})
    assert 'width = "${SHED_WIDTH}"' in path.read_text()
    assert "hunter2" not in path.read_text()


@pytest.mark.parametrize(
    ("name", "source", "options", "said"),
    [
        ("gate", "lamp:x", {}, "there is a camera of that name already"),
        ("The Gate", "lamp:x", {}, "lower-case letters"),
        ("new", "lump:x", {}, "“lump:”"),
        ("new", "lamp:x", {"width": "wide"}, "cameras.new.width: “wide” is not allowed"),
        ("new", "lamp:x", {"wdith": "1"}, "cameras.new.wdith: unknown key; did you mean “width”?"),
        ("new", "lamp:${NOT_THERE}", {}, "NOT_THERE is not set"),
    ],
)
def test_what_would_not_load_is_never_written(
    tmp_path: Path, name: str, source: str, options: dict[str, str], said: str
) -> None:
    path = tmp_path / "onlooker.toml"
    path.write_text(WRITTEN)
    with pytest.raises(ConfigError, match=r"onlooker\.toml: ") as caught:
        add_camera(path, name, source, options=options)
    assert said in str(caught.value)
    assert path.read_text() == WRITTEN


def test_removing_keeps_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "onlooker.toml"
    path.write_text(WRITTEN)
    remove_camera(path, "gate")
    text = path.read_text()
    assert text.startswith("# My cameras, please keep this line.\n\n[server]\nport    =  6000   # not the usual one\n")
    assert "[cameras.shed]\nsource = 'lamp:shed'\n" in text
    assert names(path) == ["shed"]
    remove_camera(path, "shed")
    assert names(path) == []


def test_removing_between_other_tables(tmp_path: Path) -> None:
    path = tmp_path / "onlooker.toml"
    path.write_text('[cameras.a]\nsource = "lamp:a"\n[server]\nport = 1\n[cameras.b]\nsource = "lamp:b"\n')
    remove_camera(path, "a")
    assert names(path) == ["b"]
    assert Invocation(path).load({}).server.port == 1


def test_removing_one_that_is_not_there_says_which_are(tmp_path: Path) -> None:
    path = tmp_path / "onlooker.toml"
    path.write_text(WRITTEN)
    with pytest.raises(ConfigError, match="There are: gate, shed"):
        remove_camera(path, "door")
    with pytest.raises(ConfigError, match="There are no cameras"):
        remove_camera(tmp_path / "none.toml", "door")


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target = tmp_path / "real.toml"
    target.write_text(WRITTEN)
    link = tmp_path / "onlooker.toml"
    link.symlink_to(target)
    add_camera(link, "garden", "lamp:x")
    assert link.is_symlink()
    assert names(target) == ["gate", "shed", "garden"]
