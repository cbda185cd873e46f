"""Uploads that can be resumed: what was told of them holds, whatever happens; and each becomes one photo at most."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import io
import json
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from PIL import Image

from onlooker.archive import uploads as uploads_module
from onlooker.archive.archive import Archive
from onlooker.archive.opening import opened
from onlooker.archive.options import AlbumPlan, ArchiveOptions
from onlooker.archive.upload import Upload
from onlooker.archive.uploads import Uploads
from onlooker.errors import (
    BeyondLength,
    BrokenPhoto,
    Interrupted,
    MalformedInput,
    NoSpace,
    Superseded,
    TooLarge,
    TooManyUploads,
    UnknownUpload,
    UploadError,
    WrongChecksum,
    WrongDigest,
    WrongOffset,
    WrongType,
)
from onlooker.formats.sse import Reader
from onlooker.media import PhotoState
from tests.archive.scene import Calendar
from tests.archive.sending import in_chunks, jpeg, one_chunk
from tests.live.scripted import Notebook

PARTY = AlbumPlan("party", "Party")
ANNA = "user:anna"


class Hub:
    """An archive that can be opened again from its folder, as after a kill: nothing that was in memory goes along."""

    def __init__(self, folder: Path, plan: AlbumPlan = PARTY, **options: Any) -> None:
        self.options = ArchiveOptions(folder / "data", reserve=0, **options)
        self.clock = Calendar()
        self.plan = plan
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        self.archive: Archive = await self._stack.enter_async_context(opened(self.options, self.clock))
        await self.archive.apply([self.plan])
        self.uploads = Uploads(self.archive, self.clock)

    async def stop(self) -> None:
        await self._stack.aclose()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def create(self, length: int | None, owner: str = ANNA, **metadata: str) -> str:
        album = self.archive.album("party")
        return (await self.uploads.create(owner, album, length, metadata, "Anna")).id

    async def find(self, upload_id: str, owner: str = ANNA) -> Upload:
        return await self.uploads.find(upload_id, {owner})

    async def append(self, upload_id: str, offset: int, data: bytes, **more: Any) -> int:
        return (await (await self.find(upload_id)).append(offset, in_chunks(data, 700), **more)).offset

    async def offset(self, upload_id: str) -> int:
        return (await (await self.find(upload_id)).standing()).offset

    async def photos(self) -> list[bytes]:
        found = await self.archive.page(self.archive.album("party"), [PhotoState.SHOWN], None, 200)
        return [self.archive.layout.find(photo).read_bytes() for photo in found]

    def incoming(self) -> list[str]:
        return sorted(path.suffix for path in self.archive.layout.incoming.iterdir())

    def watch(self) -> Callable[[], list[tuple[str, dict[str, Any]]]]:
        viewer = Notebook()
        self.archive.album("party").feed.join(viewer, None)
        return lambda: [
            (message.event, json.loads(message.data))
            for message in Reader().feed(b"".join(viewer.seen))
            if message.event != "presence"
        ]


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    hub = Hub(tmp_path)
    await hub.start()
    yield hub
    await hub.stop()


async def cut(data: bytes) -> AsyncIterator[bytes]:
    yield data
    raise Interrupted("gone")


class Stalled:
    """A body that stops coming, as from a phone whose connection is half-dead."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.waits = asyncio.Event()

    async def chunks(self) -> AsyncIterator[bytes]:
        yield self._data
        self.waits.set()
        await asyncio.Event().wait()


