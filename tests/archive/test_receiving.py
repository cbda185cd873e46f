"""One photo in one request: nothing of it is left unless it was kept, and those who watch are told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from onlooker.archive import sending
from onlooker.archive.archive import Archive
from onlooker.archive.describing import Said
from onlooker.archive.options import ArchiveOptions
from onlooker.archive.receiving import receive
from onlooker.errors import Interrupted, OnlookerError, TooMany, TooSlow
from onlooker.formats.sse import Reader
from tests.archive.sending import in_chunks, jpeg
from tests.live.scripted import Notebook


@pytest.fixture
def viewer(archive: Archive) -> Notebook:
    viewer = Notebook()
    archive.album("party").feed.join(viewer, None)
    return viewer


def told(viewer: Notebook) -> list[tuple[str, dict[str, str]]]:
    messages = Reader().feed(b"".join(viewer.seen))
    return [(one.event, json.loads(one.data)) for one in messages if one.event != "presence"]


async def broken_off(error: BaseException | None) -> AsyncIterator[bytes]:
    yield jpeg(1)[:300]
    if error is None:
        await asyncio.Event().wait()
    else:
        raise error


async def test_what_is_said_may_come_behind_the_bytes(archive: Archive, viewer: Notebook) -> None:
    said: list[str] = []

    async def chunks() -> AsyncIterator[bytes]:
        async for chunk in in_chunks(jpeg(1), 50):
            yield chunk
        said.append("late")

    kept = await receive(archive, archive.album("party"), chunks(), lambda: Said(caption="".join(said)))
    assert kept.photo.caption == "late"
    assert [kind for kind, _ in told(viewer)] == ["uploading", "complete"]


@pytest.mark.parametrize("error", [Interrupted("gone"), None])
async def test_nothing_is_left(
    archive: Archive, viewer: Notebook, monkeypatch: pytest.MonkeyPatch, error: OnlookerError | None
) -> None:
    monkeypatch.setattr(sending, "PATIENCE", 0.01)
    with pytest.raises(TooSlow if error is None else Interrupted) as raised:
        await receive(archive, archive.album("party"), broken_off(error), Said(author="Zoë\n"))
    (_, uploading), (kind, failed) = told(viewer)
    assert (uploading["author"], kind, failed["reason"]) == ("Zoë", "failed", str(raised.value))
    assert uploading["id"] == failed["id"]
    assert list(archive.layout.incoming.iterdir()) == []
    assert archive.album("party").feed.last_seq == 0


async def test_a_cancelled_request_leaves_nothing(archive: Archive, viewer: Notebook) -> None:
    waits = asyncio.Event()

    async def stalling() -> AsyncIterator[bytes]:
        yield jpeg(1)[:300]
        waits.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(receive(archive, archive.album("party"), stalling(), Said()))
    await waits.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [kind for kind, _ in told(viewer)] == ["uploading", "failed"]
    assert list(archive.layout.incoming.iterdir()) == []


async def test_too_many_at_once_are_asked_to_come_back(
    archive: Archive, options: ArchiveOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onlooker.archive.archive.MOST_SENDING", 2)
    going_on, begun = asyncio.Event(), asyncio.Semaphore(0)

    async def slowly(data: bytes) -> AsyncIterator[bytes]:
        begun.release()
        yield data[:100]
        await going_on.wait()
        yield data[100:]

    album = archive.album("party")
    first = [asyncio.create_task(receive(archive, album, slowly(jpeg(number)), Said())) for number in range(2)]
    for _ in first:
        await begun.acquire()
    with pytest.raises(TooMany, match="Try again"):
        await receive(archive, album, slowly(jpeg(9)), Said())
    going_on.set()
    assert all(kept.new for kept in await asyncio.gather(*first))
    assert (await receive(archive, album, slowly(jpeg(9)), Said())).new
    assert list((options.data / "incoming").iterdir()) == []
