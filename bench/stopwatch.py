"""Takes the time from each frame's arrival to the last byte that the kernel accepted for any of its viewers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from bench.camera import Source
from onlooker.live.channel import Channel
from onlooker.live.viewer import Viewer
from onlooker.media import Frame


def install(report: Path) -> Callable[[], object]:
    """Wrap what publishes and what catches up; what is returned writes the seconds each frame took to `report`.

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
