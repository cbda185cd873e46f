"""What a crash left is put right at the start, however often it takes, and nobody's file is touched."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import pytest

from onlooker.archive import opening, recovery
from onlooker.archive.layout import Layout
from onlooker.archive.opening import DATABASE, hold
from onlooker.errors import ConfigError
from onlooker.media import Photo
from onlooker.private_file import Locked
from tests.archive.scene import files, kept, options, picture, scene, sql


async def crashed_before_the_move(data: Path, number: int = 1) -> tuple[Photo, Layout]:
    """A photo that is committed, and still lies in incoming/."""
    photo = (await kept(data, number))[0]
    layout = Layout(data, options(data).files)
    layout.place(photo.path).rename(layout.part(photo.id))
    return photo, layout


async def test_a_committed_photo_goes_to_its_place(tmp_path: Path) -> None:
    photo, layout = await crashed_before_the_move(tmp_path)
    async with scene(tmp_path) as there:
        assert layout.place(photo.path).read_bytes() == picture(1)
        assert (await there.archive.photo(there.album, photo.id)).path == photo.path
    assert files(layout.incoming) == []


async def test_a_torso_goes_and_a_resumable_upload_stays(tmp_path: Path) -> None:
    await kept(tmp_path)
    incoming = tmp_path / "incoming"
    for name in ("torso.part", "begun.part", "begun.json", ".begun.json.0a1b2c3d", "mine.txt"):
        (incoming / name).write_text("…")
    await kept(tmp_path)
    assert files(incoming) == ["begun.json", "begun.part", "mine.txt"]


async def test_somebodys_file_came_to_the_place_meanwhile(tmp_path: Path) -> None:
    photo, layout = await crashed_before_the_move(tmp_path)
    layout.place(photo.path).write_text("my own notes")
    for _ in range(2):
        async with scene(tmp_path) as there:
            moved = await there.archive.photo(there.album, photo.id)
            assert moved.path == photo.path.replace(".jpg", "-2.jpg")
            assert layout.find(moved).read_bytes() == picture(1)
    assert layout.place(photo.path).read_text() == "my own notes"
    assert files(layout.incoming) == []


async def test_a_crash_after_the_new_path_and_before_the_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photo, layout = await crashed_before_the_move(tmp_path)
    layout.place(photo.path).write_text("my own notes")

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Layout, "settle", crash)
        with pytest.raises(KeyboardInterrupt):
            opening._prepare(options(tmp_path), opening.ExitStack())
    async with scene(tmp_path) as there:
        moved = await there.archive.photo(there.album, photo.id)
        assert layout.place(moved.path).read_bytes() == picture(1)
    assert len(files(layout.archive)) == 2


async def test_a_refusing_disk_does_not_keep_the_hub_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    photo, layout = await crashed_before_the_move(tmp_path)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "refused")

    with monkeypatch.context() as broken:
        broken.setattr(recovery.Layout, "settle", refuse)
        with caplog.at_level(logging.ERROR):
            async with scene(tmp_path) as there:
                assert layout.find(await there.archive.photo(there.album, photo.id)).read_bytes() == picture(1)
    assert "stays in incoming/" in caplog.text
    await kept(tmp_path)
    assert files(layout.incoming) == []


async def test_a_second_hub_is_refused_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_PATIENCE", 0.0)
    async with scene(tmp_path):
        with pytest.raises(Locked, match="in use by another hub"), opening.ExitStack() as held:
            hold(tmp_path, held)
    with opening.ExitStack() as held:
        hold(tmp_path, held)


async def test_a_broken_database_is_one_sentence(tmp_path: Path) -> None:
    await kept(tmp_path, 1)
    (tmp_path / DATABASE).write_bytes(b"this is no database" * 100)
    with pytest.raises(ConfigError, match="the database cannot be opened"):
        await kept(tmp_path)


async def test_a_table_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    photo, layout = await crashed_before_the_move(tmp_path)
    sql(tmp_path, "DROP TABLE photos")
    with pytest.raises(ConfigError, match="onlooker check"):
        await kept(tmp_path)
    assert layout.part(photo.id).exists()  # what has no row that can be read is not thrown away
    sqlite3.connect(tmp_path / DATABASE).close()


async def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "incoming").write_text("no folder")
    with pytest.raises(ConfigError, match="incoming: cannot be used"):
        await kept(tmp_path)
