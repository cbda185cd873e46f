"""Notes how long each frame takes to leave, and when each event of an album was committed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from bench.camera import Source
from onlooker.events.feed import Feed
from onlooker.events.wire import Told
from onlooker.live.channel import Channel
from onlooker.live.viewer import Viewer
from onlooker.media import Frame


def frames(report: Path) -> Callable[[], object]:
    """From each frame's arrival to the last byte that the kernel accepted for any of its viewers.

    Wraps what publishes and what catches up; what is returned writes the seconds each frame took to `report`.

    A frame is done when `publish` returns and no viewer is busy any more. Viewers that were busy report by `drained`;
    the last of these before the next frame is the end of this one.
    """
    took: list[float] = []
    arrived = done = 0.0
    publish, drained = Channel.publish, Viewer.drained

    def timed_publish(channel: Channel, part: bytes, frame: Frame | None) -> None:
        nonlocal arrived, done
        if done and channel.viewers:
            took.append(done - arrived)
        arrived = Source.last_arrival
        publish(channel, part, frame)
        done = time.perf_counter()

    def timed_drained(viewer: Viewer) -> None:
        nonlocal done
        done = time.perf_counter()
        drained(viewer)

    # setattr: the type checker is right that methods are not assigned to, and a stopwatch is the exception.
    for owner, name, timed in ((Channel, "publish", timed_publish), (Viewer, "drained", timed_drained)):
        setattr(owner, name, timed)
    return lambda: report.write_text(json.dumps(took))


def events(report: Path) -> Callable[[], object]:
    """When each event was committed and is about to be told; what is returned writes [number, instant] to `report`.

    Instants in seconds since 1970: who watches is another process.
    """
    began: list[tuple[int, float]] = []
    publish = Feed.publish

    def timed_publish(feed: Feed, event: Told) -> None:
        began.append((event.seq, time.time()))
        publish(feed, event)

    # setattr as above: a stopwatch is the exception.
    setattr(Feed, "publish", timed_publish)  # noqa: B010
    return lambda: report.write_text(json.dumps(began))
