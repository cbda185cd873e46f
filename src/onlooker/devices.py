"""Devices: what a camera can do besides giving pictures, as facets that the API and the pages ask for.

A kind of camera that is more than a stream has a `Device` (see `onlooker.sources`): one object for as long as the
camera is configured alike, whether it is connected or not. It inherits the facets below that it has; whoever wants one
asks with `isinstance`. What a particular camera of the kind can do right now stands in `Details.abilities`.

Every method that talks to the camera raises a `DeviceError` named for what to do next, is bounded in time, and may be
called at any moment: a device puts in order what its camera takes only one after the other.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from onlooker.media import Media, Projection

if TYPE_CHECKING:
    from onlooker.clock import Clock

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Progress = Callable[[float | None], None]  # how much is done, 0 to 1; None while that is not known


class Ability(StrEnum):
    """Something a camera can do now."""

    SHOOT = "shoot"  # take a picture in full resolution
    OPTIONS = "options"  # be adjusted
    CARD = "card"  # list and hand out what it has stored
    MOVE = "move"  # pan and tilt
    ZOOM = "zoom"
    PRESETS = "presets"
    HOME = "home"
    HAPPENINGS = "happenings"  # tell of motion and the like
    RECEIVE = "receive"  # show what somebody sends


@dataclass(frozen=True, slots=True)
class Details:
    """What a camera says of itself; a fact that it does not give is None or empty.

    `battery` is 0 to 1, `storage_left` and `storage` are bytes, `pictures_left` is a number, `as_of` is UTC seconds
    since 1970. `capture` is the camera's own word for what it does, like "idle"; `problems` are sentences.
    """

    abilities: frozenset[Ability]
    as_of: float
    maker: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    battery: float | None = None
    charging: bool | None = None
    storage_left: int | None = None
    storage: int | None = None
    pictures_left: int | None = None
    capture: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    """One setting of a camera. `choices` are the values it takes, where it says so; a number may have bounds instead.

    `value` may be one that is not among the choices: cameras report such.
    """

    name: str
    value: Json
    choices: tuple[Json, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class CardFile:
    """A file that the camera has stored. `taken` is ISO 8601, with an offset where the camera knows one."""

    id: str  # opaque; for `fetch`
    name: str
    size: int | None = None
    type: str = "image/jpeg"
    taken: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class CardPage:
    """Some files, newest first; `next` is for the following call, None at the end."""

    files: tuple[CardFile, ...]
    next: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A stored picture on its way: its bytes as they come; `size` if the camera says."""

    name: str
    size: int | None
    chunks: AsyncIterator[bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Preset:
    """A place to look at that the camera remembers."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Something a camera noticed by itself. `active` says whether it began or ended; None: it is over at once.

    `kind` is ours: "motion", "line", "sound", "input", else the camera's own word. `at` is UTC seconds since 1970.
    """

    kind: str
    at: float
    active: bool | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


class Runnable(Protocol):
    """What `onlooker.sources.Source` is."""

    def run(self, clock: Clock) -> AsyncGenerator[Media]: ...


class Device(ABC):
    """What every device has. `projection` is how its live picture is to be looked at, None as long as it cannot say."""

    projection: Projection | None = None

    @abstractmethod
    def source(self) -> Runnable:
        """The live pictures, for one run."""

    def small_source(self) -> Runnable | None:
        """A smaller stream of the same pictures, for where they are seen small; None if it has none."""
        return None

    @abstractmethod
    async def details(self) -> Details:
        """What it says of itself now; answered from memory if it was asked a moment ago."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of whatever is held between calls; the device may be used again."""


class Adjustable(ABC):
    """Has settings."""

    @abstractmethod
    async def options(self) -> tuple[Option, ...]:
        """All that can be looked at, in an order for people."""

    @abstractmethod
    async def set_option(self, name: str, value: Json) -> Option:
        """Change one and give it as it is then; UnfitOption says what is allowed."""


class Shooting(ABC):
    """Takes pictures in full resolution."""

    @abstractmethod
    def shoot(self, progress: Progress) -> AbstractAsyncContextManager[Taken]:
        """Take one and hand out its original bytes; the camera may give no live pictures meanwhile."""


class Card(ABC):
    """Has stored pictures."""

    @abstractmethod
    async def files(self, after: str | None = None, limit: int = 50) -> CardPage:
        """What is stored, newest first, behind `after` (a `CardPage.next`)."""

    @abstractmethod
    def fetch(self, file_id: str) -> AbstractAsyncContextManager[Taken]:
        """One of them, byte for byte."""

    @abstractmethod
    async def thumbnail(self, file_id: str) -> bytes:
        """A small JPEG of one of them."""


class Moving(ABC):
    """Pans, tilts, zooms. Speeds are -1 to 1: right, up and closer are positive."""

    @abstractmethod
    async def move(self, pan: float, tilt: float, zoom: float) -> None:
        """Go on moving like this until `stop`, or for a second without another call."""

    @abstractmethod
    async def stop(self) -> None:
        """Stand still."""

    @abstractmethod
    async def presets(self) -> tuple[Preset, ...]:
        """The places it remembers."""

    @abstractmethod
    async def go_to(self, preset_id: str) -> None:
        """Look at a remembered place."""

    @abstractmethod
    async def home(self) -> None:
        """Look where it looks by default."""


class Noticing(ABC):
    """Tells of motion and the like."""

    @abstractmethod
    def happenings(self, clock: Clock) -> AsyncGenerator[Happening]:
        """One subscription; ends like a source, with a SourceError named for what to do next.

        What goes on may be told again as long as it does; an end has the facts of its beginning.
        """


class SpeaksOsc(ABC):
    """Hands out its own answers as the Open Spherical Camera API has them, for programs that knew the camera before."""

    @abstractmethod
    async def osc_info(self) -> Json:
        """What `/osc/info` gives."""

    @abstractmethod
    async def osc_state(self) -> Json:
        """What `/osc/state` gives."""

    @abstractmethod
    async def osc_option(self, name: str) -> Json:
        """What `camera.getOptions` answers for this one option."""


class Delivery(Protocol):
    """One sender's pictures on their way into a camera; all calls on the event loop."""

    @property
    def replaced(self) -> bool:
        """Whether a newer sender took over: send nothing more."""

    def put(self, media: Media) -> None:
        """Show this."""

    @property
    def over(self) -> bool:
        """Whether nothing more is shown."""

    @property
    def dropped(self) -> int:
        """How many pictures were left out so far: of coded video, everything up to the next key picture then."""

    def end(self) -> None:
        """It is over; a second time does nothing."""

    async def until_over(self) -> None:
        """Return once it is over: it was ended or replaced, or nothing came for too long."""


class Receiving(ABC):
    """Shows what somebody sends."""

    @abstractmethod
    def begin(self, sender: str) -> Delivery:
        """Be the one who sends from now on; whoever sent before is replaced. `sender` is said to those who watch."""
