"""A channel: the live side of one rendition of one camera, where viewers attach and frames are published."""

from __future__ import annotations

from collections.abc import Callable

from onlooker.live.status import Rendition
from onlooker.live.viewer import Viewer
from onlooker.media import Frame


class Channel:
    """Hands the same bytes to every viewer; never waits, never queues, counts what it skips.

    `wanted` is called with True when the first viewer comes and with False when the last one leaves.
    """

    __slots__ = ("_viewers", "_wanted", "bytes_out", "frame", "frames_out", "newest", "rendition", "skipped_busy")

    def __init__(self, rendition: Rendition, wanted: Callable[[Channel, bool], None]) -> None:
        self.rendition = rendition
        self.newest: bytes | None = None  # the newest part, as on the wire
        self.frame: Frame | None = None  # the newest real picture; None once it is not live any more
        self.frames_out = 0
        self.bytes_out = 0
        self.skipped_busy = 0
        self._wanted = wanted
        self._viewers: dict[Viewer, None] = {}

    @property
    def viewers(self) -> int:
        """How many are attached."""
        return len(self._viewers)

    def attach(self, viewer: Viewer) -> None:
        """Add a viewer and give it the newest part, if there is one."""
        first = not self._viewers
        self._viewers[viewer] = None
        if first:
            self._wanted(self, True)  # may publish at once
        elif self.newest is None or viewer.closed:
            return
        elif viewer.busy:
            viewer.miss(self)
        else:
            self.catch_up(viewer)

    def catch_up(self, viewer: Viewer) -> None:
        """Write the newest part, whatever was missed before it; called while the viewer is not busy."""
        if self.newest is not None:
            viewer.write(self.newest)
            self.count(1)

    def detach(self, viewer: Viewer) -> None:
        """Remove a viewer; a second time does nothing."""
        if viewer in self._viewers:
            del self._viewers[viewer]
            if not self._viewers:
                self._wanted(self, False)

    def publish(self, part: bytes, frame: Frame | None) -> None:
        """Write `part` to every viewer that can take it now; `frame` is the picture in it, None for a placard."""
        # This loop is what the program exists for. A viewer is never removed while it runs: a connection that fails is
        # aborted and detaches when the event loop says so.
        self.newest = part
        self.frame = frame
        late = skipped = 0
        for viewer in self._viewers:
            if viewer.busy:
                late += 1
                skipped += viewer.miss(self)
            else:
                viewer.write(part)
        written = len(self._viewers) - late
        self.frames_out += written
        self.bytes_out += written * len(part)
        self.skipped_busy += skipped

    def count(self, written: int) -> None:
        """Add parts that were written outside `publish`."""
        self.frames_out += written
        self.bytes_out += written * len(self.newest or b"")

    def clear(self) -> None:
        """Forget the newest part: it would be an old picture shown as if it were new."""
        self.newest = None
        self.frame = None

    def hand_over(self, other: Channel) -> None:
        """Let every viewer watch another channel instead."""
        for viewer in list(self._viewers):
            viewer.move(self, other)

    def end(self) -> None:
        """The camera is gone for good: every viewer leaves."""
        for viewer in list(self._viewers):
            viewer.leave(self)
