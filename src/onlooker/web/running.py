"""Ends running streams of those who would not be let in any more: a user who was removed, a share that was revoked.

The gate looks at requests; a stream is one request that may last for days. So each stream is noted under what let its
visitor in, and that is looked at again every few seconds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol
from weakref import WeakSet

from onlooker.clock import Clock
from onlooker.errors import ConfigError
from onlooker.web.shares import Shares
from onlooker.web.users import Users

log = logging.getLogger(__name__)

EVERY = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Proof:
    """What let somebody in: a user (`stamp` changes with the password), an API token, a share, or a public album."""

    kind: str
    name: str
    stamp: str = ""


class Closable(Protocol):
    """A stream: somebody who watches (a `Viewer`), or somebody who sends."""

    def close(self) -> None:
        """End it."""


class Running:
    """The streams that run now, by what let their visitors in; many streams share an entry."""

    def __init__(self, users: Users, shares: Shares, public_albums: Callable[[], Iterable[str]]) -> None:
        self._users = users
        self._shares = shares
        self._public_albums = public_albums
        self._streams: dict[tuple[Proof, ...], WeakSet[Closable]] = {}

    def admit(self, proofs: tuple[Proof, ...], stream: Closable) -> None:
        """Note a stream; it runs as long as one of the proofs holds."""
        self._streams.setdefault(proofs, WeakSet()).add(stream)

    def review(self) -> int:
        """Close what none of its proofs lets in any more; how many that were."""
        ended = 0
        for proofs, streams in list(self._streams.items()):
            if not streams:
                del self._streams[proofs]
            elif not any(self._holds(proof) for proof in proofs):
                del self._streams[proofs]
                ended += len(streams)
                for stream in list(streams):
                    stream.close()
        return ended

    async def keep_reviewing(self, clock: Clock) -> None:
        """Every few seconds, until cancelled. Files that cannot be read let nobody new in; who is in stays."""
        while True:
            await clock.sleep(EVERY)
            try:
                if ended := self.review():
                    log.info(
                        "streams were ended, because who watched or sent may not any more", extra={"streams": ended}
                    )
            except ConfigError as error:
                log.error("%s", error)

    def _holds(self, proof: Proof) -> bool:
        if proof.kind == "user":
            entry = self._users.entry(proof.name)
            return entry is not None and entry.stamp == proof.stamp
        if proof.kind == "token":
            return self._users.has_token(proof.name)
        if proof.kind == "share":
            return self._shares.by_id(proof.name) is not None
        return proof.name in self._public_albums()