async def test_in_pieces_with_restarts_between(hub: Hub) -> None:
    data = jpeg(1, (800, 600))
    told = hub.watch()
    upload_id = await hub.create(len(data), filename="IMG_1.JPG", caption="Us", sha256=hashlib.sha256(data).hexdigest())
    assert await hub.append(upload_id, 0, data[:1000]) == 1000
    await hub.restart()
    assert await hub.offset(upload_id) == 1000
    assert await hub.append(upload_id, 1000, data[1000:2500]) == 2500
    assert [kind for kind, _ in told()] == ["uploading"]
    told = hub.watch()
    assert await hub.append(upload_id, 2500, data[2500:]) == len(data)
    (_, complete) = told()[-1]
    assert (complete["id"], complete["caption"], complete["author"]) == (upload_id, "Us", "Anna")
    assert await hub.photos() == [data]
    standing = await (await hub.find(upload_id)).standing()
    assert (standing.offset, standing.photo) == (len(data), upload_id)
    assert hub.incoming() == [".json"]
    await hub.restart()
    assert await hub.offset(upload_id) == len(data)


async def test_what_a_cut_request_brought_stays(hub: Hub) -> None:
    data = jpeg(2)
    upload_id = await hub.create(len(data))
    with pytest.raises(Interrupted):
        await (await hub.find(upload_id)).append(0, cut(data[:300]))
    assert await hub.offset(upload_id) == 300


async def test_a_new_request_stops_one_that_waits_for_bytes(hub: Hub) -> None:
    data = jpeg(3)
    upload_id = await hub.create(len(data))
    for begin, ask in ((0, 200), (200, 400)):
        stalled = Stalled(data[begin:ask])
        old = asyncio.create_task((await hub.find(upload_id)).append(begin, stalled.chunks()))
        await stalled.waits.wait()
        assert await hub.offset(upload_id) == ask
        with pytest.raises(Superseded):
            await old
    stalled = Stalled(data[400:600])
    old = asyncio.create_task((await hub.find(upload_id)).append(400, stalled.chunks()))
    await stalled.waits.wait()
    assert await hub.append(upload_id, 600, data[600:]) == len(data)
    with pytest.raises(Superseded):
        await old
    assert await hub.photos() == [data]


async def test_a_whole_part_that_was_not_kept_is_kept_by_whoever_asks(hub: Hub) -> None:
    data = jpeg(4)
    upload_id = await hub.create(len(data))
    hub.archive.layout.part(upload_id).write_bytes(data)  # a crash between the last byte and the commit
    await hub.restart()
    assert await hub.photos() == []
    assert await hub.offset(upload_id) == len(data)
    assert await hub.photos() == [data]


async def test_a_photo_whose_record_does_not_know_is_not_kept_twice(hub: Hub) -> None:
    data = jpeg(5)
    upload_id = await hub.create(len(data))
    record = hub.archive.layout.part(upload_id).with_suffix(".json")
    before = record.read_bytes()
    await hub.append(upload_id, 0, data)
    record.write_bytes(before)  # a crash between the commit and the record
    await hub.restart()
    assert (await (await hub.find(upload_id)).standing()).photo == upload_id
    assert await hub.photos() == [data]


async def test_bytes_that_are_a_photo_already(hub: Hub) -> None:
    data, told = jpeg(6), hub.watch()
    first, second = await hub.create(len(data)), await hub.create(len(data))
    await hub.append(first, 0, data)
    await hub.append(second, 0, data)
    assert (await (await hub.find(second)).standing()).photo == first
    assert told()[-1][0] == "duplicate"
    assert (told()[-1][1]["id"], told()[-1][1]["existing"]) == (second, first)
    assert await hub.photos() == [data]
    assert hub.incoming() == [".json", ".json"]


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
async def test_a_checksum_that_differs_takes_nothing(hub: Hub, algorithm: str) -> None:
    data = jpeg(7)
    upload_id = await hub.create(len(data))

    def checksum(part: bytes) -> tuple[str, bytes]:
        return algorithm, hashlib.new(algorithm, part).digest()

    await hub.append(upload_id, 0, data[:100], checksum=checksum(data[:100]))
    with pytest.raises(WrongChecksum):
        await hub.append(upload_id, 100, data[100:200], checksum=checksum(b"other"))
    assert await hub.offset(upload_id) == 100
    with pytest.raises(Interrupted):
        await (await hub.find(upload_id)).append(100, cut(data[100:200]), checksum=checksum(data[100:300]))
    assert await hub.offset(upload_id) == 100
    await hub.append(upload_id, 100, data[100:], checksum=checksum(data[100:]))
    assert await hub.photos() == [data]


