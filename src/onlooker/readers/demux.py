"""Reads a camera through FFmpeg's demuxers, in one thread of its own, as an async generator of media."""

from __future__ import annotations

import asyncio
import errno
import logging
import threading
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field

import av

from onlooker.clock import Clock
from onlooker.errors import PasswordNeeded, SourceError, SourceLost, SourceMissing, SourceRefused
from onlooker.media import Media
from onlooker.readers.handover import Handover
from onlooker.readers.packets import Unpacker

_log = logging.getLogger(__name__)

# How long closing waits for the thread. FFmpeg cannot be interrupted from outside inside a read: a camera that is
# frozen at that moment keeps its thread and socket until `read_timeout` has passed, and nothing waits for it.
CLOSE_WITHIN = 1.5


@dataclass(frozen=True, slots=True)
class Input:
    """What to open. `name` stands in sentences for people and holds no secret: “The camera at 10.0.0.5”."""

    url: str = field(repr=False)
    name: str
    format: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    open_timeout: float = 10.0
    read_timeout: float = 10.0


async def demux(source: Input, clock: Clock) -> AsyncGenerator[Media]:
    """Yield what the input gives until it ends; a live input has no good end, so that is always a SourceError."""
    reading = _Reading(source, clock, asyncio.get_running_loop())
    reading.start()
    try:
        while True:
            yield await reading.handover.get()
    finally:
        await reading.stop()


class _Reading:
    """The thread: opens, reads, hands over, and closes when told to or when the input ends."""

    def __init__(self, source: Input, clock: Clock, loop: asyncio.AbstractEventLoop) -> None:
        self.handover = Handover(loop)
        self._source = source
        self._clock = clock
        self._loop = loop
        self._stopping = threading.Event()
        self._gone = asyncio.Event()
        self._opening_since: float | None = None
        self._thread = threading.Thread(target=self._run, name="onlooker-demux", daemon=True)

    def start(self) -> None:
        self._thread.start()

    async def stop(self) -> None:
        """Tell the thread to end; returns when the input is closed, or soon after where it is frozen."""
        self._stopping.set()
        try:
            await asyncio.wait_for(self._gone.wait(), CLOSE_WITHIN)
        except TimeoutError:
            _log.info("%s does not answer; its connection is let go when its time is up", self._source.name)
        if self.handover.dropped:
            _log.info("%s: %d pictures were dropped unseen", self._source.name, self.handover.dropped)

    def _run(self) -> None:
        try:
            error = self._read()
        except SourceError as refusal:
            error = type(refusal)(f"{self._source.name}: {refusal}")
        except (av.FFmpegError, OSError, ValueError) as failure:
            error = explained(self._timed_out() or failure, self._source)
        except Exception:
            _log.exception("%s: reading failed", self._source.name)
            error = SourceLost(f"{self._source.name} could not be read; the log says why.")
        self.handover.end(error)
        try:
            self._loop.call_soon_threadsafe(self._gone.set)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return

    def _timed_out(self) -> TimeoutError | None:
        """What really happened when opening ran out of time, which FFmpeg also reports as unreadable data."""
        since, limit = self._opening_since, self._source.open_timeout
        return TimeoutError() if since is not None and time.monotonic() - since >= limit else None

    def _read(self) -> SourceError:
        source = self._source
        self._opening_since = time.monotonic()
        with av.open(
            source.url,
            format=source.format,
            options=dict(source.options),
            timeout=(source.open_timeout, source.read_timeout),
        ) as container:
            self._opening_since = None
            unpacker = Unpacker(container)
            # The demuxer is told which stream is wanted, so that sound is not even copied.
            for packet in container.demux(unpacker.stream):
                if self._stopping.is_set():
                    break
                media = unpacker.media(packet, self._clock.now())
                if media is not None:
                    self.handover.put(media)
        return SourceLost(f"{source.name} ended its video. It may have been switched off or restarted.")


def explained(failure: Exception, source: Input) -> SourceError:
    """The error for what to do next. Nothing of FFmpeg's own text is kept: it may hold the URL with its password."""
    name = source.name
    match failure:
        case av.HTTPUnauthorizedError() | av.HTTPForbiddenError():
            return PasswordNeeded(f"{name} wants another user name or password. Check both in its source URL.")
        case av.HTTPNotFoundError():
            return SourceMissing(f"{name} has no video at the path in its source URL. Check the path.")
        case FileNotFoundError():
            return SourceMissing(f"{name} is not there. Check that it is plugged in and how it is named.")
        case PermissionError():
            return SourceRefused(f"{name} may not be opened by this user. Check the permissions.")
        case OSError(errno=errno.EBUSY):
            return SourceLost(f"{name} is in use by another program. Close that one.")
        case OSError(errno=errno.ENODEV | errno.ENXIO):
            return SourceMissing(f"{name} was unplugged.")
        case OSError(errno=errno.ENOTTY):
            return SourceRefused(f"{name} is no camera. Check its source URL.")
        case av.HTTPServerError():
            return SourceLost(f"{name} answers that it cannot give its video now.")
        case av.HTTPClientError():
            return SourceRefused(f"{name} refuses the way it was asked. Check its source URL and its options.")
        case av.ExitError() | TimeoutError() | BlockingIOError():
            return SourceLost(f"{name} gave nothing for {source.read_timeout:g} seconds. Check its power and network.")
        case ConnectionError():
            return SourceLost(f"{name} cannot be reached: it refused or closed the connection. Is it switched on?")
        case av.InvalidDataError() | av.ArgumentError() | av.PatchWelcomeError() | av.DecoderNotFoundError():
            return SourceRefused(f"{name} sends something that is no video we can read. Check its source URL.")
        case _:
            return SourceLost(f"{name} cannot be reached ({_reason(failure)}). Check its address, power and network.")


def _reason(failure: Exception) -> str:
    text = getattr(failure, "strerror", None)
    return text.lower() if isinstance(text, str) and "://" not in text else type(failure).__name__
