"""A simulated Theta itself: what it is doing, what it remembers, and what it says of that."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from onlooker.clock import Clock
from onlooker.simulation.theta.card import Card, Stored
from onlooker.simulation.theta.faults import Fault, Faults
from onlooker.simulation.theta.models import Format, Model, Traits
from onlooker.simulation.theta.options import Options
from onlooker.simulation.theta.protocol import Code, OscError

SESSION_SECONDS = 180
PAUSE = 1.0  # seconds after a change of options in which nothing may be shot or shown
_OPERATIONS = 16  # that can still be asked for
_DRAIN = 0.01 / 180  # of the battery's charge in a second
_BITS = 2_500_000  # a second of film


@dataclass(frozen=True, slots=True)
class Nature:
    """How this one is: its battery at the start, pictures that are on it, how long it takes for one, and so on."""

    battery: float = 0.67
    stored: int = 3
    seconds: float = 2.5  # to take a picture
    heading: float = 0.0
    still: tuple[int, int] | None = None  # pixels of a picture; as the model's if not given


@dataclass(slots=True)
class Operation:
    """A command that takes its time. `results` or `error` is there once it is over."""

    name: str
    began: float
    seconds: float
    results: dict[str, Any] | None = None
    error: OscError | None = None


class Camera:
    """Of one model; lives in one event loop. `close` ends what it is doing."""

    def __init__(self, traits: Traits, clock: Clock, faults: Faults, nature: Nature) -> None:
        self.traits = traits
        self.faults = faults
        self.options = Options(traits)
        self.card = Card(traits, nature.still or traits.still, nature.heading)
        self.nature = nature
        self._clock = clock
        self._began = clock.monotonic()
        self._session: tuple[str, float] | None = None
        self._sessions = itertools.count(1)
        self._operations: OrderedDict[str, Operation] = OrderedDict()
        self._ids = itertools.count(1)
        self._shooting: asyncio.Task[None] | None = None
        self._taken = 0
        self._changed_at = -PAUSE
        self._said = ""
        self._fingerprint = 0
        self._end_preview: Callable[[], object] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Put the first pictures on the card."""
        now = datetime.fromtimestamp(self._clock.now(), UTC).astimezone()
        for back in range(self.nature.stored, 0, -1):
            await self.card.add((now - timedelta(minutes=7 * back)).replace(microsecond=0))

    async def close(self) -> None:
        """End what it is doing."""
        self.end_preview()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def level(self) -> int:
        """Of the API it speaks now."""
        level: int = self.options["clientVersion"]
        return level

    @property
    def preview_format(self) -> Format:
        """Of the live picture."""
        return Format(**self.options["previewFormat"])

    @property
    def seconds(self) -> float:
        """Since it was switched on."""
        return self._clock.monotonic() - self._began

    def info(self) -> dict[str, Any]:
        """What it says of itself."""
        told: dict[str, Any] = {
            "manufacturer": "RICOH",
            "model": self.traits.name,
            "serialNumber": self.traits.serial,
            "firmwareVersion": self.traits.firmware,
            "supportUrl": "https://theta360.com/en/support/",
            "gps": self.traits.gps,
            "gyro": self.traits.gyro,
            "uptime": int(self.seconds),
            "api": ["/osc/info", "/osc/state", "/osc/checkForUpdates", "/osc/commands/execute", "/osc/commands/status"],
            "apiLevel": list(self.traits.levels),
        }
        if self.traits.model is Model.X:
            told |= {"_wlanMacAddress": "02:00:5E:00:53:01", "_bluetoothMacAddress": "02:00:5E:00:53:02"}
        return told

    def state(self, files: str) -> dict[str, Any]:
        """How it is now, with its fingerprint; `files` is the address of its card."""
        return {"fingerprint": self.fingerprint, "state": self._state(files)}

    @property
    def fingerprint(self) -> str:
        """Another one whenever something of the state is another."""
        said = json.dumps(self._state(""), sort_keys=True)
        if said != self._said:
            self._said = said
            self._fingerprint += 1
        return f"FIG_{self._fingerprint:04d}"

    async def changed(self, fingerprint: str, patience: float) -> str:
        """The fingerprint once it is another, or after so many seconds."""
        end = self._clock.monotonic() + patience
        while self.fingerprint == fingerprint and self._clock.monotonic() < end:
            await self._clock.sleep(0.25)
        return self.fingerprint

    # Sessions, which there are on level 1 only.

    def start_session(self) -> str:
        """A new one; the one before it is not good any more."""
        name = f"SID_{next(self._sessions):04d}"
        self._session = (name, self._clock.monotonic())
        return name

    def check_session(self, name: str) -> None:
        """It goes on for another while; OscError if it is not the one."""
        now = self._clock.monotonic()
        if self._session is None or self._session[0] != name or now - self._session[1] > SESSION_SECONDS:
            raise OscError(Code.WRONG_SESSION, "This session is not open.")
        self._session = (name, now)

    def end_session(self) -> None:
        self._session = None

    def lose_network(self) -> None:
        """What a camera forgets when its network goes: its session, and the level of those that know level 1."""
        self.end_session()
        self.end_preview()
        self.options.set({"clientVersion": self.traits.levels[0]})

    # Options

    def set_options(self, changes: dict[str, Any]) -> None:
        """Change some; the preview ends with a change of what it shows, and for a moment nothing else may be done."""
        self.refuse_while_shooting()
        self.options.set(changes)
        self._changed_at = self._clock.monotonic()
        if changes.get("clientVersion") == 2:
            self.end_session()
        self.end_preview()

    def counted(self) -> dict[str, Any]:
        """The options that nobody sets."""
        left = self._space_left()
        return {
            "remainingPictures": left // self._picture_size(),
            "remainingSpace": left,
            "totalSpace": self.card.total,
            "remainingVideoSeconds": left // _BITS,
        }

    # Shooting

    def refuse_while_shooting(self) -> None:
        if self._shooting is not None:
            raise OscError(Code.DISABLED, "The camera is shooting.")

    def take_picture(self) -> str:
        """Begin to take one; the id under which to ask for it."""
        self.refuse_while_shooting()
        self.refuse_after_change(Code.DISABLED)
        if self.options["captureMode"] != "image":
            raise OscError(Code.DISABLED, "The camera is not set to take pictures.")
        if problems := self._problems():
            raise OscError(Code.DISABLED, f"The camera cannot shoot: {', '.join(problems)}.")
        return self._shoot()

    def press(self) -> None:
        """Somebody presses the shutter."""
        if self._shooting is None and not self._problems():
            self._shoot()

    def operation(self, id: str) -> Operation:
        """One that was begun; OscError."""
        found = self._operations.get(id)
        if found is None:
            raise OscError(Code.WRONG_VALUE, "There is no such operation.")
        return found

    def completion(self, operation: Operation) -> float:
        """How much of it is done, 0 to 1."""
        part = (self._clock.monotonic() - operation.began) / operation.seconds if operation.seconds else 1.0
        return min(0.99, round(part, 2))

    # Live picture

    def refuse_after_change(self, code: Code) -> None:
        """OscError if the options were changed a moment ago."""
        if self._clock.monotonic() - self._changed_at < PAUSE:
            raise OscError(code, "The camera is still changing its options.")

    def begin_preview(self, end: Callable[[], object]) -> None:
        """The live picture goes to this one now; whoever had it before has it no longer."""
        self.end_preview()
        self._end_preview = end

    def end_preview(self) -> None:
        """Nobody has it."""
        end, self._end_preview = self._end_preview, None
        if end is not None:
            end()

    def preview_over(self, end: Callable[[], object]) -> None:
        """This one does not take it any longer."""
        if self._end_preview is end:
            self._end_preview = None

    def _shoot(self) -> str:
        self.end_preview()
        id = str(next(self._ids))
        seconds = self.nature.seconds + self.options["exposureDelay"]
        operation = Operation("camera.takePicture", self._clock.monotonic(), seconds)
        self._operations[id] = operation
        while len(self._operations) > _OPERATIONS:
            self._operations.popitem(last=False)
        self._shooting = asyncio.create_task(self._expose(operation), name="shoot")
        self._tasks.add(self._shooting)
        self._shooting.add_done_callback(self._tasks.discard)
        return id

    async def _expose(self, operation: Operation) -> None:
        try:
            await self._clock.sleep(operation.seconds)
            if self.faults.strikes(Fault.CANCELED):
                operation.error = OscError(Code.CANCELED, "The shooting was canceled at the camera.")
                return
            taken = datetime.fromtimestamp(self._clock.now(), UTC).astimezone().replace(microsecond=0)
            stored = await self.card.add(taken)
            self._taken += 1
            operation.results = {"stored": stored}
        finally:
            self._shooting = None

    def _state(self, files: str) -> dict[str, Any]:
        latest = self.card.latest
        told: dict[str, Any] = {
            "batteryLevel": self._battery(),
            "_captureStatus": self._status(),
            "_recordedTime": 0,
            "_recordableTime": 0,
            "_batteryState": "disconnect",
            "_apiVersion": self.level,
        }
        if self.traits.model is Model.S:
            told |= {"_compositeShootingElapsedTime": 0}
        else:
            told |= self._more(self._problems())
        if self.level == 1:
            session = self._session[0] if self._session else ""
            return {
                "sessionId": session,
                "storageChanged": False,
                "_latestFileUri": short(latest) if latest else "",
                **told,
            }
        storage = f"{files}{self.traits.storage}/" if self.traits.storage else files
        return {"storageUri": storage, "_latestFileUrl": files + latest.path if latest else "", **told}

    def _more(self, problems: list[str]) -> dict[str, Any]:
        told: dict[str, Any] = {
            "_cameraError": problems,
            "_capturedPictures": self._taken,
            "_function": "normal",
            "_mySettingChanged": False,
            "_pluginRunning": False,
            "_pluginWebServer": True,
        }
        if self.traits.model is Model.X:
            told |= {"_batteryInsert": True, "_currentMicrophone": "Internal", "_currentStorage": "IN"}
            told |= {"_storageID": "90014a68423861503e030277e0c2b500"}
        return told

    def _problems(self) -> list[str]:
        """Why it cannot shoot."""
        found = []
        if self._space_left() < self._picture_size():
            found.append("NO_MEMORY")
        if self.faults.on(Fault.HOT):
            found.append("HIGH_TEMPERATURE")
        return found

    def _status(self) -> str:
        if self._shooting is None:
            return "idle"
        operation = next(reversed(self._operations.values()))
        counting = self._clock.monotonic() - operation.began < operation.seconds - self.nature.seconds
        return "self-timer countdown" if counting else "shooting"

    def _battery(self) -> float:
        return round(max(0.01, self.nature.battery - self.seconds * _DRAIN), 2)

    def _space_left(self) -> int:
        return 0 if self.faults.on(Fault.FULL) else self.card.remaining

    def _picture_size(self) -> int:
        latest = self.card.latest
        return latest.size if latest else self.card.still[0] * self.card.still[1] // 4


def short(stored: Stored) -> str:
    """A file's name as level 1 has it: its folder and itself."""
    return "/".join(stored.path.split("/")[-2:])