async def test_bytes_whose_checksum_was_not_compared_before_a_crash_do_not_count(hub: Hub) -> None:
    data = jpeg(8)
    upload_id = await hub.create(len(data))
    await hub.append(upload_id, 0, data[:100], checksum=("sha1", hashlib.sha1(data[:100]).digest()))
    with hub.archive.layout.part(upload_id).open("ab") as part:
        part.write(b"a chunk in whose middle the hub was killed")
    await hub.restart()
    assert await hub.offset(upload_id) == 100


async def test_offsets_and_lengths_that_do_not_fit(hub: Hub) -> None:
    data = jpeg(9)
    upload_id = await hub.create(len(data))
    with pytest.raises(WrongOffset):
        await hub.append(upload_id, 5, data)
    for more in ({}, {"size": len(data) + 9}):
        with pytest.raises(BeyondLength):
            await hub.append(upload_id, 0, data + b"too much.", **more)
    with pytest.raises(MalformedInput):
        await hub.append(upload_id, 0, data, length=len(data) + 1)
    assert await hub.offset(upload_id) == 0
    assert await hub.append(upload_id, 0, data) == len(data)


async def test_a_length_told_late(hub: Hub) -> None:
    data = jpeg(10)
    upload_id = await hub.create(None)
    await hub.append(upload_id, 0, data[:200])
    with pytest.raises(MalformedInput):
        await hub.append(upload_id, 200, b"", length=100)
    assert await hub.append(upload_id, 200, data[200:]) == len(data)
    assert await hub.photos() == []
    assert await hub.append(upload_id, len(data), b"", length=len(data)) == len(data)
    assert await hub.photos() == [data]


async def test_nobody_else_may_touch_it(hub: Hub) -> None:
    upload_id = await hub.create(100)
    for other in (upload_id[:-1], "a" * 26, "../../onlooker", ""):
        with pytest.raises(UnknownUpload):
            await hub.find(other)
    with pytest.raises(UnknownUpload):
        await hub.find(upload_id, "share:anna")


async def test_given_up_and_expired(hub: Hub) -> None:
    data, told = jpeg(11), hub.watch()
    given_up, expired, done = [await hub.create(len(data)) for _ in range(3)]
    for one in (given_up, expired):
        await hub.append(one, 0, data[:200])
    await hub.append(done, 0, data)
    await (await hub.find(given_up)).end("given up")
    with pytest.raises(UnknownUpload):
        await hub.find(given_up)
    await hub.uploads.tidy()
    assert await hub.offset(expired) == 200
    hub.clock.jump(hub.options.keep_uploads)
    with pytest.raises(UnknownUpload):
        await hub.find(expired)
    await hub.uploads.tidy()
    assert hub.incoming() == []
    assert [about["id"] for kind, about in told() if kind == "failed"] == [given_up, expired]
    assert await hub.photos() == [data]
    assert hub.archive.reserved.on_disk() == 0


def png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.zeros((height, width), np.uint8)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        pytest.param(b"GIF89a" + b"\0" * 200 + jpeg(12), WrongType, id="GIF"),
        pytest.param(b"<!doctype html><script>alert(1)</script>" + b" " * 90, WrongType, id="HTML"),
        pytest.param(jpeg(12)[:-40], BrokenPhoto, id="cut off"),
        pytest.param(png(10_000, 10_000), BrokenPhoto, id="bomb"),
        pytest.param(b"\xff\xd8\xff", BrokenPhoto, id="three bytes"),
    ],
)
async def test_what_is_no_photo_ends_its_upload(hub: Hub, data: bytes, error: type[Exception]) -> None:
    told = hub.watch()
    upload_id = await hub.create(len(data), filename="holiday.jpg", filetype="image/jpeg")
    with pytest.raises(error):
        await hub.append(upload_id, 0, data)
    with pytest.raises(UnknownUpload):
        await hub.find(upload_id)
    assert hub.incoming() == []
    assert [kind for kind, _ in told()] == ([] if error is WrongType else ["uploading", "failed"])


