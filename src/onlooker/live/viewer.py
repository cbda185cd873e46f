"""A viewer: one connection that watches one thing or many, and is never waited for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Protocol


class Watchable(Protocol):
    """What a viewer attaches to: a channel of live pictures, or the feed of an album."""

    def attach(self, viewer: Viewer) -> None:
        """Add the viewer and write what it has to have at once."""

    def detach(self, viewer: Viewer) -> None:
        """Remove the viewer; a second time does nothing."""

    def catch_up(self, viewer: Viewer) -> None:
        """Write what the viewer has missed; called when it has drained, so while it is not busy."""


class Viewer(ABC):
    """Takes finished wire bytes; how they leave the process is the subclass's one job (`write`, `close`).

    While `busy`, the bytes handed over last have not left yet. What it watches then does not write but leaves word in
    `pending`; the moment the connection drains, each of these lets it catch up, first missed first served, so that a
    slow viewer of many cameras sees all of them at the rate its line allows. What catching up means is theirs to say: a
    channel writes its newest picture, a feed everything that was missed.
    """

    __slots__ = ("__weakref__", "busy", "channels", "closed", "pending")

    def __init__(self) -> None:
        self.busy = False
        self.closed = False
        self.channels: tuple[Watchable, ...] = ()
        # Made when first needed: most viewers never miss anything, and there may be thousands of them.
        self.pending: dict[Watchable, None] | None = None

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Send `data` now, or set `busy` and call `drained` later. Called while not busy; never raises, never waits."""

    @abstractmethod
    def close(self) -> None:
        """End the connection and `detach`; may be called more than once."""

    def watch(self, channels: Iterable[Watchable]) -> None:
        """Attach to these; each gives at once what it has for a newcomer."""
        self.channels = tuple(channels)
        for channel in self.channels:
            channel.attach(self)

    def miss(self, channel: Watchable) -> bool:
        """Remember that `channel` has something newer; True if it already had."""
        if self.pending is None:
            self.pending = {}
        elif channel in self.pending:
            return True
        self.pending[channel] = None
        return False

    def drained(self) -> None:
        """The connection takes bytes again: catch up on what was missed."""
        self.busy = False
        pending = self.pending
        while pending and not self.busy and not self.closed:
            channel = next(iter(pending))
            del pending[channel]
            channel.catch_up(self)

    def move(self, channel: Watchable, other: Watchable) -> None:
        """Watch `other` in the place of `channel`."""
        self.channels = tuple(other if one is channel else one for one in self.channels)
        if self.pending is not None:
            self.pending.pop(channel, None)
        other.attach(self)
        channel.detach(self)

    def leave(self, channel: Watchable) -> None:
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
