"""What the simulated Theta draws: a compass one can find one's way by, and photos whose metadata the hub can read."""

from __future__ import annotations

import io
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from onlooker.formats import exif, jpegcodec, tiff, xmp
from onlooker.simulation.theta.metadata import Maker
from onlooker.simulation.theta.pictures import Panorama, still, thumbnail

TAKEN = datetime(2026, 11, 21, 14, 3, 2, tzinfo=timezone(timedelta(hours=9)))
MAKER = Maker("RICOH THETA Z1", "3.30.2")


def tone(pixels: NDArray[np.uint8], direction: float) -> str:
    """Which of the four directions a column has the colour of; looked at high up, where nothing is drawn."""
    height, width = pixels.shape[:2]
    x = round((0.5 + direction / 360) % 1 * width + width / 48) % width
    red, green, blue = (int(value) for value in pixels[height // 10, x])
    if red > 180 and green > 120:
        return "W"
    return max((red, "S"), (green, "E"), (blue, "N"))[1]


@pytest.mark.parametrize("heading", [0.0, 90.0, 200.0])
def test_each_direction_has_its_colour(heading: float) -> None:
    pixels = jpegcodec.decode_rgb(Panorama(640, 320, heading).jpeg(0.0, 1))
    assert [tone(pixels, direction - heading) for direction in (0, 90, 180, 270)] == ["N", "E", "S", "W"]


def test_it_moves_and_counts() -> None:
    place = Panorama(640, 320)
    one, later, next_one = (np.asarray(place.picture(*at)).astype(int) for at in ((0.0, 1), (3.0, 1), (0.0, 2)))
    moved, counted = np.abs(one - later).max(axis=2) > 30, np.abs(one - next_one).max(axis=2) > 30
    assert set(np.nonzero(moved)[0]) <= set(range(70, 140))  # the sun, above
    assert set(np.nonzero(counted)[0]) <= set(range(170, 230))  # the number, below
    assert moved.any()
    assert counted.any()
    assert place.jpeg(1.0, 5) == place.jpeg(1.0, 5)


def test_a_thumbnail_is_within() -> None:
    facts = exif.read(Panorama(640, 320).jpeg(0.0, 1, thumbnail=True), max_pixels=10**6)
    assert Image.open(io.BytesIO(facts.thumbnail)).size == (160, 80)


@pytest.mark.parametrize(("size", "heading"), [((512, 256), 11.5), ((2560, 1280), 0.0)])
def test_a_photo_says_all_of_itself(size: tuple[int, int], heading: float) -> None:
    data = still(size, 7, TAKEN, MAKER, heading)
    facts = exif.read(data, max_pixels=10**8)
    assert (facts.width, facts.height, facts.device, facts.taken) == (*size, "RICOH THETA Z1", TAKEN)
    assert facts.panorama
    assert facts.gpano == {
        "ProjectionType": "equirectangular",
        "UsePanoramaViewer": "True",
        "CroppedAreaImageWidthPixels": size[0],
        "CroppedAreaImageHeightPixels": size[1],
        "FullPanoWidthPixels": size[0],
        "FullPanoHeightPixels": size[1],
        "CroppedAreaLeftPixels": 0,
        "CroppedAreaTopPixels": 0,
        "PoseHeadingDegrees": heading,
        "PosePitchDegrees": 0.0,
        "PoseRollDegrees": 0.0,
    }
    assert exif.is_whole(data)
    assert Image.open(io.BytesIO(facts.thumbnail)).size == (160, 80)
    assert data == still(size, 7, TAKEN, MAKER, heading)


def test_pillow_reads_the_same() -> None:
    with Image.open(io.BytesIO(still((512, 256), 7, TAKEN, MAKER))) as image:
        image.load()
        assert image.size == (512, 256)
        assert xmp.gpano(image.info["xmp"])["FullPanoWidthPixels"] == 512
        assert tiff.tags(image.info["exif"]).orientation == 1
        assert image.getexif()[0x0131] == "RICOH THETA Z1 Ver 3.30.2"


def test_the_small_picture_is_of_the_same_place() -> None:
    pixels = jpegcodec.decode_rgb(thumbnail(7, TAKEN, 90.0))
    assert pixels.shape == (320, 640, 3)
    assert tone(pixels, 0) == "E"
