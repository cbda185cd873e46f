"""The logs of cameras: written, told, found again after a restart, forgotten in time, each for itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from onlooker.archive.camera_log import CameraLogs, following
from onlooker.archive.upkeep import tidy
from onlooker.errors import StorageError, UnknownCamera
from onlooker.events.wire import Position
from onlooker.media import CameraEvent
from tests.archive.scene import DAY, Calendar, Scene, scene
from tests.events.albums import messages
from tests.live.scripted import Notebook


@asynccontextmanager
async def logs_of(data: Path, *names: str, clock: Calendar | None = None) -> AsyncIterator[tuple[Scene, CameraLogs]]:
    async with scene(data, clock) as there, following(there.archive, there.clock) as logs:
        await logs.apply(names)
        yield there, logs


def now(there: Scene) -> int:
    return round(there.clock.now() * 1_000_000)


async def test_an_event_is_numbered_written_and_told(tmp_path: Path) -> None:
    async with logs_of(tmp_path, "yard", "door") as (there, logs):
        viewer, other = Notebook(), Notebook()
        logs.log("yard").feed.join(viewer, None)
        logs.log("door").feed.join(other, None)
        began = await logs.record("yard", CameraEvent("motion", now(there), True, facts={"rule": "a"}))
        assert logs.going_on("yard") == [began]
        await logs.record("yard", CameraEvent("motion", now(there) + 5, False, 1, now(there)))
        assert logs.going_on("yard") == []
        told = messages(viewer)
        assert messages(other) == []
    epoch = logs.log("yard").feed.epoch
    assert [message.id for message in told] == [f"{epoch}.1", f"{epoch}.2"]
    first, second = (json.loads(message.data) for message in told)
    assert first == {
        "id": f"{epoch}.1",
        "kind": "motion",
        "at": "2027-01-15T08:00:00.000000Z",
        "active": True,
        "began": None,
        "facts": {"rule": "a"},
    }
    assert second["began"] == {"id": f"{epoch}.1", "at": "2027-01-15T08:00:00.000000Z"}
    assert logs.log("yard").told == {"motion": 2}


async def test_a_hub_that_comes_back_goes_on_where_it_was(tmp_path: Path) -> None:
    async with logs_of(tmp_path, "yard") as (there, logs):
        epoch = logs.log("yard").feed.epoch
        lost = await logs.record("yard", CameraEvent("lost", now(there), True))
        await logs.record("yard", CameraEvent("sound", now(there)))
    async with logs_of(tmp_path, "yard") as (there, logs):
        assert logs.going_on("yard") == [lost]
        viewer = Notebook()
        logs.log("yard").feed.join(viewer, Position(epoch, 1))
        await logs.record("yard", CameraEvent("back", now(there), False, lost.seq, lost.at))
        assert [message.id for message in messages(viewer)] == [f"{epoch}.2", f"{epoch}.3"]
        assert logs.going_on("yard") == []
        # Whose camera was away for a while is told all of it too.
        await logs.apply([])
        with pytest.raises(UnknownCamera):
            await logs.record("yard", CameraEvent("sound", now(there)))
        await logs.apply(["yard"])
        assert logs.log("yard").feed.position == Position(epoch, 3)


async def test_old_events_go_and_who_comes_from_before_them_is_told(tmp_path: Path) -> None:
    clock = Calendar()
    async with logs_of(tmp_path, "yard", clock=clock) as (there, logs):
        for _ in range(3):
            await logs.record("yard", CameraEvent("sound", now(there)))
            clock.jump(50 * DAY)
        await tidy(there.archive, clock)
        feed = logs.log("yard").feed
        assert feed.oldest == 3
        viewer = Notebook()
        feed.join(viewer, Position(feed.epoch, 1))
        assert [message.event for message in messages(viewer)] == ["reset"]
        page = await logs.before("yard", 99, 10, None)
        assert [event.seq for event in page.events] == [3]
        assert not page.more
    assert logs.forget not in there.archive.chores


async def test_nothing_is_told_that_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with logs_of(tmp_path, "yard") as (there, logs):
        viewer = Notebook()
        logs.log("yard").feed.join(viewer, None)

        async def full(self: object, change: object) -> None:
            raise StorageError("The disk is full.")

        with monkeypatch.context() as broken:
            broken.setattr(type(there.archive.database.writer), "write", full)
            with pytest.raises(StorageError):
                await logs.record("yard", CameraEvent("sound", now(there)))
        assert messages(viewer) == []
        assert (await logs.record("yard", CameraEvent("sound", now(there)))).seq == 1


async def test_pages_are_bounded_and_lead_on(tmp_path: Path) -> None:
    async with logs_of(tmp_path, "yard") as (there, logs):
        await asyncio.gather(
            *(logs.record("yard", CameraEvent(("sound", "line")[place % 2], now(there))) for place in range(10))
        )
        newest = await logs.before("yard", 11, 4, None)
        assert ([event.seq for event in newest.events], newest.more) == ([10, 9, 8, 7], True)
        rest = await logs.before("yard", 7, 6, None)
        assert ([event.seq for event in rest.events], rest.more) == ([6, 5, 4, 3, 2, 1], False)
        lines = await logs.after("yard", 3, 2, {"line"})
        assert ([event.seq for event in lines.events], lines.position, lines.more) == ([4, 6], 6, True)
        lines = await logs.after("yard", 8, 2, {"line"})
        assert ([event.seq for event in lines.events], lines.position, lines.more) == ([10], 10, False)
        nothing = await logs.after("yard", 2, 5, {"motion"})
        assert (nothing.events, nothing.position, nothing.more) == ([], 10, False)


async def test_a_silent_stream_of_a_camera_says_that_it_lives(tmp_path: Path) -> None:
    async with logs_of(tmp_path, "yard") as (there, logs):
        viewer = Notebook()
        logs.log("yard").feed.join(viewer, None)
        await there.clock.advance(25)
        assert viewer.seen == [b": \n\n"]
