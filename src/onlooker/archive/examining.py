"""What a file that came in is: checked, measured, and looked at small, before anything is acknowledged."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image, ImageOps

from onlooker.errors import BrokenPhoto, MalformedInput, WrongType
from onlooker.formats import exif, photo, whole
from onlooker.formats.exif import PhotoFacts
from onlooker.formats.photo import PhotoType
from onlooker.formats.thumbhash import thumbhash

pillow_heif.register_heif_opener(thumbnails=False)
# The limit on pixels is ours (`max_pixels`), said before anything is decoded; Pillow's own would only warn.
Image.MAX_IMAGE_PIXELS = None

PREVIEW = 320  # pixels of the shorter side, at least, as long as the photo has them
_HASHED = 100  # pixels of the longer side of what is hashed to a ThumbHash


@dataclass(frozen=True, slots=True)
class Examined:
    """What a photo is; `preview` is the whole picture at a small size, upright."""

    type: PhotoType
    sha256: bytes
    size: int
    facts: PhotoFacts
    thumbhash: bytes
    preview: Image.Image


def examine(path: Path, max_pixels: int) -> Examined:
    """Read the file and decode it once; blocks. WrongType or BrokenPhoto say why it is not taken."""
    data = path.read_bytes()
    if photo.sniff(data[: photo.HEAD]) is None:
        raise wrong_type()
    try:
        facts = exif.read(data, max_pixels=max_pixels)
        whole.is_whole(data)
        preview = upright(path, PREVIEW)
    except MalformedInput as error:
        raise BrokenPhoto(f"This photo cannot be taken: {error}") from error
    return Examined(facts.type, hashlib.sha256(data).digest(), len(data), facts, _hash(preview), preview)


def upright(path: Path, shorter: int) -> Image.Image:
    """The picture decoded, as displayed, its shorter side about `shorter` pixels or larger.

    MalformedInput if damaged.
    """
    try:
        with Image.open(path) as picture:
            ratio = shorter / min(picture.size)
            if picture.format == "JPEG" and ratio < 1:  # decodes fewer pixels, at a half, a quarter or an eighth
                picture.draft(None, (round(picture.width * ratio), round(picture.height * ratio)))
            picture.load()
            return ImageOps.exif_transpose(picture)
    except MemoryError:
        raise MalformedInput("it needs more memory than there is") from None
    except Exception as error:  # decoders raise whatever they like at damaged input
        raise MalformedInput(f"it is damaged ({error})") from error


def wrong_type() -> WrongType:
    """The refusal of what is not a photo."""
    return WrongType("This is no photo that can be taken. Send JPEG, PNG, WebP, HEIC or AVIF.")


def _hash(picture: Image.Image) -> bytes:
    small = picture.convert("RGBA")
    small.thumbnail((_HASHED, _HASHED), Image.Resampling.BILINEAR)
    return thumbhash(np.asarray(small))