async def test_another_photo_than_announced(hub: Hub) -> None:
    data = jpeg(13)
    upload_id = await hub.create(len(data), sha256="0" * 64)
    with pytest.raises(WrongDigest):
        await hub.append(upload_id, 0, data)
    assert hub.incoming() == []


async def test_the_first_bytes_decide(hub: Hub) -> None:
    upload_id = await hub.create(1_000_000)
    await hub.append(upload_id, 0, b"no ")
    with pytest.raises(WrongType):
        await (await hub.find(upload_id)).append(3, one_chunk(b"photo" * 20), size=999_997)


@pytest.mark.parametrize(
    "metadata", [{"sha256": "xyz"}, {"taken_at": "yesterday"}, {"taken_at": "0001-01-01T00:00+14:00"}]
)
async def test_metadata_that_cannot_be(hub: Hub, metadata: dict[str, str]) -> None:
    with pytest.raises(MalformedInput):
        await hub.create(100, **metadata)
    assert hub.incoming() == []


async def test_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads_module, "MOST_UNFINISHED_EACH", 2)
    monkeypatch.setattr(uploads_module, "MOST_UNFINISHED", 3)
    hub = Hub(tmp_path, dataclasses.replace(PARTY, quota=10_000), max_photo=5_000)
    await hub.start()
    try:
        with pytest.raises(TooLarge):
            await hub.create(5_001)
        with pytest.raises(BrokenPhoto):
            await hub.create(0)
        await hub.create(4_000)
        second = await hub.create(4_000)
        with pytest.raises(TooManyUploads):
            await hub.create(10)
        await hub.restart()
        with pytest.raises(TooManyUploads):
            await hub.create(10)
        with pytest.raises(NoSpace):
            await hub.create(2_001, owner="share:x")
        await hub.create(2_000, owner="share:x")
        with pytest.raises(TooManyUploads):
            await hub.create(10, owner="share:y")
        await (await hub.find(second)).end("given up")
        await hub.create(10)
    finally:
        await hub.stop()


async def test_more_than_a_photo_may_have_without_a_length(tmp_path: Path) -> None:
    hub = Hub(tmp_path, max_photo=500)
    await hub.start()
    upload_id = await hub.create(None)
    with pytest.raises(TooLarge):
        await hub.append(upload_id, 0, jpeg(14, (400, 400)))
    assert hub.incoming() == []
    await hub.stop()


