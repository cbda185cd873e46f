"""The live end of a log, an album's or a camera's: its newest events in memory, and whoever watches it.

Every event reaches every viewer, in order, exactly once: nothing is skipped. A viewer whose connection is busy gets
what it missed the moment it drains, out of `_recent`, which all viewers share; one that is further behind than that is
closed, and comes back with the number of its last event. So a viewer costs a place in a dictionary and no queue.

A storm of returning viewers is answered from memory too: those of one number get the very same bytes.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

from onlooker.errors import StorageError
from onlooker.events import wire
from onlooker.events.wire import Position, Told
from onlooker.formats import sse
from onlooker.live.viewer import Viewer

log = logging.getLogger(__name__)

TAIL = 2_000  # events kept in memory
RECENT = 512  # messages a busy viewer may be behind
PAGE = 500  # events read from the database at once
PATIENCE = 60.0  # seconds a viewer that reads history may take for a page
_PING = sse.comment()

Read = Callable[[int, int], Awaitable[Sequence[Told]]]  # (behind this number, at most so many) -> events


class Feed:
    """One log as its viewers see it. `oldest` is the number of the oldest event that is kept anywhere.

    `presence`: its viewers are told how many they are.
    """

    def __init__(
        self, epoch: str, last_seq: int, oldest: int, tail: Iterable[Told], read: Read, *, presence: bool = True
    ) -> None:
        self.epoch = epoch
        self.last_seq = last_seq
        self.oldest = oldest
        self.messages_out = 0  # handed to viewers
        self.closed_behind = 0  # viewers that could not keep up
        self._tail: deque[Told] = deque(tail, TAIL)
        self._read = read
        self._shows_presence = presence
        self._viewers: dict[Viewer, None] = {}
        self._recent: deque[bytes] = deque()
        self._sent = 0  # how many messages there were; `_recent` holds the newest of them
        self._behind: dict[Viewer, _Behind] = {}  # in the order in which they fell behind
        self._joined: dict[int, bytes] = {}  # catch-ups that were asked for since the last event
        self._histories: set[asyncio.Task[None]] = set()
        self._told_watching = 0

    @property
    def position(self) -> Position:
        """Behind the newest event."""
        return Position(self.epoch, self.last_seq)

    @property
    def watching(self) -> int:
        """How many viewers there are."""
        return len(self._viewers) + len(self._histories)

    def publish(self, event: Told) -> None:
        """Tell a committed event; ValueError unless it is the next one."""
        if event.seq != self.last_seq + 1:
            raise ValueError(f"event {event.seq} cannot follow event {self.last_seq}")
        self.last_seq = event.seq
        self._tail.append(event)
        self._joined.clear()
        self._send(event.wire)

    def withdraw(self, about: str, instead: Callable[[Told], Told]) -> None:
        """Something is no longer shown: whoever comes now is told this `instead` of each event about it."""
        for place, event in enumerate(self._tail):
            if event.about == about:
                self._tail[place] = instead(event)
        self._joined.clear()

    def forget_before(self, oldest: int) -> None:
        """Events before that number are no longer kept."""
        self.oldest = oldest
        while self._tail and self._tail[0].seq < oldest:
            self._tail.popleft()
        self._joined.clear()

    def signal(self, message: bytes) -> None:
        """Tell something that is not kept; it reaches whoever is here now."""
        self._send(message)

    def tick(self) -> None:
        """Once a second: tell how many watch, if that has changed."""
        if self._shows_presence and self.watching != self._told_watching:
            self._told_watching = self.watching
            self._send(self._presence())

    def ping(self) -> None:
        """Every few seconds: a comment, which keeps proxies from cutting a silent stream."""
        for viewer in self._viewers:
            if not viewer.busy:
                viewer.write(_PING)

    def join(self, viewer: Viewer, position: Position | None) -> None:
        """Watch from behind `position`, or from now on; `reset` goes first where that gap cannot be filled."""
        if position is None:
            self._enter(viewer, self.last_seq)
        elif not self.reaches(position):
            self._enter(viewer, self.last_seq, wire.reset(self.position))
        elif position.seq >= self._tail_start - 1:
            self._enter(viewer, position.seq)
        else:
            task = asyncio.create_task(self._history(viewer, position.seq), name="history of a log")
            self._histories.add(task)
            task.add_done_callback(self._histories.discard)

    def reaches(self, position: Position) -> bool:
        """Whether every event behind `position` is still known."""
        return position.epoch == self.epoch and self.oldest - 1 <= position.seq <= self.last_seq

    def since(self, seq: int, limit: int) -> list[Told] | None:
        """At most `limit` events behind `seq`, out of memory; None if they are not all there."""
        start = seq - self._tail_start + 1
        return None if start < 0 else list(islice(self._tail, start, start + limit))

    def attach(self, viewer: Viewer) -> None:
        """Watch from now on."""
        self._viewers[viewer] = None

    def detach(self, viewer: Viewer) -> None:
        """The viewer has gone."""
        self._viewers.pop(viewer, None)
        self._behind.pop(viewer, None)

    def catch_up(self, viewer: Viewer) -> None:
        """Write everything the viewer missed while it was busy, in one piece."""
        behind = self._behind.pop(viewer, None)
        if behind is not None:
            missed = list(islice(self._recent, len(self._recent) - (self._sent - behind.first), None))
            self.messages_out += len(missed)
            viewer.write(b"".join((behind.owed, *missed)))

    async def close(self) -> None:
        """Let all viewers go; they come back where they were."""
        histories = list(self._histories)
        for task in histories:
            task.cancel()
        await asyncio.gather(*histories, return_exceptions=True)
        for viewer in list(self._viewers):
            viewer.close()

    @property
    def _tail_start(self) -> int:
        """The number of the oldest event in memory."""
        return self._tail[0].seq if self._tail else self.last_seq + 1

    def _enter(self, viewer: Viewer, seq: int, first: bytes = b"") -> None:
        """Everything behind `seq` in one piece, then live; nothing can happen between the two."""
        missed = self._joined.get(seq)
        if missed is None:
            missed = self._joined[seq] = b"".join(event.wire for event in self.since(seq, TAIL) or ())
        self.messages_out += self.last_seq - seq
        viewer.watch([self])
        whole = b"".join((first, missed, self._presence()))
        if viewer.busy:
            self._fall_behind(viewer, self._sent, whole)
        elif whole:
            viewer.write(whole)

    def _send(self, message: bytes) -> None:
        # As in live/channel.py, this loop is what the program exists for; no viewer is removed while it runs.
        self._recent.append(message)
        self._sent += 1
        late = 0
        for viewer in self._viewers:
            if viewer.busy:
                late += 1
                if viewer not in self._behind:
                    self._fall_behind(viewer, self._sent - 1)
            else:
                viewer.write(message)
        self.messages_out += len(self._viewers) - late
        if len(self._recent) > RECENT:
            self._recent.popleft()
            self._close_those_before(self._sent - RECENT)

    def _fall_behind(self, viewer: Viewer, first: int, owed: bytes = b"") -> None:
        self._behind[viewer] = _Behind(first, owed)
        viewer.miss(self)

    def _close_those_before(self, first: int) -> None:
        """What these missed is no longer at hand: they come back with the number of their last event."""
        lost = list(takewhile(lambda one: self._behind[one].first < first, self._behind))
        for viewer in lost:
            self.closed_behind += 1
            viewer.close()

    def _presence(self) -> bytes:
        return wire.signal("presence", watching=self.watching) if self._shows_presence else b""

    async def _history(self, viewer: Viewer, seq: int) -> None:
        """Write the log out of the database, page by page as the viewer takes it, up to where memory begins."""
        pages = _Pages(viewer)
        viewer.watch([pages])
        try:
            while seq < self._tail_start - 1 and not viewer.closed:
                events = await self._read(seq, PAGE)
                if not events or events[0].seq != seq + 1:  # forgotten in this moment
                    break
                async with asyncio.timeout(PATIENCE):
                    await pages.write(b"".join(event.wire for event in events))
                self.messages_out += len(events)
                seq = events[-1].seq
        except TimeoutError:
            viewer.close()
        except asyncio.CancelledError:
            viewer.close()
            raise
        except StorageError as error:
            log.error("the history of a log cannot be read: %s", error)
            viewer.close()
        if viewer.closed:
            return
        if seq >= self._tail_start - 1:
            self._enter(viewer, seq)
        else:
            self._enter(viewer, self.last_seq, wire.reset(self.position))


@dataclass(frozen=True, slots=True)
class _Behind:
    """What a busy viewer is owed: these bytes, then every message from number `first` on."""

    first: int
    owed: bytes


class _Pages:
    """What a viewer watches while it reads history: says when the viewer has taken a page, or has gone."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._free = asyncio.Event()

    async def write(self, page: bytes) -> None:
        """Write a page and wait until it is taken."""
        await self._drained()
        if not self._viewer.closed:
            self._viewer.write(page)
            await self._drained()

    def attach(self, viewer: Viewer) -> None:
        """Nothing to write at once."""

    def detach(self, viewer: Viewer) -> None:
        self._free.set()

    def catch_up(self, viewer: Viewer) -> None:
        self._free.set()

    async def _drained(self) -> None:
        if self._viewer.busy and not self._viewer.closed:
            self._free.clear()
            self._viewer.miss(self)
            await self._free.wait()
