"""A camera: supervises one source, so that a kind of camera need not know about retries, stalls or viewers."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import replace

from onlooker.clock import Clock
from onlooker.devices import Delivery, Device, Receiving
from onlooker.errors import CannotDo, NoPicture, OnlookerError, SourceEnded, SourceError, SourceLost, SourceRefused
from onlooker.live.announcer import Announcer
from onlooker.live.backoff import Backoff
from onlooker.live.channel import Channel
from onlooker.live.intake import Intake
from onlooker.live.plan import CameraPlan
from onlooker.live.renditions import Renditions
from onlooker.live.small import Small
from onlooker.live.status import CameraStatus, FanoutFigures, Rendition, State
from onlooker.live.stills import Stills
from onlooker.live.workers import Workers
from onlooker.media import Frame, Media, Projection, View
from onlooker.sources import Source, source_of

log = logging.getLogger(__name__)

RELEASE = 2.5  # seconds a source or device has to let go of what it holds before we go on without it


class Camera:
    """Connects while somebody needs it, retries with back-off, notices stalls, lets go when idle.

    `run` is its one task; `acquire`/`release` count who needs it (channels with viewers, a still being waited for,
    somebody who sends, `always_on`). `device` is what it can do besides, None where that is nothing.
    """

    def __init__(self, plan: CameraPlan, clock: Clock, workers: Workers) -> None:
        self.plan = plan
        self._made = plan.make()
        self._clock = clock
        self._needs = 0
        self._need_changed = asyncio.Event()
        self._restart = asyncio.Event()
        self._knocked = asyncio.Event()
        self._news: set[asyncio.Future[None]] = set()  # who waits for a frame or another state
        self.renditions = Renditions(plan.name, clock, workers, self._need)
        self._stills = Stills(self.renditions, workers)
        self._announcer = Announcer(self.renditions, self.status, clock, workers)
        self._backoff = Backoff(random.Random())
        self._intake = Intake()
        self.changed: Callable[[State], None] = _nobody  # told of each new state
        self._small = self._with_small(workers)
        self._state = State.IDLE
        self._reason = ""
        self._since = clock.now()
        self._retry_at: float | None = None
        self._reconnects = 0
        if plan.always_on:
            self.acquire()

    @property
    def name(self) -> str:
        """The slug in the configuration and the URLs."""
        return self.plan.name

    @property
    def title(self) -> str:
        """What people call it."""
        return self.plan.title

    @property
    def device(self) -> Device | None:
        """What it can do besides giving pictures."""
        return self._made if isinstance(self._made, Device) else None

    @property
    def view(self) -> View:
        """How its pictures are to be shown: as configured, else as its device says."""
        said = self.device.projection if self.device is not None else None
        return View(self.plan.projection or said or Projection.FLAT, self.plan.heading, self.plan.pitch)

    @property
    def state(self) -> State:
        """Where it stands."""
        return self._state

    def status(self) -> CameraStatus:
        """All it says of itself at this moment, its smaller stream included: that may be all that is watched."""
        own = self._own_status()
        if self._small is None:
            return own
        small = self._small.camera.status()
        shown = small if own.state is State.IDLE and small.state is not State.IDLE else own
        last = max((one.last_frame_at for one in (own, small) if one.last_frame_at is not None), default=None)
        return replace(
            shown,
            viewers=own.viewers + small.viewers,
            frames_in=own.frames_in + small.frames_in,
            bytes_in=own.bytes_in + small.bytes_in,
            reconnects=own.reconnects + small.reconnects,
            last_frame_at=last,
            view=own.view,
            device=own.device,
        )

    def _own_status(self) -> CameraStatus:
        now = self._clock.monotonic()
        intake = self._intake
        return CameraStatus(
            name=self.plan.name,
            title=self.plan.title,
            kind=self.plan.kind,
            state=self._state,
            reason=self._reason,
            since=self._since,
            retry_at=self._retry_at,
            codec=intake.codec,
            width=intake.width,
            height=intake.height,
            frame_rate=intake.rate(now) if self._state is State.LIVE else 0.0,
            age=intake.age(now),
            viewers=sum(channel.viewers for channel in self.renditions.watched()),
            frames_in=intake.frames,
            bytes_in=intake.bytes,
            reconnects=self._reconnects,
            last_frame_at=intake.last_captured,
            view=self.view,
            device=self.device is not None,
        )

    def figures(self) -> FanoutFigures:
        """What its channels have handed out."""
        own = self.renditions.figures()
        return own if self._small is None else own + self._small.camera.figures()

    def allow(self, rendition: Rendition) -> None:
        """Raise what stands against watching it like this: TooMany."""
        self._of(rendition).allow(rendition)

    def channel(self, rendition: Rendition) -> Channel:
        """The channel of a rendition; attach a viewer before the next await."""
        return self._of(rendition).channel(rendition)

    def _of(self, rendition: Rendition) -> Renditions:
        """Made of its smaller stream, or of its own."""
        small = self._small
        return small.camera.renditions if small is not None and small.suits(rendition) else self.renditions

    # Who needs it

    def acquire(self) -> None:
        """Need the camera: it connects if it is not connected."""
        self._need(1)

    def release(self) -> None:
        """Need it no longer."""
        self._need(-1)

    def _need(self, change: int) -> None:
        first = self._needs == 0
        self._needs += change
        if first or self._needs == 0:
            self._need_changed.set()
        self._announcer.wake()

    def knock(self) -> None:
        """Try again now, if it rests."""
        self._knocked.set()

    @contextmanager
    def receiving(self, sender: str) -> Iterator[Delivery]:
        """Be the one whose pictures it shows; CannotDo if it has its own."""
        if not isinstance(self._made, Receiving):
            raise CannotDo(f"{self.title} has pictures of its own; none can be sent to it.")
        delivery = self._made.begin(sender)
        self.acquire()
        self.knock()
        try:
            yield delivery
        finally:
            delivery.end()
            self.release()

    async def still(self, rendition: Rendition, wait: float) -> tuple[Frame, float]:
        """The newest picture and its age in seconds; waits up to `wait` seconds for a first one, else NoPicture."""
        small = self._small
        if small is not None and self._state is not State.LIVE and small.suits(rendition):
            try:
                return await small.camera.still(rendition, wait)
            except NoPicture:
                if small.suits(rendition):  # it has not been given up
                    raise
        self.acquire()
        try:
            async with asyncio.timeout(wait):
                while True:
                    frame = await self._stills.take(rendition)
                    if frame is not None:
                        return frame, max(0.0, self._clock.now() - frame.captured)
                    if self._state in (State.LOST, State.REFUSED, State.ENDED):
                        raise NoPicture(f"{self.title}: {self._reason}", self._retry_after())
                    await self._wait_for_news()
        except TimeoutError:
            raise NoPicture(f"{self.title}: no picture within {wait:g} seconds.", self._retry_after()) from None
        finally:
            self.release()

    def _retry_after(self) -> int:
        return 2 if self._retry_at is None else max(1, round(self._retry_at - self._clock.now() + 1))

    async def _wait_for_news(self) -> None:
        news: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._news.add(news)
        try:
            await news
        finally:
            self._news.discard(news)

    def _tell(self) -> None:
        for news in self._news:
            if not news.done():
                news.set_result(None)

    # The one task

    async def run(self) -> None:
        """Supervise until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._announcer.run(), name=f"announce {self.name}")
            if self._small is not None:
                tasks.create_task(self._small.camera.run(), name=f"small stream of {self.name}")
            while True:
                while not self._needs:
                    self._need_changed.clear()
                    await self._need_changed.wait()
                error, lasted = await self._connect()
                if isinstance(error, SourceEnded):
                    await self._rest(error, None)
                elif error is not None:
                    await self._rest(error, self._backoff.after(error, lasted))

    async def change(self, plan: CameraPlan) -> None:
        """Take a new plan; the connection is made anew only if it needs another one. Viewers stay."""
        old, self.plan = self.plan, plan
        if self._small is not None:
            await self._small.camera.change(self._small_plan(self._small.camera.plan.make))
        if plan.always_on != old.always_on:
            self._need(1 if plan.always_on else -1)
        if plan.fingerprint != old.fingerprint:
            device, self._made = self.device, plan.make()
            self._restart.set()
            await self._let_go(device)

    def end(self) -> None:
        """The camera is removed: its viewers leave."""
        for channel in self.renditions.watched():
            channel.end()
        if self._small is not None:
            self._small.camera.end()

    async def close(self) -> None:
        """After its task has ended: let go of its device."""
        await self._let_go(self.device)
        if self._small is not None:
            await self._small.camera.close()

    def takes(self, plan: CameraPlan) -> bool:
        """Whether `change` is enough: with another smaller stream, it has to be made anew."""
        return plan.fingerprint == self.plan.fingerprint or (self._small is None and plan.small is None)

    def _with_small(self, workers: Workers) -> Small | None:
        plan, device = self.plan, self.device

        def make() -> Device | Source:
            made = plan.small() if plan.small is not None else device.small_source() if device is not None else None
            if made is None:
                raise SourceRefused("There is no smaller stream.")
            return made

        if plan.small is None and (device is None or device.small_source() is None):
            return None
        return Small(Camera(self._small_plan(make), self._clock, workers), self._clock, self.renditions.channel)

    def _small_plan(self, make: Callable[[], Device | Source]) -> CameraPlan:
        return replace(self.plan, make=make, small=None, always_on=False)

    async def _let_go(self, device: Device | None) -> None:
        if device is None:
            return
        try:
            async with asyncio.timeout(RELEASE):
                await device.close()
        except (OnlookerError, OSError) as error:  # TimeoutError is an OSError
            log.warning("camera's device does not let go", extra={"camera": self.name, "reason": str(error)})

    async def _connect(self) -> tuple[SourceError | None, float]:
        """One connection; no error where it ended because nobody needs it or its plan changed."""
        self._restart.clear()
        self._knocked.clear()
        if self._state is State.IDLE or self._state is State.ENDED:
            self._enter(State.CONNECTING)
        self._intake.begin()
        pump = asyncio.create_task(self._pump(), name=f"read {self.name}")
        guards = [
            asyncio.create_task(self._stalled(), name=f"watch {self.name}"),
            asyncio.create_task(self._unneeded(), name=f"need {self.name}"),
            asyncio.create_task(self._restart.wait(), name=f"change {self.name}"),
            asyncio.create_task(self.renditions.run(), name=f"code {self.name}"),
        ]
        error: SourceError | None = None
        try:
            done, _ = await asyncio.wait({pump, *guards}, return_when=asyncio.FIRST_COMPLETED)
            error = next((e for e in map(_source_error, done) if e is not None), None)
        finally:
            await _finish([pump, *guards], self.name)
            self.renditions.reset()
            self._stills.clear()
        if error is None:
            self._backoff.clear()
            self._enter(State.IDLE)
        return error, self._intake.lasted(self._clock.monotonic())

    async def _pump(self) -> None:
        source: Source = source_of(self._made if self.device is not None else self.plan.make())
        stream: AsyncGenerator[Media] = source.run(self._clock)
        async with aclosing(stream):
            async for media in stream:
                self._arrived(media)
        raise SourceLost("The camera ended the stream.")

    def _arrived(self, media: Media) -> None:
        media = self._intake.take(media, self._clock.monotonic())
        self.renditions.width = self._intake.width
        if self._state is not State.LIVE:
            self._enter(State.LIVE)
        self.renditions.feed(media)
        if self._news and (isinstance(media, Frame) or media.key):
            self._tell()

    async def _stalled(self) -> None:
        started = self._clock.monotonic()
        while True:
            silent = self._clock.monotonic() - max(started, self._intake.newest_at or 0.0)
            # A first picture may take longer: a decoder waits for a key frame, a camera wakes up.
            patience = self.plan.stall_after if self._intake.newest_at is not None else max(self.plan.stall_after, 15.0)
            if silent >= patience:
                raise SourceLost(f"No picture for {patience:g} seconds, though the camera is connected.")
            await self._clock.sleep(max(0.05, patience - silent))

    async def _unneeded(self) -> None:
        while True:
            while self._needs:
                self._need_changed.clear()
                await self._need_changed.wait()
            await self._clock.sleep(self.plan.idle_after)
            if not self._needs:
                return

    async def _rest(self, error: SourceError, wait: float | None) -> None:
        """Be lost until it is time to try again (None: that never comes by itself), somebody knocks, nobody needs the
        camera, or its plan changes."""
        waits = [
            asyncio.create_task(self._knocked.wait()),
            asyncio.create_task(self._unneeded()),
            asyncio.create_task(self._restart.wait()),
        ]
        if wait is None:
            self._enter(State.ENDED, str(error))
        else:
            self._reconnects += 1
            self._retry_at = self._clock.now() + wait
            self._enter(State.REFUSED if isinstance(error, SourceRefused) else State.LOST, str(error))
            waits.append(asyncio.create_task(self._clock.sleep(wait)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _finish(waits, self.name)
        self._retry_at = None
        if not self._needs or self._restart.is_set():
            self._enter(State.IDLE)

    def _enter(self, state: State, reason: str = "") -> None:
        if state is not State.LOST and state is not State.REFUSED:
            self._retry_at = None
        if (state, reason) == (self._state, self._reason):
            return
        if state is not self._state:
            self._since = self._clock.now()
        level = logging.WARNING if state in (State.LOST, State.REFUSED) else logging.INFO
        log.log(level, "camera is %s", state, extra={"camera": self.name, "state": str(state), "reason": reason})
        self._state, self._reason = state, reason
        self._announcer.wake()
        self._tell()
        self.changed(state)


def _nobody(state: State) -> None:
    pass


def _source_error(task: asyncio.Task[object]) -> SourceError | None:
    """How a finished task says that the connection ended; any other error is a defect and is kept whole in the log."""
    error = task.exception()
    if error is None or isinstance(error, SourceError):
        return error
    if isinstance(error, OnlookerError):
        return SourceRefused(str(error))
    log.error("unexpected error while reading a camera", exc_info=error)
    return SourceLost(f"Something unexpected went wrong ({type(error).__name__}); the log has the details.")


async def _finish(tasks: Sequence[asyncio.Task[object]], name: str) -> None:
    for task in tasks:
        task.cancel()
    _, stuck = await asyncio.wait(tasks, timeout=RELEASE)
    if stuck:
        log.warning("camera does not let go; going on without waiting", extra={"camera": name})
    for task in tasks:
        if task.done() and not task.cancelled():
            task.exception()  # what mattered has been taken
