"""ZIP archives as other programs read them: Python's and Info-ZIP's, small ones and ones that need 64 bits."""

from __future__ import annotations

import io
import os
import subprocess
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onlooker.formats.zip_stream import Entry, ZipStream, length

WHEN = datetime(2026, 11, 21, 14, 3, 2)
MODIFIED = int(datetime(2026, 11, 21, 13, 3, 2, tzinfo=UTC).timestamp())


def entry(name: str, size: int, shown: datetime = WHEN, modified: int = MODIFIED) -> Entry:
    return Entry(name, size, shown, modified)


def packed(files: Sequence[tuple[Entry, bytes]]) -> bytes:
    stream = ZipStream()
    return (
        b"".join([part for one, data in files for part in (stream.begin(one, zlib.crc32(data)), data)]) + stream.end()
    )


FILES = [
    (entry("2026_11_21/14_03_02.jpg", 5), b"first"),
    (entry("2026_11_21/14_03_02-2.jpg", 3), b"two"),
    (entry("empty.jpg", 0), b""),
    (entry("Fête “☀”.jpg", 4), b"name"),
]


def test_python_reads_it() -> None:
    data = packed(FILES)
    assert len(data) == length(one for one, _ in FILES)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {info.filename: archive.read(info) for info in archive.infolist()} == {
            one.name: data for one, data in FILES
        }
        assert all(info.date_time == (2026, 11, 21, 14, 3, 2) for info in archive.infolist())
        assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())


def test_info_zip_reads_it_and_gives_files_their_time(tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_bytes(packed(FILES[:2]))
    subprocess.run(["unzip", "-tq", "all.zip"], cwd=tmp_path, check=True, capture_output=True)
    subprocess.run(["unzip", "-q", "all.zip"], cwd=tmp_path, check=True, capture_output=True)
    unpacked = tmp_path / "2026_11_21" / "14_03_02.jpg"
    assert unpacked.read_bytes() == b"first"
    assert unpacked.stat().st_mtime == MODIFIED
    assert unpacked.stat().st_mode & 0o777 == 0o644


def test_no_file_at_all_is_an_archive_too() -> None:
    assert zipfile.ZipFile(io.BytesIO(packed([]))).namelist() == []
    assert len(packed([])) == length([])


@pytest.mark.parametrize("count", [65_534, 65_535, 65_536, 70_000])
def test_more_files_than_16_bits_count(count: int) -> None:
    files = [(entry(f"{number}", 1), b"x") for number in range(count)]
    data = packed(files)
    assert len(data) == length(one for one, _ in files)
    assert (b"PK\6\6" in data[-200:]) == (count >= 65_535)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert len(archive.namelist()) == count
        assert archive.read(f"{count - 1}") == b"x"


def sparse(path: Path, files: Sequence[tuple[Entry, int]]) -> int:
    """Write an archive whose files are holes."""
    stream = ZipStream()
    with path.open("wb") as file:
        for one, crc in files:
            file.write(stream.begin(one, crc))
            file.seek(one.size, os.SEEK_CUR)
        file.write(stream.end())
        return file.tell()


GIB = 1 << 30


@pytest.mark.parametrize(
    "sizes",
    [[4 * GIB - 2, 1], [4 * GIB - 1, 1], [4 * GIB, 1], [3 * GIB, 2 * GIB, 1], [5 * GIB, 5 * GIB, 1]],
    ids=["fits", "marker", "file", "offset", "both"],
)
def test_more_bytes_than_32_bits_count(tmp_path: Path, sizes: list[int]) -> None:
    files = [(entry(f"{number}.jpg", size), zlib.crc32(b"\0") if size == 1 else 0) for number, size in enumerate(sizes)]
    path = tmp_path / "large.zip"
    assert sparse(path, files) == length(one for one, _ in files)
    with zipfile.ZipFile(path) as archive:
        assert [info.file_size for info in archive.infolist()] == sizes
        assert archive.read(f"{len(sizes) - 1}.jpg") == b"\0"  # found behind all the others
        for info in archive.infolist():
            archive.open(info).close()  # the header before the file agrees with the list
    # Without `check`: at a size of exactly 2³² - 1 bytes unzip 6 warns, and goes on.
    listed = subprocess.run(["unzip", "-Z1", str(path)], capture_output=True, text=True).stdout
    assert listed.split() == [one.name for one, _ in files]


@pytest.mark.parametrize(
    "shown", [datetime(1, 1, 1), datetime(1979, 12, 31), datetime(2108, 1, 1), datetime(9999, 12, 31)]
)
def test_a_time_that_dos_did_not_know(shown: datetime) -> None:
    data = packed([(entry("a", 1, shown, -(10**12)), b"x"), (entry("b", 1, shown, 10**12), b"x")])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.getinfo("a").date_time == (1980, 1, 1, 0, 0, 0)


def some() -> Iterator[st.SearchStrategy[tuple[Entry, bytes]]]:
    yield st.builds(
        lambda name, data, shown, modified: (Entry(name, len(data), shown, modified), data),
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40),
        st.binary(max_size=50),
        st.datetimes(),
        st.integers(-(1 << 40), 1 << 40),
    )


@given(st.lists(next(some()), max_size=6))
def test_the_length_is_known_before(files: list[tuple[Entry, bytes]]) -> None:
    data = packed(files)
    assert len(data) == length(one for one, _ in files)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert [archive.read(info) for info in archive.infolist()] == [data for _, data in files]
