"""Photos over HTTP: who sees which, what may be kept, parts and repeats, and a bad disk as seen from outside."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from email.utils import formatdate
from pathlib import Path

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from starlette.datastructures import Headers

from onlooker.archive import handing_out, renditions
from onlooker.errors import MalformedInput, StorageError
from onlooker.formats.digest import content_digest
from onlooker.formats.photo import PhotoType
from onlooker.media import Photo, PhotoState
from onlooker.outputs import sending
from onlooker.outputs.photos import disposition, neutral_name
from onlooker.outputs.sending import Sending, Version
from tests.formats.photos import KINDS, SECRET, exif, photo, pixels
from tests.outputs.exhibition import GUEST, Exhibition, exhibition, folder
from tests.web.conftest import Serve


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Exhibition]:
    async with exhibition(tmp_path) as one:
        yield one


class Visit:
    """Asks the served application."""

    def __init__(self, address: str, client: aiohttp.ClientSession) -> None:
        self.address = address
        self._client = client

    async def __call__(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[int, aiohttp.typedefs.LooseHeaders, bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._client.request(method, self.address + path, headers=named) as answer:
            return answer.status, answer.headers, await answer.read()


@pytest.fixture
async def visit(there: Exhibition, serve: Serve, client: aiohttp.ClientSession) -> Visit:
    return Visit(await serve(there.app), client)


def jpeg(width: int = 900, height: int = 600) -> bytes:
    file = io.BytesIO()
    pixels(width, height).save(file, "JPEG", exif=exif(1).tobytes(), quality=92)
    return file.getvalue()


async def test_a_smaller_picture(there: Exhibition, visit: Visit) -> None:
    one = await there.hang(jpeg())
    digest = one.sha256.hex()
    for size in renditions.SIZES:
        for form, mime in renditions.FORMATS.items():
            status, headers, body = await visit(f"{folder(one)}/{size}.{form}")
            assert status == 200
            assert headers["Content-Type"] == mime
            assert headers["ETag"] == f'"{digest}-{size}-{form}"'
            assert headers["Cache-Control"] == "private, max-age=31536000, immutable"
            assert headers["Content-Length"] == str(len(body))
            assert headers["Accept-Ranges"] == "bytes"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert headers["Content-Disposition"] == f'inline; filename="party-2026-11-21-14-03-02.{form}"'
            assert headers["Last-Modified"] == formatdate(one.added_at // 1_000_000, usegmt=True)
            assert Image.open(io.BytesIO(body)).size == ((480, 320) if size == 320 else (900, 600))
            head = await visit(f"{folder(one)}/{size}.{form}", "HEAD")
            assert (head[0], head[2]) == (200, b"")
            assert {**head[1], "Date": ""} == {**headers, "Date": ""}


async def test_there_is_nothing_else(there: Exhibition, visit: Visit) -> None:
    one = await there.hang(jpeg())
    digest = one.sha256.hex()
    for path in (
        *(
            f"{folder(one)}/{name}"
            for name in ("321.jpg", "0320.jpg", "320.png", "320.avif", "320", "320.jpg.webp", "")
        ),
        *(f"{folder(one)}/{name}" for name in ("original", "original.png", "original.jpeg", "Original.jpg", "٣٢٠.jpg")),
        f"/albums/party/i/{digest.upper()}/320.jpg",
        f"/albums/party/i/{digest[:-1]}/320.jpg",
        f"/albums/party/i/{'0' * 64}/320.jpg",
        f"/albums/party/i/{'z' * 64}/320.jpg",
        f"/albums/other/i/{digest}/320.jpg",
        f"/albums/party/i/{digest}/..%2f..%2f320.jpg",
    ):
        status, headers, _ = await visit(path)
        assert status == 404, path
        assert headers["Content-Type"] == "application/problem+json", path


async def test_who_has_it_gets_nothing_and_nothing_is_read(
    there: Exhibition, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await there.hang(jpeg())
    digest = one.sha256.hex()
    since = formatdate(one.added_at // 1_000_000, usegmt=True)
    reads = there.archive.database.reads

    def nobody(*_: object) -> None:
        raise AssertionError("this is not needed for a 304")

    monkeypatch.setattr(there.archive.disk, "run", nobody)
    monkeypatch.setattr(there.archive.renditions, "get", nobody)
    for path, tag in (
        (f"{folder(one)}/1440.jpg", f'"{digest}-1440-jpg"'),
        (f"{folder(one)}/original.jpg", f'"{digest}"'),
    ):
        for asked in (
            {"If_None_Match": tag},
            {"If_None_Match": f'"other", W/{tag} , "more"'},
            {"If_None_Match": "*"},
            {"If_Modified_Since": since},
        ):
            status, headers, body = await visit(path, **asked)
            assert (status, body) == (304, b"")
            assert headers["ETag"] == tag
            assert "Cache-Control" in headers
            assert "Content-Length" not in headers
    assert there.archive.database.reads == reads


async def test_who_has_another_one_gets_this(there: Exhibition, visit: Visit) -> None:
    one = await there.hang(jpeg())
    before = formatdate(one.added_at // 1_000_000 - 1, usegmt=True)
    same = formatdate(one.added_at // 1_000_000, usegmt=True)
    for asked in (
        {"If_None_Match": '"other"'},
        {"If_None_Match": ""},
        {"If_Modified_Since": before},
        {"If_Modified_Since": "yesterday"},
        {"If_None_Match": '"other"', "If_Modified_Since": same},
    ):
        assert (await visit(f"{folder(one)}/320.jpg", **asked))[0] == 200


async def test_only_what_is_shown_is_for_guests(there: Exhibition, visit: Visit) -> None:
    one = await there.hang(jpeg())
    for state in (PhotoState.HIDDEN, PhotoState.DELETED):
        await there.archive.change(there.scene.album, one.id, state=state)
        for name in ("320.webp", "1440.jpg", "original.jpg", "original.jpg?download"):
            assert (await visit(f"{folder(one)}/{name}", **GUEST))[0] == 404
            tagged = await visit(f"{folder(one)}/{name}", If_None_Match="*", **GUEST)
            assert tagged[0] == 404
            status, headers, _ = await visit(f"{folder(one)}/{name}")
            assert status == 200
            assert headers["Cache-Control"] == "private, no-cache"
    await there.archive.change(there.scene.album, one.id, state=PhotoState.SHOWN)
    assert (await visit(f"{folder(one)}/320.webp", **GUEST))[0] == 200


@pytest.mark.parametrize("kind", KINDS)
async def test_an_original(there: Exhibition, visit: Visit, kind: PhotoType) -> None:
    data = photo(kind)
    one = await there.hang(data, filename=f"{SECRET}.jpg")
    path = f"{folder(one)}/original.{kind.extension}"
    status, headers, body = await visit(path)
    assert (status, body) == (200, data)
    assert headers["Content-Type"] == kind.mime
    assert headers["ETag"] == f'"{hashlib.sha256(data).hexdigest()}"'
    assert headers["Repr-Digest"] == content_digest(one.sha256)
    assert headers["Cache-Control"] == "private, no-cache"

    status, headers, body = await visit(f"{path}?download", **GUEST)
    assert status == 200
    assert len(body) == len(data)
    assert body != data
    assert SECRET.encode() not in body
    assert SECRET not in str(headers)
    assert headers["ETag"] == f'"{one.sha256.hex()}-stripped"'
    assert "Repr-Digest" not in headers
    assert headers["Content-Disposition"].startswith('attachment; filename="party-2026-11-21-14-03-02.')
    part = await visit(path, Range="bytes=10-99", **GUEST)
    assert (part[0], part[2]) == (206, body[10:100])
    assert (await visit(path, "HEAD", **GUEST))[1]["Content-Length"] == str(len(data))
    # What a user has is not what a guest may have.
    assert (await visit(path, If_None_Match=f'"{one.sha256.hex()}"', **GUEST))[0] == 200


async def test_an_original_whose_personal_data_cannot_be_found(
    there: Exhibition, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(data: bytes, kind: PhotoType) -> bytes:
        raise MalformedInput("no idea")

    one = await there.hang(jpeg())
    monkeypatch.setattr(handing_out, "stripped", fails)
    status, headers, body = await visit(f"{folder(one)}/original.jpg", **GUEST)
    assert status == 422
    assert headers["Content-Type"] == "application/problem+json"
    assert b"smaller picture can be had" in body
    assert (await visit(f"{folder(one)}/original.jpg"))[0] == 200


RANGES = [
    ("bytes=0-0", 0, 1),
    ("bytes=100-", 100, None),
    ("bytes=-10", -10, None),
    ("bytes=5-9,10-19", 5, 20),
    ("BYTES=1-2", 1, 3),
]


@pytest.mark.parametrize(("header", "start", "stop"), RANGES)
async def test_a_part(there: Exhibition, visit: Visit, header: str, start: int, stop: int | None) -> None:
    data = jpeg()
    one = await there.hang(data)
    status, headers, body = await visit(f"{folder(one)}/original.jpg", Range=header)
    first = start % len(data)
    assert (status, body) == (206, data[start:stop])
    assert headers["Content-Range"] == f"bytes {first}-{first + len(body) - 1}/{len(data)}"
    assert headers["ETag"] == f'"{one.sha256.hex()}"'


async def test_no_part(there: Exhibition, visit: Visit) -> None:
    data = jpeg()
    one = await there.hang(data)
    path = f"{folder(one)}/original.jpg"
    for header in ("bytes=0-1,10-11", "items=0-1", "bytes=9-1", "nonsense", "bytes=-"):
        status, headers, body = await visit(path, Range=header)
        assert (status, body) == (200, data)
        assert "Content-Range" not in headers
    status, headers, body = await visit(path, Range=f"bytes={len(data)}-")
    assert status == 416
    assert headers["Content-Range"] == f"bytes */{len(data)}"
    assert headers["Content-Type"] == "application/problem+json"
    assert (await visit(path, "HEAD", Range="bytes=0-1"))[0] == 200


async def test_the_rest_only_of_the_same(there: Exhibition, visit: Visit) -> None:
    one = await there.hang(jpeg())
    date = formatdate(one.added_at // 1_000_000, usegmt=True)
    path = f"{folder(one)}/original.jpg"
    for if_range, status in (
        (f'"{one.sha256.hex()}"', 206),
        (date, 206),
        ('"other"', 200),
        (f'W/"{one.sha256.hex()}"', 200),
        (formatdate(0, usegmt=True), 200),
    ):
        assert (await visit(path, Range="bytes=5-9", If_Range=if_range))[0] == status
    assert (await visit(path, Range="bytes=5-9", If_Range=f'"{one.sha256.hex()}"', **GUEST))[0] == 200


async def test_a_large_one_in_pieces(there: Exhibition, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "CHUNK", 1000)
    data = jpeg()
    assert len(data) % 1000
    one = await there.hang(data)
    assert (await visit(f"{folder(one)}/original.jpg"))[2] == data
    assert (await visit(f"{folder(one)}/original.jpg", Range="bytes=999-3001"))[2] == data[999:3002]


async def test_a_file_that_is_gone_or_damaged(
    there: Exhibition, visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    one = await there.hang(jpeg())
    place = there.file(one)
    data = place.read_bytes()
    for damage in (lambda: place.write_bytes(data[:-10]), lambda: place.write_bytes(b"x" * len(data)), place.unlink):
        damage()
        caplog.clear()
        names = ["1440.jpg", "original.jpg"] if damage != place.unlink else ["2160.webp", "original.jpg"]
        for name in names:
            headers = GUEST if name.startswith("original") else {}
            status, answer, body = await visit(f"{folder(one)}/{name}", **headers)
            assert status == 503, (name, body)
            assert answer["Content-Type"] == "application/problem+json"
            assert "Retry-After" in answer
            assert str(place).encode() not in body
        assert one.path in caplog.text
        assert "Traceback" not in caplog.text
    assert (await visit(f"{folder(one)}/320.jpg"))[0] == 200  # that one was made before


async def test_when_too_many_are_being_made(there: Exhibition, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    one = await there.hang(jpeg())
    monkeypatch.setattr(renditions, "MOST_WAITING", 0)
    status, headers, _ = await visit(f"{folder(one)}/1440.jpg")
    assert status == 503
    assert headers["Retry-After"] == "5"


async def test_a_photo_that_fails_half_way_is_cut_short(
    there: Exhibition, visit: Visit, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sending, "CHUNK", 1000)
    one = await there.hang(jpeg())
    really = handing_out.StoredFile.read

    async def read(self: handing_out.StoredFile, start: int, size: int) -> bytes:
        if start >= 3000:
            raise StorageError("The disk is gone.")
        return await really(self, start, size)

    monkeypatch.setattr(handing_out.StoredFile, "read", read)
    with pytest.raises(aiohttp.ClientError):
        await visit(f"{folder(one)}/original.jpg")
    assert "ended too early" in caplog.text


async def test_who_goes_away_stops_it() -> None:
    read: list[int] = []
    gone = asyncio.Event()
    closed = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                read.append(1)
                yield b"x"
                await asyncio.sleep(0)
        finally:
            closed.set()

    async def receive() -> dict[str, object]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        if len(read) == 5:
            gone.set()

    response = Sending(endless(), 1 << 40, {}, "image/jpeg")
    async with asyncio.timeout(10):
        await response({"type": "http", "method": "GET", "path": "/"}, receive, send)
    assert closed.is_set()
    assert len(read) < 20


async def test_who_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "PATIENCE", 0.01)
    read = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            read.append(1)
            yield b"x"

    async def never(message: dict[str, object] | None = None) -> dict[str, object]:
        if message is None or message["type"] == "http.response.body":
            await asyncio.Event().wait()
        return {}

    async with asyncio.timeout(10):
        await Sending(endless(), 1 << 40, {}, "image/jpeg")(
            {"type": "http", "method": "GET", "path": "/"}, never, never
        )
    assert len(read) == 1  # and held no more than one piece meanwhile


def described(**values: object) -> Photo:
    usual: dict[str, object] = {
        **{"id": "a" * 26, "album": "party", "kind": "upload", "state": PhotoState.SHOWN, "path": "", "thumbhash": b""},
        **{"sha256": bytes(32), "size": 1, "type": "image/jpeg", "width": 1, "height": 1, "added_at": 0, "taken_at": 0},
        "taken_from": "exif",
    }
    return Photo(**{**usual, **values})  # type: ignore[arg-type]


def test_names_say_when_by_the_clock_there() -> None:
    instant = 1_795_266_182_000_000  # 2026-11-21 13:03:02 UTC
    assert neutral_name(described(taken_at=instant, taken_offset=60), "jpg") == "party-2026-11-21-14-03-02.jpg"
    assert neutral_name(described(taken_at=instant, taken_offset=-300), "heic") == "party-2026-11-21-08-03-02.heic"
    for odd in (-62_135_596_800_000_000, 253_402_300_799_000_000):  # the first and the last there are
        for offset in (None, -1440, 1440):
            assert neutral_name(described(taken_at=odd, taken_offset=offset), "jpg").startswith("party-")


def test_names_of_other_letters() -> None:
    assert disposition("attachment", "fête 1.jpg") == (
        "attachment; filename=\"f_te_1.jpg\"; filename*=UTF-8''f%C3%AAte%201.jpg"
    )
    assert disposition("inline", 'a"b\r\n.jpg') == 'inline; filename="a_b__.jpg"'


@given(st.text(st.characters(max_codepoint=255)))
def test_any_validator(text: str) -> None:
    version = Version('"tag"', 0)
    for name in ("if-none-match", "if-modified-since"):
        version.known(Headers({name: text}))
    assert version.still(text) == (text.strip() in ('"tag"', "Thu, 01 Jan 1970 00:00:00 GMT"))


async def test_curl(there: Exhibition, visit: Visit, tmp_path: Path) -> None:
    data = jpeg()
    one = await there.hang(data)
    url = f"{visit.address}{folder(one)}/original.jpg"

    async def curl(*arguments: str) -> str:
        process = await asyncio.create_subprocess_exec(
            "curl", "-sS", "-m", "20", *arguments, stdout=asyncio.subprocess.PIPE, cwd=tmp_path
        )
        out, _ = await process.communicate()
        assert process.returncode == 0
        return out.decode()

    assert "content-length: " + str(len(data)) in (await curl("-I", url)).lower()
    saved = tmp_path / "saved.jpg"
    saved.write_bytes(data[:1234])
    await curl("-C", "-", "-o", "saved.jpg", url)  # goes on where an earlier one ended
    assert saved.read_bytes() == data
    assert await curl("-o", "part", "-r", "10-19", "-w", "%{http_code}", url) == "206"
    assert (tmp_path / "part").read_bytes() == data[10:20]
    etags = ["--etag-save", "tag", "--etag-compare", "tag"]
    assert await curl("-o", "first", *etags, "-w", "%{http_code}", url) == "200"
    assert await curl("-o", "again", *etags, "-w", "%{http_code}", url) == "304"
    assert await curl("-OJ", "-w", "%{filename_effective}", f"{url}?download") == "party-2026-11-21-14-03-02.jpg"
