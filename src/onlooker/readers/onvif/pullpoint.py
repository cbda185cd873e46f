"""Hears from an ONVIF camera what it noticed: one subscription, pulled from and renewed until it ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Mapping
from types import MappingProxyType

from onlooker.clock import Clock
from onlooker.devices import Happening
from onlooker.errors import SourceError, SourceRefused
from onlooker.formats import onvif_answers as answers
from onlooker.formats import onvif_events as events
from onlooker.formats.onvif import Node
from onlooker.formats.onvif_events import Subscription
from onlooker.readers.onvif.connection import Connection
from onlooker.readers.onvif.failures import FaultAnswered
from onlooker.readers.onvif.subjects import Subjects

_log = logging.getLogger(__name__)

_LASTS = 60  # seconds: a camera that loses us is soon rid of the subscription; they have few places for them
_PULL = 10  # seconds that it may keep us waiting for news
_BREATH = 1.0  # seconds between two empty answers of a camera that does not keep us waiting
_MESSAGES = 100
_FAREWELL = 1.5


async def happenings(connection: Connection, clock: Clock) -> AsyncGenerator[Happening]:
    """What it notices from now on; ends with a SourceError."""
    pulling = await _subscribed(connection, clock)
    subjects = Subjects(connection.ahead)
    try:
        while True:
            for message in await pulling.messages():
                happening = subjects.happening(message, clock.now())
                if happening is not None:
                    yield happening
    finally:
        await pulling.end()


async def _subscribed(connection: Connection, clock: Clock) -> _Pulling:
    if answers.EVENTS not in await connection.services():
        raise SourceRefused(f"{connection.camera} tells of nothing that it notices. It has no events in ONVIF.")
    made = await _created(connection, f"PT{_LASTS}S")
    if relative := made.lasts is None or made.lasts >= _LASTS / 2:
        return _Pulling(connection, clock, made, relative)
    # It does not understand “in a minute”; that first subscription ends by itself at once.
    return _Pulling(connection, clock, await _created(connection, connection.in_seconds(_LASTS)), relative)


async def _created(connection: Connection, end: str) -> Subscription:
    answer = await connection.ask(answers.EVENTS, "CreatePullPointSubscription", {"InitialTerminationTime": end})
    made = events.subscription(answer)
    if made is None:
        raise SourceRefused(f"{connection.camera} does not say where to hear from it. Update its firmware.")
    return made


class _Pulling:
    def __init__(self, connection: Connection, clock: Clock, subscription: Subscription, relative: bool) -> None:
        self._connection = connection
        self._clock = clock
        self._address = connection.address.home(subscription.address)
        self._parameters = subscription.parameters
        self._relative = relative
        self._plan_renewal(subscription.lasts)

    async def messages(self) -> tuple[events.Message, ...]:
        """The next ones, none if there was no news for a while."""
        if self._clock.monotonic() >= self._renew_at:
            await self._renew()
        asked = self._clock.monotonic()
        answer = await self._connection.ask(
            answers.EVENTS,
            "PullMessages",
            {"Timeout": f"PT{_PULL}S", "MessageLimit": _MESSAGES},
            service="pullpoint",
            address=self._address,
            parameters=self._parameters,
            patience=_PULL,
        )
        found = events.messages(answer)
        if not found:
            await self._clock.sleep(asked + _BREATH - self._clock.monotonic())
        return found

    async def end(self) -> None:
        """Give the subscription back, if the camera listens."""
        with contextlib.suppress(SourceError, TimeoutError):
            async with asyncio.timeout(_FAREWELL):
                await self._manage("Unsubscribe")

    async def _renew(self) -> None:
        lasts: float | None = None
        try:
            lasts = events.lasts(await self._manage("Renew", {"TerminationTime": self._end()}))
        except FaultAnswered as error:
            # Most renew by every pull, and some of them refuse to do it otherwise. If not, the next pull fails.
            _log.debug("a subscription is not renewed", extra={"reason": str(error)})
        self._plan_renewal(lasts)

    def _plan_renewal(self, lasts: float | None) -> None:
        usable = lasts if lasts is not None and 10 <= lasts <= 3600 else _LASTS
        # A pull that waits in vain has to fit in between.
        self._renew_at = self._clock.monotonic() + max(usable / 2, usable - 2 * _PULL - 10)

    def _end(self) -> str:
        return f"PT{_LASTS}S" if self._relative else self._connection.in_seconds(_LASTS)

    async def _manage(self, operation: str, params: Mapping[str, object] = MappingProxyType({})) -> Node:
        return await self._connection.ask(
            answers.EVENTS,
            operation,
            params,
            service="subscription",
            address=self._address,
            parameters=self._parameters,
        )
