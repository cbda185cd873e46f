"""Whatever viewers do (come, stall, drop, come back with the last id they saw), none misses or doubles an event."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from onlooker.events import feed as feed_module
from onlooker.events import wire
from onlooker.events.wire import Position
from tests.events.albums import EPOCH, Log, filled, messages, seqs
from tests.live.scripted import Notebook


class Phone:
    """A browser that remembers the last id it saw, across connections."""

    def __init__(self, position: int | None) -> None:
        self.last = position
        self.told: list[int] = []  # every number it ever saw
        self.viewer: Notebook | None = None
        self._read = 0

    def look(self) -> None:
        """Take in what has arrived since the last look; fails at a gap or a repeat."""
        if self.viewer is None:
            return
        fresh = seqs(messages(self.viewer))[self._read :]
        self._read += len(fresh)
        for number in fresh:
            if isinstance(number, str):  # a reset: reload, go on from there
                self.last = int(number.removeprefix("reset "))
            else:
                assert self.last is None or number == self.last + 1, f"{number} after {self.last}"
                self.last = number
                self.told.append(number)

    def connected_to(self, viewer: Notebook) -> None:
        self.viewer, self._read = viewer, 0


class LogAndCursors(RuleBasedStateMachine):
    """The feed with small bounds, so that every edge is near."""

    phones: list[Phone]

    @initialize(before=st.integers(0, 12), kept=st.integers(0, 6))
    def begin(self, before: int, kept: int) -> None:
        self.loop = asyncio.new_event_loop()  # closed by `teardown`
        self.log: Log = filled(before)
        self.feed = self.log.feed(min(kept, before))
        self.phones = []

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        self.loop.run_until_complete(work)

    def turns(self, count: int = 20) -> None:
        async def idle() -> None:
            for _ in range(count):
                await asyncio.sleep(0)

        self.run(idle())

    def connected(self) -> list[Phone]:
        return [phone for phone in self.phones if phone.viewer is not None and not phone.viewer.closed]

    @rule(data=st.data(), slow=st.booleans())
    def connect(self, data: st.DataObject, slow: bool) -> None:
        waiting = [phone for phone in self.phones if phone not in self.connected()]
        if waiting and data.draw(st.booleans()):
            phone = data.draw(st.sampled_from(waiting))
        else:
            phone = Phone(data.draw(st.none() | st.integers(0, self.feed.last_seq + 1)))
            self.phones.append(phone)
        viewer = Notebook(slow=slow)
        position = None if phone.last is None else Position(EPOCH, phone.last)

        async def join() -> None:
            self.feed.join(viewer, position)

        if position is None:
            phone.last = self.feed.last_seq
        phone.connected_to(viewer)
        self.run(join())

    @rule(count=st.integers(1, 4), at_once=st.booleans())
    def publish(self, count: int, at_once: bool) -> None:
        async def tell() -> None:
            for _ in range(count):
                self.log.publish(self.feed)
                if not at_once:
                    await asyncio.sleep(0)

        self.run(tell())

    @rule()
    def signal(self) -> None:
        async def tell() -> None:
            self.feed.signal(wire.signal("uploading", key="k"))
            self.feed.tick()
            self.feed.ping()

        self.run(tell())

    @precondition(lambda self: self.connected())
    @rule(data=st.data())
    def drain(self, data: st.DataObject) -> None:
        phone = data.draw(st.sampled_from(self.connected()))

        async def drained() -> None:
            assert phone.viewer is not None
            if phone.viewer.busy:
                phone.viewer.drained()

        self.run(drained())

    @precondition(lambda self: self.connected())
    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        """The cable is pulled; what was written before is still seen."""
        phone = data.draw(st.sampled_from(self.connected()))

        async def close() -> None:
            assert phone.viewer is not None
            phone.viewer.close()

        self.run(close())
        phone.look()

    @precondition(lambda self: len(self.log.events) > 2)
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        """Retention takes the oldest events."""
        count = data.draw(st.integers(1, len(self.log.events) - 1))
        del self.log.events[:count]

        async def forget() -> None:
            self.feed.forget_before(self.log.events[0].seq)

        self.run(forget())

    @rule()
    def wait(self) -> None:
        self.turns()

    @invariant()
    def nobody_misses_or_doubles(self) -> None:
        for phone in getattr(self, "phones", []):
            phone.look()

    def teardown(self) -> None:
        if not hasattr(self, "loop"):
            return
        for _ in range(60):  # everybody who is connected can drain: then they know everything
            self.turns()
            for phone in self.connected():

                async def drained(viewer: Notebook) -> None:
                    if viewer.busy and not viewer.closed:
                        viewer.drained()

                assert phone.viewer is not None
                self.run(drained(phone.viewer))
        for phone in self.connected():
            phone.look()
            assert phone.last == self.feed.last_seq
        self.run(self.feed.close())
        self.loop.close()


@pytest.fixture(autouse=True)
def near_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "TAIL", 6)
    monkeypatch.setattr(feed_module, "RECENT", 5)
    monkeypatch.setattr(feed_module, "PAGE", 4)


TestLogAndCursors = LogAndCursors.TestCase
TestLogAndCursors.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
