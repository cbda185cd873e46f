"""Pictures of a world whose every direction has a colour of its own, in each projection, and which one is seen."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.async_api import Page

# By direction: yaw to the right, pitch up.
COLOURS = {
    "front": (40, 60, 230),
    "right": (40, 200, 60),
    "back": (230, 50, 40),
    "left": (230, 210, 40),
    "up": (235, 235, 235),
    "down": (190, 40, 200),
}
DIM = 0.55  # every other picture
GPANO = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:GPano="http://ns.google.com/photos/1.0/panorama/" GPano:ProjectionType="equirectangular" '
    b"%s/></rdf:RDF></x:xmpmeta>"
)
Array = np.ndarray


def _world(yaw: Array, pitch: Array) -> Array:
    """The colours in these directions (degrees)."""
    names = list(COLOURS)
    around = np.floor(((yaw + 45) % 360) / 90).astype(int)  # front, right, back, left
    index = np.where(pitch > 45, names.index("up"), np.where(pitch < -45, names.index("down"), around))
    return np.array([COLOURS[name] for name in names], np.uint8)[index]


def equirectangular(width: int = 1024, *, middle: float = 0.0) -> Image.Image:
    """All around; in its middle is what lies `middle` degrees to the right of the front."""
    yaw = np.linspace(-180, 180, width, endpoint=False) + middle
    pitch = np.linspace(90, -90, width // 2)
    return Image.fromarray(_world(*np.meshgrid(yaw, pitch)))


def fisheye(side: int = 512, *, towards: float = 0.0) -> Image.Image:
    """The half of it that lies around this yaw, as a circle, black beside it."""
    x, y = np.meshgrid(np.linspace(-1, 1, side), np.linspace(1, -1, side))
    radius = np.hypot(x, y)
    angle = np.minimum(radius, 1) * np.pi / 2
    across = np.divide(np.sin(angle), radius, out=np.zeros_like(radius), where=radius > 0)
    yaw = np.degrees(np.arctan2(x * across, np.cos(angle))) + towards
    pitch = np.degrees(np.arcsin(np.clip(y * across, -1, 1)))
    return Image.fromarray(np.where(radius[..., None] <= 1, _world(yaw, pitch), 0).astype(np.uint8))


def dual_fisheye(side: int = 512) -> Image.Image:
    """Both halves, side by side: what lies in front on the left."""
    both = Image.new("RGB", (2 * side, side))
    both.paste(fisheye(side), (0, 0))
    both.paste(fisheye(side, towards=180), (side, 0))
    return both


def folder(picture: Image.Image, place: Path) -> Path:
    """A folder for a camera of the kind `file`: the picture, and the same dimmed."""
    place.mkdir()
    for number in range(2):
        shown = picture.point(lambda value: round(value * DIM)) if number else picture
        shown.save(place / f"{number}.jpg", quality=92)
    return place


def photo(picture: Image.Image, **gpano: object) -> bytes:
    """A JPEG that says that it is a panorama."""
    out = BytesIO()
    said = " ".join(f'GPano:{name}="{value}"' for name, value in gpano.items())
    picture.save(out, "JPEG", quality=92, xmp=GPANO % said.encode())
    return out.getvalue()


async def seen(tab: Page, selector: str = ".sphere", *, at: tuple[float, float] = (0.5, 0.5)) -> tuple[str, bool]:
    """Which direction is seen at this place of the element, and whether dimmed; "nothing" where it is none of them."""
    box = await tab.locator(selector).bounding_box()
    assert box is not None
    clip = {"x": box["x"] + at[0] * box["width"], "y": box["y"] + at[1] * box["height"], "width": 2, "height": 2}
    pixel = Image.open(BytesIO(await tab.screenshot(clip=clip))).convert("RGB").getpixel((0, 0))  # type: ignore[arg-type]
    for dimmed in (False, True):
        for name, colour in COLOURS.items():
            expected = [round(value * DIM) if dimmed else value for value in colour]
            if max(abs(a - b) for a, b in zip(pixel, expected, strict=True)) < 28:  # type: ignore[arg-type]
                return name, dimmed
    return "nothing", False
