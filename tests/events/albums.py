"""A feed with a log behind it, as the archive would keep it, and viewers that write down what they are told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from onlooker.events import wire
from onlooker.events.feed import Feed
from onlooker.events.wire import Told
from onlooker.formats.sse import Message, Reader
from onlooker.media import Event, EventKind, Photo, PhotoState
from tests.live.scripted import Notebook

EPOCH = "e1"


def photo(number: int, state: PhotoState = PhotoState.SHOWN) -> Photo:
    """A photo of the album “party”."""
    return Photo(
        id=photo_id(number),
        album="party",
        kind="upload",
        state=state,
        path=f"party/{number}.jpg",
        sha256=number.to_bytes(32, "big"),
        size=1000 + number,
        type="image/jpeg",
        width=4,
        height=3,
        thumbhash=b"\x01\x02",
        added_at=1_800_000_000_000_000 + number,
        taken_at=1_799_999_999_000_000,
        taken_from="exif",
        taken_offset=60,
        place=number,
    )


def photo_id(number: int) -> str:
    return f"{number:026}"


def told(seq: int) -> Told:
    """The event that photo number `seq` is complete."""
    return wire.told(Event(seq, 0, EventKind.COMPLETE, photo_id(seq), photo(seq)), EPOCH, "")


@dataclass
class Log:
    """What the database would have."""

    events: list[Told] = field(default_factory=list)
    reads: int = 0

    async def read(self, seq: int, limit: int) -> Sequence[Told]:
        self.reads += 1
        await asyncio.sleep(0)
        return [event for event in self.events if event.seq > seq][:limit]

    def feed(self, kept: int = 0) -> Feed:
        """A feed as opened on this log, with so many of its newest events in memory."""
        last = self.events[-1].seq if self.events else 0
        oldest = self.events[0].seq if self.events else 1
        return Feed(EPOCH, last, oldest, self.events[len(self.events) - kept :] if kept else [], self.read)

    def publish(self, feed: Feed) -> int:
        """Commit and tell the next event."""
        event = told(feed.last_seq + 1)
        self.events.append(event)
        feed.publish(event)
        return event.seq


def filled(count: int) -> Log:
    return Log([told(seq) for seq in range(1, count + 1)])


def messages(viewer: Notebook) -> list[Message]:
    """What the viewer was told, as a browser would see it."""
    return Reader().feed(b"".join(viewer.seen))


def seqs(told_to: Iterable[Message]) -> list[int | str]:
    """The numbers of the events among these; a reset as “reset” and the number to go on from."""
    found: list[int | str] = []
    for message in told_to:
        if message.event == "reset":
            found.append(f"reset {json.loads(message.data)['position'].split('.')[1]}")
        elif message.event in tuple(EventKind):
            found.append(int(message.id.split(".")[1]))
    return found
