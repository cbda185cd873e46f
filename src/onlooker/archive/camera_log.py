"""The logs of cameras while the hub runs: written by the one writer, told to those who follow, forgotten in time."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection

from onlooker.archive.archive import Archive
from onlooker.archive.upkeep import forget_events
from onlooker.clock import Clock
from onlooker.db import camera_log
from onlooker.db.opening import Database
from onlooker.db.writer import Change
from onlooker.errors import UnknownCamera
from onlooker.events import camera_wire
from onlooker.events.feed import TAIL, Feed
from onlooker.events.pulse import beat
from onlooker.events.wire import Told
from onlooker.media import CameraEvent

MOST_GOING_ON = 100


@dataclass(slots=True, eq=False)
class CameraLog:
    """One camera's. `going_on`: what began and has not ended, by number; `told`: how many of which kind since start."""

    id: int
    feed: Feed
    going_on: dict[int, CameraEvent]
    told: Counter[str] = field(default_factory=Counter)
    passed_over: int = 0  # what a camera said too often to be written


@dataclass(frozen=True, slots=True)
class Page:
    """Some events. `position` is the number behind the last of them, or behind all that were looked through."""

    events: list[CameraEvent]
    position: int
    more: bool


class CameraLogs:
    """One per hub. `apply` names the cameras; logs of others stay, and go on where they were when those come back."""

    def __init__(self, database: Database, keep: float, clock: Clock) -> None:
        self.logs: dict[str, CameraLog] = {}
        self._database = database
        self._keep = keep
        self._clock = clock

    async def apply(self, names: Iterable[str]) -> None:
        """Keep logs of these cameras and no others."""
        logs = {}
        for name in names:
            logs[name] = self.logs.get(name) or await self._open(name)
        gone = [log for name, log in self.logs.items() if name not in logs]
        self.logs = logs
        for log in gone:
            await log.feed.close()

    def log(self, name: str) -> CameraLog:
        """The log of that camera; UnknownCamera."""
        try:
            return self.logs[name]
        except KeyError:
            raise UnknownCamera(name) from None

    def going_on(self, name: str) -> Sequence[CameraEvent]:
        """What began at this camera and has not ended; UnknownCamera."""
        return list(self.log(name).going_on.values())

    def pass_over(self, name: str) -> None:
        """Something was not written, because it was too much."""
        if name in self.logs:
            self.logs[name].passed_over += 1

    async def record(self, name: str, event: CameraEvent) -> CameraEvent:
        """Write the event and tell it; StorageError, UnknownCamera."""
        log = self.log(name)

        def tell(written: CameraEvent) -> None:
            log.told[written.kind] += 1
            if written.active:
                log.going_on[written.seq] = written
            elif written.began is not None:
                log.going_on.pop(written.began, None)
            log.feed.publish(camera_wire.told(written, log.feed.epoch))

        return await self._database.writer.write(
            Change(lambda connection: camera_log.append(connection, log.id, event), tell=tell)
        )

    async def after(self, name: str, seq: int, limit: int, kinds: Collection[str] | None) -> Page:
        """What happened behind number `seq`, in order."""
        log = self.log(name)

        def look(connection: Connection) -> tuple[list[CameraEvent], int]:
            return (
                camera_log.after(connection, log.id, seq, limit + 1, kinds),
                camera_log.LOG.last_seq(connection, log.id),
            )

        found, last = await self._database.read(look)
        more = len(found) > limit
        return Page(found[:limit], found[limit - 1].seq if more else last, more)

    async def before(self, name: str, seq: int, limit: int, kinds: Collection[str] | None) -> Page:
        """What happened before number `seq`, newest first."""
        log = self.log(name)
        found = await self._database.read(
            lambda connection: camera_log.before(connection, log.id, seq, limit + 1, kinds)
        )
        return Page(found[:limit], log.feed.last_seq, len(found) > limit)

    async def forget(self) -> None:
        """Let go of what is too old."""

        def tell(name: str, oldest: int) -> None:
            if name in self.logs:
                self.logs[name].feed.forget_before(oldest)

        before = round((self._clock.now() - self._keep) * 1_000_000)
        await forget_events(self._database, camera_log.LOG, before, tell)

    async def let_viewers_go(self) -> None:
        """Close the connections of all who follow; they come back where they were."""
        for log in self.logs.values():
            await log.feed.close()

    async def _open(self, name: str) -> CameraLog:
        row = await self._database.writer.write(
            Change(lambda connection: camera_log.LOG.owner(connection, name, secrets.token_hex(4)))
        )

        def standing(connection: Connection) -> tuple[int, list[CameraEvent], list[CameraEvent]]:
            oldest = camera_log.LOG.first_seq(connection, row.id)
            tail = camera_log.after(connection, row.id, max(0, row.last_seq - TAIL), TAIL)
            return oldest, tail, camera_log.unended(connection, row.id, MOST_GOING_ON)

        oldest, tail, unended = await self._database.read(standing)

        async def read(seq: int, limit: int) -> list[Told]:
            events = await self._database.read(lambda connection: camera_log.after(connection, row.id, seq, limit))
            return [camera_wire.told(event, row.epoch) for event in events]

        told = [camera_wire.told(event, row.epoch) for event in tail]
        feed = Feed(row.epoch, row.last_seq, oldest, told, read, presence=False)
        return CameraLog(row.id, feed, {event.seq: event for event in unended})


@asynccontextmanager
async def following(archive: Archive, clock: Clock) -> AsyncIterator[CameraLogs]:
    """The logs of cameras in this archive's database, until the end of the block."""
    logs = CameraLogs(archive.database, archive.options.keep_events, clock)
    archive.chores.append(logs.forget)
    pulse = asyncio.create_task(beat(lambda: [log.feed for log in logs.logs.values()], clock), name="camera pulse")
    try:
        yield logs
    finally:
        archive.chores.remove(logs.forget)
        pulse.cancel()
        await asyncio.gather(pulse, return_exceptions=True)
        await logs.let_viewers_go()
