"""A viewer: one connection that watches one channel or many, and is never waited for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onlooker.live.channel import Channel


class Viewer(ABC):
    """Takes finished wire bytes; how they leave the process is the subclass's one job (`write`, `close`).

    While `busy`, the bytes handed over last have not left yet. A channel then does not write but leaves word in
    `pending`; the moment the connection drains, the *newest* part of each pending channel is written, first missed
    first served, so that a slow viewer of many cameras sees all of them at the rate its line allows.
    """

    __slots__ = ("__weakref__", "busy", "channels", "closed", "pending")

    def __init__(self) -> None:
        self.busy = False
        self.closed = False
        self.channels: tuple[Channel, ...] = ()
        # Made when first needed: most viewers never miss anything, and there may be thousands of them.
        self.pending: dict[Channel, None] | None = None

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Send `data` now, or set `busy` and call `drained` later. Called while not busy; never raises, never waits."""

    @abstractmethod
    def close(self) -> None:
        """End the connection and `detach`; may be called more than once."""

    def watch(self, channels: Iterable[Channel]) -> None:
        """Attach to these channels; each gives its newest part at once, if it has one."""
        self.channels = tuple(channels)
        for channel in self.channels:
            channel.attach(self)

    def miss(self, channel: Channel) -> bool:
        """Remember that `channel` has something newer; True if it already had, so that a frame was skipped."""
        if self.pending is None:
            self.pending = {}
        elif channel in self.pending:
            return True
        self.pending[channel] = None
        return False

    def drained(self) -> None:
        """The connection takes bytes again: write the newest of what was missed."""
        self.busy = False
        pending = self.pending
        while pending and not self.busy and not self.closed:
            channel = next(iter(pending))
            del pending[channel]
            if channel.newest is not None:
                self.write(channel.newest)
                channel.count(1)

    def leave(self, channel: Channel) -> None:
        """Stop watching `channel` because it ends; without any channel left, the connection is closed."""
        self.channels = tuple(other for other in self.channels if other is not channel)
        if self.pending is not None:
            self.pending.pop(channel, None)
        channel.detach(self)
        if not self.channels:
            self.close()

    def detach(self) -> None:
        """Let go of all channels; nothing is written after this."""
        self.closed = True
        self.busy = True
        channels, self.channels = self.channels, ()
        self.pending = None
        for channel in channels:
            channel.detach(self)
