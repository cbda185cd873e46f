"""What goes wrong on purpose: which faults there are, which are on now, and for how long."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from onlooker.clock import Clock
from onlooker.errors import OnlookerError

FOR_EVER = float("inf")


class Fault(StrEnum):
    """Something a camera or its network does to people."""

    STALL = "stall"
    DROP = "drop"
    THUMBNAILS = "thumbnails"
    NO_LENGTH = "no-length"
    DASHES = "dashes"
    LINE_FEEDS = "lf"
    GARBAGE = "garbage"
    PACKED = "packed"
    SPLIT = "split"
    UNCHUNKED = "unchunked"
    FORBIDDEN = "403"
    UNAVAILABLE = "503"
    DISABLED = "disabled"
    OK_ERRORS = "200"
    NONCE = "nonce"
    SLOW = "slow"
    ASLEEP = "asleep"
    HUNG = "hung"
    FOREIGN = "wrong-host"
    CANCELED = "canceled"
    HOT = "hot"
    FULL = "full"


MEANINGS = {
    Fault.STALL: "the preview stays open and sends nothing more (=N: after N pictures)",
    Fault.DROP: "the preview's connection is cut within a picture (=N: after N pictures)",
    Fault.THUMBNAILS: "preview pictures have a thumbnail inside, which ends as a picture does",
    Fault.NO_LENGTH: "parts of the preview do not say how long they are",
    Fault.DASHES: "the preview's boundary has the leading dashes that Thetas leave out",
    Fault.LINE_FEEDS: "lines of the preview end with LF alone",
    Fault.GARBAGE: "there is rubbish between the preview's parts",
    Fault.PACKED: "several pictures come in one chunk (=N: how many)",
    Fault.SPLIT: "one picture comes in many chunks (=N: how many)",
    Fault.UNCHUNKED: "the preview is not chunked and ends with its connection",
    Fault.FORBIDDEN: "commands are answered with a bare 403 (=N: the first N)",
    Fault.UNAVAILABLE: "commands are answered with 503 serviceUnavailable (=N: the first N)",
    Fault.DISABLED: "commands are answered with 403 disabledCommand (=N: the first N)",
    Fault.OK_ERRORS: "errors come with HTTP status 200",
    Fault.NONCE: "what was asked for with the password has to be asked for anew (=N: after N requests)",
    Fault.SLOW: "every answer takes longer (=SECONDS)",
    Fault.ASLEEP: "nobody listens on the port",
    Fault.HUNG: "connections are taken, but nothing is answered",
    Fault.FOREIGN: "addresses of files name another host",
    Fault.CANCELED: "somebody cancels the shooting at the camera",
    Fault.HOT: "the camera is too hot to take pictures",
    Fault.FULL: "the card is full",
}
_DEFAULTS = {Fault.PACKED: 4.0, Fault.SPLIT: 9.0, Fault.SLOW: 2.0, Fault.NONCE: 1.0}
_COUNTED = frozenset((Fault.FORBIDDEN, Fault.UNAVAILABLE, Fault.DISABLED, Fault.CANCELED))


class BadFault(OnlookerError):
    """There is no such fault."""


@dataclass(slots=True)
class Effect:
    """A fault that is on: until an instant of the clock, for so many times, for one command only."""

    until: float
    times: float
    value: float
    command: str


class Faults:
    """Those that are on now."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._on: dict[Fault, Effect] = {}
        self._changed = asyncio.Event()

    def begin(
        self,
        fault: Fault,
        *,
        seconds: float | None = None,
        times: int | None = None,
        value: float | None = None,
        command: str = "",
    ) -> None:
        """Turn one on: for good, or for `seconds`, or for `times`; `value` as in its meaning."""
        self._on[fault] = Effect(
            FOR_EVER if seconds is None else self._clock.monotonic() + seconds,
            FOR_EVER if times is None else times,
            _DEFAULTS.get(fault, 0.0) if value is None else value,
            command,
        )
        self._tell()

    def end(self, fault: Fault | None = None) -> None:
        """Turn one off, or all."""
        for one in [fault] if fault is not None else list(self._on):
            self._on.pop(one, None)
        self._tell()

    def on(self, fault: Fault, command: str | None = None) -> Effect | None:
        """Whether it is on now, and how; with a command, whether for that one."""
        effect = self._on.get(fault)
        if effect is None or (command is not None and effect.command not in ("", command)):
            return None
        if effect.times <= 0 or self._clock.monotonic() >= effect.until:
            del self._on[fault]
            return None
        return effect

    def strikes(self, fault: Fault, command: str | None = None) -> bool:
        """Whether it happens now; one that is on for a number of times is used up by that."""
        effect = self.on(fault, command)
        if effect is not None:
            effect.times -= 1
        return effect is not None

    def names(self) -> list[str]:
        """Those that are on, for people."""
        return [fault.value for fault in Fault if self.on(fault)]

    async def over(self, fault: Fault) -> None:
        """Wait until it is off."""
        while effect := self.on(fault):
            tasks: list[asyncio.Task[object]] = [asyncio.create_task(self._changed.wait())]
            if effect.until != FOR_EVER:
                tasks.append(asyncio.create_task(self._clock.sleep(effect.until - self._clock.monotonic())))
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A fault as it is asked for at the start."""

    fault: Fault
    times: int | None = None
    value: float | None = None


def wanted(text: str) -> Wanted:
    """`NAME` or `NAME=NUMBER`; BadFault says which there are."""
    name, sign, number = text.partition("=")
    try:
        fault = Fault(name.strip())
        amount = float(number) if sign else None
    except ValueError:
        raise BadFault(f"“{text}” is no fault. There are: {', '.join(Fault)}.") from None
    if amount is not None and not 0 <= amount <= 1_000_000:
        raise BadFault(f"“{text}”: a number from 0 to 1,000,000 is needed.")
    if fault in _COUNTED:
        return Wanted(fault, times=None if amount is None else int(amount))
    return Wanted(fault, value=amount)
