"""An album for the browser's tests: its configuration, photos to send, and what the hub has of them."""

from __future__ import annotations

import json
import urllib.request
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image

from tests.peers.served import AUTHORIZATION, Served

PARTY = '[albums.party]\ntitle = "Garden party"\n'
FAIR = '[albums.fair]\ntitle = "School fair"\napprove = true\n'


def picture(seed: int, size: tuple[int, int] = (640, 480)) -> bytes:
    """A JPEG that is like no other."""
    chance = Random(seed)
    colour = tuple(chance.randrange(256) for _ in range(3))
    image = Image.new("RGB", size, colour)  # type: ignore[arg-type]
    image.paste(Image.effect_noise((size[0] // 2, size[1] // 2), 60).convert("RGB"), (chance.randrange(40), 20))
    out = BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def files(folder: Path, count: int, *, start: int = 0, size: tuple[int, int] = (640, 480)) -> list[Path]:
    """So many photos in files."""
    paths = [folder / f"IMG_{number:04}.jpg" for number in range(start, start + count)]
    for number, path in enumerate(paths, start):
        path.write_bytes(picture(number, size))
    return paths


def send(hub: Served, photo: bytes, *, album: str = "party", query: str = "") -> dict[str, Any]:
    """Send a photo as a program would; what the hub says of it."""
    request = urllib.request.Request(
        hub.url(f"/api/v1/albums/{album}/photos{query}"), photo, {"Authorization": AUTHORIZATION}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        told: dict[str, Any] = json.load(answer)
        return told


def listed(hub: Served, *, album: str = "party", state: str = "shown") -> list[dict[str, Any]]:
    """The album's photos, the newest first."""
    photos: list[dict[str, Any]] = json.loads(hub.get(f"/api/v1/albums/{album}/photos?state={state}"))["photos"]
    return photos
