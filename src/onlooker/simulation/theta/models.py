"""What differs between the models: names, API levels, live pictures, sizes, and the shape of what they tell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Model(StrEnum):
    """A camera that can be simulated."""

    X = "x"
    Z1 = "z1"
    V = "v"
    S = "s"
    SC2 = "sc2"


@dataclass(frozen=True, slots=True)
class Format:
    """A size and rate of the live picture."""

    width: int
    height: int
    framerate: int

    def as_json(self) -> dict[str, int]:
        return {"width": self.width, "height": self.height, "framerate": self.framerate}


@dataclass(frozen=True, slots=True)
class Traits:
    """One model. `preview` is what it shows when it is switched on; the X's is not among those it can be set to.

    `storage` is the part of file addresses that names the memory, empty where there is none.
    """

    model: Model
    name: str
    serial: str
    firmware: str
    levels: tuple[int, ...]
    gps: bool
    gyro: bool
    still: tuple[int, int]
    preview: Format
    previews: tuple[Format, ...]
    storage: str
    account: str  # what it is called in client mode; empty: it has no such mode
    details_unasked: bool  # whether listFiles tells all of a file when it is not told how much
    touchy: bool = False  # whether any command at all ends its preview

    @property
    def digits(self) -> str:
        """The password it had when it was bought."""
        return self.account[-8:]


def _formats(*sizes: tuple[int, int, int]) -> tuple[Format, ...]:
    return tuple(Format(*size) for size in sizes)


_OF_V = _formats((1920, 960, 8), (1024, 512, 30), (1024, 512, 8), (640, 320, 30), (640, 320, 8))

TRAITS = {
    Model.X: Traits(
        model=Model.X,
        name="RICOH THETA X",
        serial="10010065",
        firmware="2.71.1",
        levels=(2,),
        gps=True,
        gyro=True,
        still=(5504, 2752),
        preview=Format(1024, 512, 15),
        previews=_formats((3840, 1920, 30), (1920, 960, 30), (1024, 512, 30), (512, 512, 30)),
        storage="",
        account="THETAYR10010065",
        details_unasked=False,
    ),
    Model.Z1: Traits(
        model=Model.Z1,
        name="RICOH THETA Z1",
        serial="10013308",
        firmware="3.30.2",
        levels=(2,),
        gps=False,
        gyro=True,
        still=(6720, 3360),
        preview=Format(1024, 512, 30),
        previews=_OF_V,
        storage="150100524436344d4201375fda9dc400",
        account="THETAYN10013308",
        details_unasked=True,
    ),
    Model.V: Traits(
        model=Model.V,
        name="RICOH THETA V",
        serial="00105377",
        firmware="3.82.1",
        levels=(2,),
        gps=False,
        gyro=True,
        still=(5376, 2688),
        preview=Format(1024, 512, 30),
        previews=_OF_V,
        storage="100100524436344d4201375fda9dc400",
        account="THETAYL00105377",
        details_unasked=True,
    ),
    Model.S: Traits(
        model=Model.S,
        name="RICOH THETA S",
        serial="00301770",
        firmware="01.90",
        levels=(1, 2),
        gps=False,
        gyro=False,
        still=(5376, 2688),
        preview=Format(640, 320, 10),
        previews=_formats((640, 320, 10)),
        storage="744a60555344202010418a2304010a01",
        account="",
        details_unasked=True,
    ),
    Model.SC2: Traits(
        model=Model.SC2,
        name="RICOH THETA SC2",
        serial="20001234",
        firmware="01.64",
        levels=(2,),
        gps=False,
        gyro=True,
        still=(5376, 2688),
        preview=Format(1024, 512, 30),
        previews=_formats((1024, 512, 30)),
        storage="100200524436344d4201375fda9dc400",
        account="",
        details_unasked=True,
        touchy=True,
    ),
}