class Phone(RuleBasedStateMachine):
    """A phone that sends photos in any way it likes, to a hub that may be killed between any two requests."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.hub = Hub(Path(self.folder.name))
        self.do(self.hub.start())
        self.data: dict[str, bytes] = {}
        self.told: dict[str, int] = {}  # the largest offset that was told
        self.sent: dict[str, int] = {}  # how far bytes were ever sent
        self.done: dict[str, str] = {}
        self.numbers = 0

    def do(self, what: Any) -> Any:
        return self.runner.run(what)

    def teardown(self) -> None:
        self.do(self.hub.stop())
        self.runner.close()
        self.folder.cleanup()

    def hear(self, upload_id: str) -> int:
        standing = self.do(self.do(self.hub.find(upload_id)).standing())
        offset: int = standing.offset
        assert self.told[upload_id] <= offset <= self.sent[upload_id]
        assert (offset == len(self.data[upload_id])) == (standing.photo is not None)
        if standing.photo is not None:
            self.done[upload_id] = standing.photo
        self.told[upload_id] = offset
        return offset

    @rule(twin=st.booleans())
    def create(self, twin: bool) -> None:
        if not (twin and self.data):
            self.numbers += 1
        upload_id = self.do(self.hub.create(len(jpeg(self.numbers))))
        self.data[upload_id] = jpeg(self.numbers)
        self.told[upload_id] = self.sent[upload_id] = 0

    @precondition(lambda self: self.data)
    @rule(
        pick=st.randoms(use_true_random=False),
        share=st.floats(0, 1),
        how=st.sampled_from(["whole", "cut", "sum", "bad"]),
    )
    def append(self, pick: Any, share: float, how: str) -> None:
        upload_id = pick.choice(list(self.data))
        data, offset = self.data[upload_id], self.hear(upload_id)
        end = offset + round((len(data) - offset) * share)
        piece = data[offset:end]
        checksum = {"sum": hashlib.sha1(piece), "bad": hashlib.sha1(b"bad")}.get(how)
        upload = self.do(self.hub.find(upload_id))
        body = cut(piece) if how == "cut" else one_chunk(piece)
        self.sent[upload_id] = max(self.sent[upload_id], end)
        try:
            standing = self.do(upload.append(offset, body, checksum=("sha1", checksum.digest()) if checksum else None))
            assert standing.offset == end
            self.told[upload_id] = end
        except WrongChecksum:
            assert how == "bad"
            assert self.hear(upload_id) == offset
        except Interrupted:
            assert how == "cut"

    @precondition(lambda self: self.data)
    @rule(pick=st.randoms(use_true_random=False), by=st.sampled_from([-1, 1, 10_000]))
    def append_elsewhere(self, pick: Any, by: int) -> None:
        upload_id = pick.choice(list(self.data))
        offset = self.hear(upload_id)
        with pytest.raises(UploadError):
            self.do(self.do(self.hub.find(upload_id)).append(max(0, offset + by) or offset + 1, one_chunk(b"x")))

    @precondition(lambda self: self.data)
    @rule(pick=st.randoms(use_true_random=False))
    def ask(self, pick: Any) -> None:
        self.hear(pick.choice(list(self.data)))

    @rule()
    def kill(self) -> None:
        self.do(self.hub.restart())

    @precondition(lambda self: self.data)
    @rule(pick=st.randoms(use_true_random=False))
    def lose_the_last_bytes_record(self, pick: Any) -> None:
        """Killed while bytes arrive: some are in the file that nobody was told of."""
        upload_id = pick.choice(list(self.data))
        offset = self.hear(upload_id)
        data = self.data[upload_id]
        if offset == len(data) or json.loads(self.record(upload_id).read_bytes())["verified"] is not None:
            return
        end = pick.randint(offset, len(data))
        with self.hub.archive.layout.part(upload_id).open("ab") as part:
            part.write(data[offset:end])
        self.sent[upload_id] = max(self.sent[upload_id], end)
        self.do(self.hub.restart())

    def record(self, upload_id: str) -> Path:
        return self.hub.archive.layout.part(upload_id).with_suffix(".json")

    @precondition(lambda self: self.data)
    @rule(pick=st.randoms(use_true_random=False))
    def give_up(self, pick: Any) -> None:
        upload_id = pick.choice(list(self.data))
        self.hear(upload_id)
        self.do(self.do(self.hub.find(upload_id)).end("given up"))
        self.gone(upload_id)

    @rule()
    def expire(self) -> None:
        for upload_id in list(self.data):
            self.hear(upload_id)
        self.hub.clock.jump(self.hub.options.keep_uploads)
        self.do(self.hub.uploads.tidy())
        for upload_id in list(self.data):
            self.gone(upload_id)
        assert self.hub.incoming() == []

    def gone(self, upload_id: str) -> None:
        with pytest.raises(UnknownUpload):
            self.do(self.hub.find(upload_id))
        del self.data[upload_id]

    @invariant()
    def every_complete_upload_is_one_photo(self) -> None:
        photos = self.do(self.hub.photos())
        assert len(set(photos)) == len(photos)
        for upload_id, data in self.data.items():
            if self.told[upload_id] == len(data):
                assert data in photos


TestPhone = Phone.TestCase
TestPhone.settings = settings(
    max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
