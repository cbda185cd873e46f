"""Lets phones and viewers loose on an album, at a pace that does not wait for the hub, and says what became of it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp

from onlooker.simulation.outcome import Outcome, Shot
from onlooker.simulation.pictures import Camera
from onlooker.simulation.sending import Refused, send, send_resumably
from onlooker.simulation.target import Target, Unreachable
from onlooker.simulation.watching import watch

_FETCHES = 4  # at a time
_AHEAD = 16  # photos drawn before they are due


@dataclass(frozen=True, slots=True)
class Plan:
    """What to simulate; times in seconds, `rate` in photos a second."""

    count: int
    rate: float
    clients: int = 4
    viewers: int = 2
    seed: int = 0
    size: tuple[int, int] = (1600, 1200)
    resumably: bool = False
    timeout: float = 30.0
    late_after: float = 5.0


Progress = Callable[[], None]  # one more photo is acknowledged or refused


async def simulate(target: Target, plan: Plan, progress: Progress) -> Outcome:
    """Send the photos and watch for them; Unreachable if the album does not take them, or nobody would see them."""
    facts = await target.facts()
    if not facts["may"]["upload"]:
        raise Unreachable("This album takes no photos from you.")
    if facts["approve"]:
        raise Unreachable("In this album photos wait for approval, so nobody would see them. Choose another.")
    return await _Run(target, plan, progress).run(facts["position"])


class _Run:
    def __init__(self, target: Target, plan: Plan, progress: Progress) -> None:
        self._target = target
        self._plan = plan
        self._progress = progress
        self._outcome = Outcome(plan.viewers, plan.late_after)
        self._drawn: asyncio.Queue[tuple[int, bytes, float] | None] = asyncio.Queue(_AHEAD)
        self._waiting: asyncio.Queue[tuple[Shot, bytes] | None] = asyncio.Queue(plan.clients)
        self._news = asyncio.Event()
        self._slots = asyncio.Semaphore(_FETCHES)
        self._fetches: set[asyncio.Task[None]] = set()

    async def run(self, position: str) -> Outcome:
        viewers = [
            asyncio.create_task(watch(self._target, number, position, self._outcome, self._seen), name="viewer")
            for number in range(self._plan.viewers)
        ]
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._draw())
                group.create_task(self._shoot())
                for _ in range(self._plan.clients):
                    group.create_task(self._phone())
            await self._all_seen()
        finally:
            for task in (*viewers, *self._fetches):
                task.cancel()
            await asyncio.gather(*viewers, *self._fetches, return_exceptions=True)
        return self._outcome

    async def _shoot(self) -> None:
        """A photo is due at its time, whether a phone is free or not: a slow hub is not measured at a slower pace.

        One that could not be drawn by then is shot when it is: that is this program's delay, and not the hub's.
        """
        loop = asyncio.get_running_loop()
        start = None
        while (drawn := await self._drawn.get()) is not None:
            number, data, ready = drawn
            start = start if start is not None else loop.time()
            due = start + (number - 1) / self._plan.rate
            await asyncio.sleep(max(0.0, due - loop.time()))
            shot = self._outcome.shots[hashlib.sha256(data).hexdigest()] = Shot(number, max(due, ready))
            await self._waiting.put((shot, data))
        for _ in range(self._plan.clients):
            await self._waiting.put(None)

    async def _draw(self) -> None:
        """A little ahead of the time when they are due."""
        loop = asyncio.get_running_loop()
        camera = await asyncio.to_thread(Camera, self._plan.size, self._plan.seed)
        for number in range(1, self._plan.count + 1):
            data = await asyncio.to_thread(camera.shoot, number, datetime.now().astimezone())
            await self._drawn.put((number, data, loop.time()))
        await self._drawn.put(None)

    async def _phone(self) -> None:
        while (taken := await self._waiting.get()) is not None:
            shot, data = taken
            try:
                async with asyncio.timeout(self._plan.timeout):
                    if self._plan.resumably:
                        await send_resumably(self._target, data, shot.number)
                    else:
                        await send(self._target, data)
                shot.acknowledged = asyncio.get_running_loop().time()
            except Refused as error:
                self._outcome.refuse(shot, str(error))
            except TimeoutError:
                self._outcome.refuse(shot, "It was not acknowledged in time.")
            self._progress()

    def _seen(self, photo: dict[str, Any], first: bool) -> None:
        self._news.set()
        if first:
            task = asyncio.create_task(self._fetch(photo), name="fetch")
            self._fetches.add(task)
            task.add_done_callback(self._fetched)

    def _fetched(self, task: asyncio.Task[None]) -> None:
        self._fetches.discard(task)
        self._news.set()

    async def _fetch(self, photo: dict[str, Any]) -> None:
        shot = self._outcome.shots[photo["sha256"]]
        url = self._target.url(photo["url"])
        timeout = aiohttp.ClientTimeout(self._plan.timeout)
        async with self._slots:
            try:
                async with self._target.session.get(url, timeout=timeout, allow_redirects=False) as answer:
                    await answer.read()
                    shot.fetched = answer.status
                    shot.fetchable = asyncio.get_running_loop().time()
            except (aiohttp.ClientError, TimeoutError):
                shot.fetched = 0

    async def _all_seen(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._plan.timeout):
                while self._fetches or not self._outcome.all_seen():
                    self._news.clear()
                    await self._news.wait()
