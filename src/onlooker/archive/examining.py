"""What a file that came in is: checked, measured, and looked at small, before anything is acknowledged."""

from __future__ import annotations

import contextlib
import hashlib
import io
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile
from pillow_heif import HeifImageFile

from onlooker.disk import storage_error
from onlooker.errors import BrokenPhoto, MalformedInput, WrongType
from onlooker.formats import exif, photo, whole
from onlooker.formats.exif import PhotoFacts
from onlooker.formats.photo import PhotoType
from onlooker.formats.thumbhash import thumbhash

__all__ = ["Examined", "decoded", "examine", "scale", "wrong_type"]

# The limit on pixels is ours (`max_pixels`), said before anything is decoded; Pillow's own would only warn.
Image.MAX_IMAGE_PIXELS = None

# By name, not by `Image.open`: what is taken for a JPEG is decoded as one and as nothing else, also where a second
# picture stands behind it, and no thread looks for a decoder while another one is still loading it.
_DECODERS: dict[PhotoType, Callable[[BinaryIO], Image.Image]] = {
    PhotoType.JPEG: JpegImageFile,
    PhotoType.PNG: PngImageFile,
    PhotoType.WEBP: WebPImageFile,
    PhotoType.HEIC: HeifImageFile,
    PhotoType.AVIF: AvifImageFile,
}
_TURNS = {  # EXIF's orientation -> what is to be done
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

PREVIEW = 320  # pixels of the shorter side, at least, as long as the photo has them
LONGEST = 6  # the longer side is at most so many times the shorter one that was asked for: a panorama stays one
_HASHED = 50  # pixels of the longer side of what is hashed to a ThumbHash, which has seven waves across at most
_LEAST, _MOST = 60, 640  # pixels of a side of a carried picture that is believed
_ALIKE = 0.03  # by how much its shape may differ; some cameras put black bars around it
_BAND = 1 << 20  # pixels brought to other colours at once
_LARGE = 16_000_000  # pixels: a picture that is decoded whole and has more takes hundreds of megabytes meanwhile
_MOST_LARGE = threading.BoundedSemaphore(2)
_LARGEST_PROFILE = 65_536  # bytes


@dataclass(frozen=True, slots=True)
class Examined:
    """What a photo is; `preview` is the whole picture at a small size as `decoded` gives it, if it was decoded."""

    type: PhotoType
    sha256: bytes
    size: int
    facts: PhotoFacts
    thumbhash: bytes
    preview: Image.Image | None


def examine(path: Path, max_pixels: int) -> Examined:
    """Read the file, and decode it where nothing else shows what is in it; blocks.

    A phone's JPEG carries a small picture of itself: that is enough for a ThumbHash, and costs a fraction. WrongType or
    BrokenPhoto say why it is not taken; StorageError if the disk does not give it.
    """
    try:
        data = path.read_bytes()
        if photo.sniff(data[: photo.HEAD]) is None:
            raise wrong_type()
        facts = exif.read(data, max_pixels=max_pixels)
        whole.is_whole(data)
        carried = _carried(facts)
        preview = decoded(path, facts, PREVIEW) if carried is None else None
    except MalformedInput as error:
        raise BrokenPhoto(f"This photo cannot be taken: {error}") from error
    except OSError as error:
        raise storage_error(error) from error
    shown = carried or preview
    assert shown is not None  # one of the two
    return Examined(facts.type, hashlib.sha256(data).digest(), len(data), facts, _hash(shown), preview)


def decoded(path: Path, facts: PhotoFacts, shorter: int) -> Image.Image:
    """The picture of a file, upright, as RGB or RGBA, with nothing else than its colour profile, where it needs one.

    It has at least the size that `scale` gives for `shorter`, and not many more pixels: a large photo is never held
    twice. Blocks. MalformedInput if it is damaged, OSError if the disk does not give it.
    """
    try:
        with path.open("rb") as file, contextlib.ExitStack() as held:
            picture = held.enter_context(_opened(file, facts, shorter))
            if facts.pixels > _LARGE and not _decodes_in_part(picture):
                held.enter_context(_MOST_LARGE)
            picture.load()
            profile = _profile(picture)
            small = _reduced(picture, shorter)
    except MemoryError:
        raise MalformedInput("it needs more memory than there is") from None
    except Exception as error:  # decoders raise whatever they like at damaged input, among it an OSError without number
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise MalformedInput("it is damaged") from error
    if facts.orientation in _TURNS:
        small = small.transpose(_TURNS[facts.orientation])
    small.info = {} if profile is None else {"icc_profile": profile}
    return small


def scale(size: tuple[int, int], shorter: int) -> float:
    """By how much to make a picture smaller, so that its shorter side has so many pixels at most; never larger."""
    return min(shorter / min(size), shorter * LONGEST / max(size), 1.0)


def wrong_type() -> WrongType:
    """The refusal of what is not a photo."""
    return WrongType("This is no photo that can be taken. Send JPEG, PNG, WebP, HEIC or AVIF.")


def _carried(facts: PhotoFacts) -> Image.Image | None:
    """The small picture that the photo carries, upright; None where there is none that shows all of it."""
    if not facts.thumbnail:
        return None
    try:
        small = JpegImageFile(io.BytesIO(facts.thumbnail))
        stored = (facts.height, facts.width) if facts.orientation >= 5 else (facts.width, facts.height)
        alike = abs(small.width * stored[1] / (small.height * stored[0]) - 1) < _ALIKE
        if not alike or min(small.size) < _LEAST or max(small.size) > _MOST:
            return None
        picture = small.convert("RGB")
    except Exception:  # a damaged one is none
        return None
    return picture.transpose(_TURNS[facts.orientation]) if facts.orientation in _TURNS else picture


def _opened(file: BinaryIO, facts: PhotoFacts, shorter: int) -> Image.Image:
    picture = _DECODERS[facts.type](file)
    ratio = scale(picture.size, shorter)
    if isinstance(picture, JpegImageFile) and ratio < 1:
        # It is decoded to fewer pixels right away: a half, a quarter or an eighth of each side.
        picture.draft(None, (round(picture.width * ratio), round(picture.height * ratio)))
    return picture


def _decodes_in_part(picture: Image.Image) -> bool:
    """Whether it is decoded line by line; what comes in several passes is held as a whole."""
    return isinstance(picture, JpegImageFile) and not picture.info.get("progressive")


def _reduced(picture: Image.Image, shorter: int) -> Image.Image:
    """In RGB or RGBA, its sides at most three times as long as they have to be.

    Band by band, so that the picture in its full size is not there a second time.
    """
    mode = "RGBA" if picture.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in picture.info else "RGB"
    factor = max(1, int(1 / (1.5 * scale(picture.size, shorter))))
    width, height = picture.size
    small = Image.new(mode, (-(-width // factor), -(-height // factor)))
    rows = factor * max(1, _BAND // (width * factor))
    for top in range(0, height, rows):
        band = _in_colours(picture.crop((0, top, width, min(top + rows, height))), mode)
        small.paste(band.reduce(factor) if factor > 1 else band, (0, top // factor))
    return small


def _in_colours(picture: Image.Image, mode: str) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut off instead of making them fewer
        picture = Image.fromarray((np.asarray(picture).astype(np.uint32) >> 8).clip(0, 255).astype(np.uint8))
    return picture.convert(mode)


def _profile(picture: Image.Image) -> bytes | None:
    """The colour profile, where colours would be wrong without it; it says nothing about a person or a place."""
    profile = picture.info.get("icc_profile")
    if not isinstance(profile, bytes) or picture.mode not in ("RGB", "RGBA", "P", "PA"):
        return None
    return None if len(profile) > _LARGEST_PROFILE or b"sRGB" in profile or b"s\0R\0G\0B" in profile else profile


def _hash(picture: Image.Image) -> bytes:
    small = picture.convert("RGBA")
    small.thumbnail((_HASHED, _HASHED), Image.Resampling.BILINEAR)
    return thumbhash(np.asarray(small))
