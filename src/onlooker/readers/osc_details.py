"""What an OSC camera says of itself, put together from its answers."""

from __future__ import annotations

from typing import Any

from onlooker.clock import Clock
from onlooker.devices import Ability, Details
from onlooker.errors import DeviceAway, DeviceError
from onlooker.formats import osc
from onlooker.media import Projection
from onlooker.readers import osc_errors
from onlooker.readers.osc import OscCamera
from onlooker.readers.osc_memory import Memory
from onlooker.readers.osc_options import OscOptions

ABILITIES = frozenset((Ability.SHOOT, Ability.OPTIONS, Ability.CARD))

_STORAGE = ["remainingPictures", "remainingSpace", "totalSpace"]
_STORAGE_FRESH = 300.0  # seconds: asking costs a command, which the live view of some does not survive
_STITCHES = ("THETA X", "THETA A1")  # whose live view shows two circles where stitching is off


class OscDetails:
    """The details of one camera."""

    def __init__(self, camera: OscCamera, options: OscOptions, clock: Clock) -> None:
        self._camera = camera
        self._clock = clock
        self._storage: Memory[dict[str, Any]] = Memory(lambda: options.read(_STORAGE), _STORAGE_FRESH, clock)

    async def now(self) -> Details:
        """All of it."""
        info = (await self._camera.link()).info
        state = osc.camera_state(await self._camera.state())
        storage = await self._room()
        return Details(
            abilities=ABILITIES,
            as_of=self._clock.now(),
            maker=info.maker,
            model=info.model,
            firmware=info.firmware,
            serial=info.serial,
            battery=state.battery,
            charging=state.charging,
            storage_left=osc.count(storage.get("remainingSpace")),
            storage=osc.count(storage.get("totalSpace")),
            pictures_left=osc.count(storage.get("remainingPictures")),
            capture=state.capture,
            problems=tuple(dict.fromkeys(map(osc_errors.problem, state.errors))),
        )

    def forget(self) -> None:
        """A picture was taken, or it is another camera."""
        self._storage.forget()

    async def _room(self) -> dict[str, Any]:
        try:
            return await self._storage.answer()
        except DeviceAway:
            raise
        except DeviceError:
            return {}  # the rest is worth knowing, too


def projection(info: osc.Info, size: tuple[int, int], *, stitched: bool) -> Projection | None:
    """How a live view of this size is to be looked at; None: it cannot be told from what the camera says."""
    width, height = size
    if not info.is_theta or not height:
        return None
    if width == height:
        return Projection.FISHEYE  # of one of its lenses
    if width != 2 * height:
        return None
    return Projection.EQUIRECTANGULAR if stitched or not _stitches(info) else Projection.DUAL_FISHEYE


def _stitches(info: osc.Info) -> bool:
    return info.model.upper().endswith(_STITCHES)
