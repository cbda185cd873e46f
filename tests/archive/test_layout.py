"""Where photos lie: names by local time, each used once, and nobody's file is ever overwritten."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from onlooker.archive import layout as layout_module
from onlooker.archive.layout import Layout, PlaceTaken
from onlooker.media import Photo, PhotoState

DATA = b"the bytes of a photo"
TEMPLATE = "{album}/%Y_%m_%d/%H_%M_%S"


def photo(path: str = "party/2026_11_21/14_03_02.jpg", data: bytes = DATA) -> Photo:
    return Photo(
        id="a" * 26,
        album="party",
        kind="upload",
        state=PhotoState.SHOWN,
        path=path,
        sha256=hashlib.sha256(data).digest(),
        size=len(data),
        type="image/jpeg",
        width=1,
        height=1,
        thumbhash=b"",
        added_at=0,
        taken_at=0,
        taken_from="arrival",
    )


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(tmp_path, TEMPLATE)
    made.prepare()
    return made


@pytest.fixture
def in_zurich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Zurich")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def arrived(layout: Layout, data: bytes = DATA) -> Photo:
    one = photo(data=data)
    layout.part(one.id).write_bytes(data)
    return one


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


def test_a_photo_goes_to_its_place(layout: Layout) -> None:
    one = arrived(layout)
    assert layout.find(one).read_bytes() == DATA
    layout.settle(one)
    assert layout.place(one.path).read_bytes() == DATA == layout.find(one).read_bytes()
    assert not layout.part(one.id).exists()
    layout.settle(one)  # again: nothing happens
    assert layout.place(one.path).read_bytes() == DATA


def test_somebodys_file_is_never_overwritten(layout: Layout) -> None:
    one = arrived(layout)
    place = layout.place(one.path)
    place.parent.mkdir(parents=True)
    place.write_bytes(b"my own")
    with pytest.raises(PlaceTaken):
        layout.settle(one)
    assert place.read_bytes() == b"my own"
    assert layout.find(one).read_bytes() == DATA  # served from where it is


def test_a_file_of_the_same_length_is_somebodys_too(layout: Layout) -> None:
    one = arrived(layout)
    place = layout.place(one.path)
    place.parent.mkdir(parents=True)
    place.write_bytes(bytes(len(DATA)))
    with pytest.raises(PlaceTaken):
        layout.settle(one)
    assert place.read_bytes() == bytes(len(DATA))


def test_a_link_at_the_place_is_not_followed(layout: Layout, tmp_path: Path) -> None:
    one = arrived(layout)
    place = layout.place(one.path)
    place.parent.mkdir(parents=True)
    place.symlink_to(tmp_path / "elsewhere.jpg")
    with pytest.raises(PlaceTaken):
        layout.settle(one)
    assert place.is_symlink()
    assert not (tmp_path / "elsewhere.jpg").exists()


def test_a_crash_between_the_claim_and_the_move(layout: Layout) -> None:
    one = arrived(layout)
    place = layout.place(one.path)
    place.parent.mkdir(parents=True)
    place.touch()
    assert layout.find(one).read_bytes() == DATA
    layout.settle(one)
    assert place.read_bytes() == DATA


def test_a_crash_after_the_copy_to_another_disk(layout: Layout) -> None:
    one = arrived(layout)
    place = layout.place(one.path)
    place.parent.mkdir(parents=True)
    place.write_bytes(DATA)
    layout.settle(one)
    assert not layout.part(one.id).exists()
    assert place.read_bytes() == DATA


def refusing(code: int, times: int = 1) -> Any:
    """`os.replace` that fails so often, first."""
    left = [code] * times

    def replace(source: Any, target: Any) -> None:
        if left:
            raise OSError(left.pop(), "refused")
        real(source, target)

    real = os.replace
    return replace


def test_incoming_and_archive_on_different_disks(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    one = arrived(layout)
    monkeypatch.setattr(layout_module.os, "replace", refusing(errno.EXDEV))
    flushed: list[Path] = []
    monkeypatch.setattr(layout_module, "flush_file", flushed.append)
    layout.settle(one)
    place = layout.place(one.path)
    assert place.read_bytes() == DATA
    assert not layout.part(one.id).exists()
    assert [path.parent for path in flushed] == [place.parent]
    assert [path.name for path in place.parent.iterdir()] == [place.name]


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="no second file system")
def test_on_really_different_disks(layout: Layout, tmp_path: Path) -> None:
    other = Path("/dev/shm") / f"onlooker-{os.getpid()}"
    other.mkdir()
    try:
        layout.archive.rmdir()
        layout.archive.symlink_to(other)
        if other.stat().st_dev == layout.incoming.stat().st_dev:
            pytest.skip("the same file system")
        one = arrived(layout)
        layout.settle(one)
        assert layout.place(one.path).read_bytes() == DATA
        assert not layout.part(one.id).exists()
    finally:
        layout.delete(photo().path)
        other.rmdir()


def test_a_disk_that_refuses_leaves_everything_as_it_was(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    one = arrived(layout)
    monkeypatch.setattr(layout_module.os, "replace", refusing(errno.EROFS))
    with pytest.raises(OSError, match="refused"):
        layout.settle(one)
    assert not layout.place(one.path).exists()
    assert layout.part(one.id).read_bytes() == DATA


def test_the_other_disk_is_full(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    one = arrived(layout)
    monkeypatch.setattr(layout_module.os, "replace", refusing(errno.EXDEV))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(layout_module.shutil, "copyfile", full)
    with pytest.raises(OSError, match="full"):
        layout.settle(one)
    assert list(layout.place(one.path).parent.iterdir()) == []
    assert layout.part(one.id).read_bytes() == DATA


def test_a_folder_that_goes_while_a_photo_comes(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    one = arrived(layout)
    real = layout_module.make_folders
    gone: list[Path] = []

    def make(folder: Path) -> None:
        real(folder)
        if not gone:
            gone.append(folder)
            folder.rmdir()

    monkeypatch.setattr(layout_module, "make_folders", make)
    layout.settle(one)
    assert layout.place(one.path).read_bytes() == DATA


def test_deleting_takes_the_folders_that_it_empties(layout: Layout) -> None:
    for name in ("party/a/1.jpg", "party/a/2.jpg", "party/b/1.jpg"):
        layout.place(name).parent.mkdir(parents=True, exist_ok=True)
        layout.place(name).touch()
    layout.delete("party/a/1.jpg")
    assert layout.place("party/a/2.jpg").exists()
    layout.delete("party/a/2.jpg")
    assert not layout.place("party/a").exists()
    layout.delete("party/a/2.jpg")  # again: nothing happens
    layout.delete("party/b/1.jpg")
    assert list(layout.archive.iterdir()) == []


def nothing_taken(start: str) -> set[str]:
    return set()


@pytest.mark.usefixtures("in_zurich")
def test_the_hour_that_comes_twice(layout: Layout) -> None:
    summer, winter = at("2026-10-25T00:30:00+00:00"), at("2026-10-25T01:30:00+00:00")
    first = layout.free_path("party", summer, None, "jpg", nothing_taken)
    second = layout.free_path("party", winter, None, "jpg", lambda start: {first})
    assert (first, second) == ("party/2026_10_25/02_30_00.jpg", "party/2026_10_25/02_30_00-2.jpg")


@pytest.mark.usefixtures("in_zurich")
def test_the_clock_on_the_wall_where_it_was_taken(layout: Layout) -> None:
    moment = at("2026-11-21T23:30:00+00:00")
    assert layout.free_path("party", moment, None, "jpg", nothing_taken) == "party/2026_11_22/00_30_00.jpg"
    assert layout.free_path("party", moment, -480, "heic", nothing_taken) == "party/2026_11_21/15_30_00.heic"


def test_files_and_rows_both_take_a_name(layout: Layout) -> None:
    moment = at("2026-11-21T12:00:00+00:00")
    layout.place("party/2026_11_21").mkdir(parents=True)
    layout.place("party/2026_11_21/12_00_00.jpg").symlink_to("nowhere")
    taken = {"party/2026_11_21/12_00_00-2.jpg"}
    assert layout.free_path("party", moment, 0, "jpg", lambda start: taken) == "party/2026_11_21/12_00_00-3.jpg"


@pytest.mark.parametrize("year", [-500_000, 1, 1901, 9999, 500_000])
@pytest.mark.parametrize("offset", [None, -840, 0, 840])
def test_any_time_gives_a_path(layout: Layout, year: int, offset: int | None) -> None:
    start = datetime(1970, 1, 1, tzinfo=UTC).year
    moment = round((year - start) * 365.2425 * 86_400) * 1_000_000
    moment = min(max(moment, -62_135_596_800_000_000 - 86_400_000_000), 253_402_300_799_000_000 + 86_400_000_000)
    path = layout.free_path("party", moment, offset, "jpg", nothing_taken)
    assert path.startswith("party/")
    assert path.endswith(".jpg")


def test_a_name_is_safe_everywhere(layout: Layout) -> None:
    path = layout.free_path("party", at("2026-11-21T12:00:00+00:00"), 0, "jpg", nothing_taken)
    assert not set('<>:"|?*\\') & set(path)
