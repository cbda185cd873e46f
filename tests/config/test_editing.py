"""Cameras and albums are added and removed without touching what people wrote around them."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from onlooker.config import Invocation
from onlooker.config.editing import add_album, add_camera, remove_album, remove_camera
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


def test_albums_are_added_beside_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "onlooker.toml"
    path.write_text(WRITTEN)
    add_album(path, "party", "The party", approve=True, quota="20GB")
    add_album(path, "photos")
    text = path.read_text()
    assert text == (
        WRITTEN + '\n[albums.party]\ntitle = "The party"\napprove = true\nquota = "20GB"\n\n[albums.photos]\n'
    )
    settings = Invocation(path).load({})
    assert [album.name for album in settings.albums] == ["party", "photos"]
    assert settings.albums[0].quota == 20_000_000_000
    remove_album(path, "photos")
    remove_album(path, "party")
    assert Invocation(path).load({}).albums == ()
    assert names(path) == ["gate", "shed"]
    assert path.read_text().startswith(WRITTEN)


def test_a_quota_from_the_environment_is_written_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTY_QUOTA", "3GB")
    path = tmp_path / "onlooker.toml"
    add_album(path, "party", quota="${PARTY_QUOTA}")
    assert path.read_text() == '[albums.party]\nquota = "${PARTY_QUOTA}"\n'
    assert Invocation(path).load().albums[0].quota == 3_000_000_000


@pytest.mark.parametrize(
    ("name", "title", "quota", "said"),
    [
        ("party", "", "", "albums.party: there is an album of that name already. Remove it first, or edit the file"),
        (
            "Tea Time",
            "",
            "",
            "albums.Tea Time: an album's name is made of lower-case letters, digits, - and _, at most",
        ),
        ("tea", "", "lots", "albums.tea.quota: “lots” is not an amount of bytes. Write it as in"),
        ("tea", "x" * 121, "", "albums.tea.title: “xxx"),
    ],
)
def test_an_album_that_would_not_load_is_never_written(
    tmp_path: Path, name: str, title: str, quota: str, said: str
) -> None:
    path = tmp_path / "onlooker.toml"
    before = WRITTEN + "[albums.party]\n"
    path.write_text(before)
    with pytest.raises(ConfigError) as caught:
        add_album(path, name, title, quota=quota)
    assert str(caught.value).startswith(f"{path}: {said}")
    assert path.read_text() == before


def test_an_album_goes_alone(tmp_path: Path) -> None:
    path = tmp_path / "onlooker.toml"
    path.write_text("[albums.gate] # ours\napprove = true\n\n[albums.tea]\n\n" + WRITTEN)
    with pytest.raises(ConfigError) as caught:
        remove_album(path, "shed")  # a camera
    assert str(caught.value) == f"{path}: albums.shed: this file has no album of that name. There are: gate, tea"
    remove_album(path, "gate")
    assert path.read_text() == "[albums.tea]\n\n" + WRITTEN
    assert names(path) == ["gate", "shed"]


@pytest.mark.parametrize("written", ["cameras = 3\n", "[[cameras]]\n"])
def test_what_is_no_table_is_said_to_be_none(tmp_path: Path, written: str) -> None:
    path = tmp_path / "onlooker.toml"
    path.write_text(written)
    with pytest.raises(ConfigError, match=r"TOML|not a table"):
        add_camera(path, "garden", "lamp:x")
    with pytest.raises(ConfigError, match="There are no cameras"):
        remove_camera(path, "garden")
    assert path.read_text() == written


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target = tmp_path / "real.toml"
    target.write_text(WRITTEN)
    link = tmp_path / "onlooker.toml"
    link.symlink_to(target)
    add_camera(link, "garden", "lamp:x")
    assert link.is_symlink()
    assert names(target) == ["gate", "shed", "garden"]
