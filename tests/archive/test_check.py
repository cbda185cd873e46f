"""Each broken promise is found, nothing that is in order is accused, and repairing loses nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from onlooker.archive.camera_log import following
from onlooker.archive.check import Check, Finding, Weight
from onlooker.archive.layout import Layout
from onlooker.archive.opening import DATABASE
from onlooker.db.opening import open_engine
from onlooker.media import CameraEvent, Photo, PhotoState
from tests.archive.scene import files, kept, options, picture, scene, sql


def look(data: Path, *, repair: bool = False, running: bool = False) -> list[Finding]:
    engine = open_engine(data / DATABASE)
    layout = Layout(data, options(data).files)
    found = []
    try:
        for finding in Check(engine, data, layout, running=running, progress=lambda count: None).findings():
            found.append(finding)
            if repair and finding.mend is not None:
                finding.mend()
    finally:
        engine.dispose()
    return found


def kinds(data: Path, **how: bool) -> list[tuple[Weight, str]]:
    return [(finding.weight, finding.kind) for finding in look(data, **how)]


async def test_an_archive_in_every_state_is_clean(tmp_path: Path) -> None:
    async with scene(tmp_path) as there:
        sent = [await there.send(number) for number in range(5)]
        for photo, states in zip(
            sent, (["hidden"], ["deleted"], ["hidden", "shown"], ["deleted", "shown"]), strict=False
        ):
            for state in states:
                await there.archive.change(there.album, photo.id, state=PhotoState(state))
        await there.archive.change(there.album, sent[0].id, caption="hidden, and captioned")
        assert look(tmp_path, running=True) == []
    assert look(tmp_path) == []
    sql(tmp_path, "DELETE FROM events WHERE seq < 4")  # forgotten, as upkeep does
    assert look(tmp_path) == []
    sql(tmp_path, "DELETE FROM events")
    assert look(tmp_path) == []


def lose(data: Path, photo: Photo) -> None:
    (data / "archive" / photo.path).unlink()


def cut(data: Path, photo: Photo) -> None:
    place = data / "archive" / photo.path
    place.write_bytes(place.read_bytes()[:-1])


def flip(data: Path, photo: Photo) -> None:
    place = data / "archive" / photo.path
    place.write_bytes(bytes([place.read_bytes()[0] ^ 1]) + place.read_bytes()[1:])


@pytest.mark.parametrize(("harm", "kind"), [(lose, "missing"), (cut, "damaged"), (flip, "damaged")])
async def test_bytes_that_are_not_there_any_more(
    tmp_path: Path, harm: Callable[[Path, Photo], None], kind: str
) -> None:
    photo, other = await kept(tmp_path, 1, 2)
    harm(tmp_path, photo)
    for repair in (False, True, False):  # repairing cannot bring them back, and does not hide it
        (finding,) = look(tmp_path, repair=repair)
        assert (finding.weight, finding.kind, finding.photo) == (Weight.PROBLEM, kind, photo.id)
        assert photo.path in finding.text
        assert "2027-01-15" in finding.text
        assert "backup" in finding.text
    assert (tmp_path / "archive" / other.path).read_bytes() == picture(2)
    assert sql(tmp_path, "SELECT count(*) FROM photos")[0][0] == 2


@pytest.mark.parametrize(
    ("harm", "kind"),
    [
        ("UPDATE albums SET last_seq = 2", "counter"),
        ("UPDATE albums SET last_seq = 9", "counter"),
        ("DELETE FROM events WHERE seq = 2", "gap"),
        ("UPDATE photos SET state = 'hidden' WHERE place = 2", "untold"),
        ("UPDATE photos SET state = 'waiting' WHERE place = 2", "untold"),
        ("UPDATE events SET photo_id = 'nobody' WHERE seq = 2", "untold"),
        ("INSERT INTO garbage SELECT path, 0 FROM photos WHERE place = 2", "garbage"),
    ],
)
async def test_rows_that_contradict_each_other(tmp_path: Path, harm: str, kind: str) -> None:
    await kept(tmp_path, 1, 2, 3)
    sql(tmp_path, harm)
    assert (Weight.PROBLEM, kind) in kinds(tmp_path)
    look(tmp_path, repair=True)
    assert look(tmp_path) == []
    assert len(files(tmp_path / "archive")) == 3
    async with scene(tmp_path) as there:
        await there.send(9)  # the log goes on
    assert look(tmp_path) == []


@pytest.mark.parametrize(
    ("harm", "kind"),
    [
        ("UPDATE cameras SET last_seq = 2", "counter"),
        ("UPDATE cameras SET last_seq = 9", "counter"),
        ("DELETE FROM camera_events WHERE seq = 2", "gap"),
    ],
)
async def test_a_cameras_log_that_contradicts_itself(tmp_path: Path, harm: str, kind: str) -> None:
    async def noticed() -> None:
        async with scene(tmp_path) as there, following(there.archive, there.clock) as logs:
            await logs.apply(["yard", "door"])
            await logs.record("yard", CameraEvent("sound", round(there.clock.now() * 1_000_000)))

    for _ in range(3):
        await noticed()
    assert look(tmp_path) == []
    sql(tmp_path, harm + (" WHERE name = 'yard'" if "cameras" in harm else ""))
    (finding,) = look(tmp_path, repair=True)
    assert (finding.weight, finding.kind, finding.album) == (Weight.PROBLEM, kind, "")
    assert "yard" in finding.text
    assert look(tmp_path) == []
    await noticed()  # the log goes on
    assert look(tmp_path) == []


async def test_a_place_that_two_photos_have(tmp_path: Path) -> None:
    await kept(tmp_path, 1, 2)
    sql(tmp_path, "UPDATE photos SET place = 1")
    assert (Weight.PROBLEM, "place") in kinds(tmp_path)


async def test_a_path_that_leads_out_of_the_archive(tmp_path: Path) -> None:
    await kept(tmp_path, 1)
    sql(tmp_path, "UPDATE photos SET path = '../onlooker.db'")
    found = look(tmp_path)
    assert (Weight.PROBLEM, "row") in [(finding.weight, finding.kind) for finding in found]


async def test_what_a_crash_leaves_is_no_problem_and_repaired(tmp_path: Path) -> None:
    photo, gone = await kept(tmp_path, 1, 2)
    layout = Layout(tmp_path, options(tmp_path).files)
    layout.place(photo.path).rename(layout.part(photo.id))
    layout.place(photo.path).touch()  # claimed
    layout.part("torso").write_bytes(b"half")
    sql(tmp_path, "INSERT INTO garbage SELECT path, 0 FROM photos WHERE id = :id", id=gone.id)
    sql(tmp_path, "DELETE FROM photos WHERE id = :id", id=gone.id)
    (layout.archive / f".{photo.path}").parent.mkdir(parents=True, exist_ok=True)
    left = layout.place(photo.path).with_name(f".{Path(photo.path).name}.0a1b2c3d")
    left.touch()
    found = kinds(tmp_path)
    assert {weight for weight, _ in found} == {Weight.PENDING}
    assert {kind for _, kind in found} == {"unplaced", "torso", "garbage", "leftover", "rendition"}
    look(tmp_path, repair=True)
    assert look(tmp_path) == []
    assert files(layout.archive) == [photo.path]
    assert layout.place(photo.path).read_bytes() == picture(1)
    assert not [name for name in files(layout.renditions) if gone.sha256.hex() in name]


async def test_what_people_put_there_is_named_and_stays(tmp_path: Path) -> None:
    await kept(tmp_path, 1)
    mine = ["archive/party/notes.txt", "archive/.notes.txt.0a1b2c3d", "incoming/mine.jpg", "renditions/ab/mine.webp"]
    for name in mine:
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text("mine")
    for repair in (True, False):
        found = look(tmp_path, repair=repair)
        assert sorted(finding.path for finding in found) == sorted(mine)
        assert {finding.weight for finding in found} == {Weight.UNKNOWN}
    assert all((tmp_path / name).read_text() == "mine" for name in mine)


async def test_an_upload_that_can_be_resumed_stays(tmp_path: Path) -> None:
    await kept(tmp_path, 1)
    (tmp_path / "incoming" / "begun.part").write_bytes(b"half")
    (tmp_path / "incoming" / "begun.json").write_text("{}")
    assert look(tmp_path, repair=True) == []
    (tmp_path / "incoming" / "begun.json").write_text("{")
    assert (Weight.PROBLEM, "sidecar") in kinds(tmp_path, repair=True)
    look(tmp_path, repair=True)
    assert look(tmp_path) == []


async def test_an_empty_rendition_is_made_again(tmp_path: Path) -> None:
    await kept(tmp_path, 1)
    first = tmp_path / "renditions" / files(tmp_path / "renditions")[0]
    first.write_bytes(b"")
    assert kinds(tmp_path) == [(Weight.PROBLEM, "rendition")]
    look(tmp_path, repair=True)
    assert not first.exists()


async def test_folders_and_the_database_are_private_and_there(tmp_path: Path) -> None:
    await kept(tmp_path, 1)
    (tmp_path / DATABASE).chmod(0o644)
    (tmp_path / "incoming").rmdir()
    assert kinds(tmp_path, repair=True) == [(Weight.PROBLEM, "folder")] * 2
    assert look(tmp_path) == []


async def test_a_running_hub_is_not_accused_of_what_it_is_doing(tmp_path: Path) -> None:
    (photo,) = await kept(tmp_path, 1)
    layout = Layout(tmp_path, options(tmp_path).files)
    layout.part("arriving").write_bytes(b"half")
    (layout.renditions / "ab").mkdir(exist_ok=True)
    (layout.renditions / "ab" / ".x-320.webp.0a1b2c3d").touch()
    layout.place(photo.path).rename(layout.part(photo.id))  # between the commit and the move
    assert look(tmp_path, running=True) == []


async def test_a_photo_that_goes_while_it_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (photo,) = await kept(tmp_path, 1)
    lose(tmp_path, photo)
    real = Check._compared

    def deleted_now(check: Check, one: Photo) -> str:
        sql(tmp_path, "DELETE FROM photos")
        return real(check, one)

    monkeypatch.setattr(Check, "_compared", deleted_now)
    assert [finding.kind for finding in look(tmp_path)] == ["rendition"] * 2


async def test_a_damaged_database(tmp_path: Path) -> None:
    await kept(tmp_path, *range(40))
    path = tmp_path / DATABASE
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [(page,)] = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'photos'").fetchall()
    data = bytearray(path.read_bytes())
    data[(page - 1) * 4096 : (page - 1) * 4096 + 64] = bytes(64)
    path.write_bytes(data)
    found = look(tmp_path)
    assert {finding.kind for finding in found} == {"database"}
