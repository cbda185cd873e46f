"""Small photos, and how a request's body gives their bytes."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from random import Random

from PIL import Image


def jpeg(number: int = 0, size: tuple[int, int] = (96, 64)) -> bytes:
    """A JPEG that no other number gives."""
    chance = Random(number)
    image = Image.new("RGB", size, tuple(chance.randbytes(3)))  # type: ignore[arg-type]
    file = io.BytesIO()
    image.save(file, "JPEG", comment=str(number).encode())
    return file.getvalue()


async def one_chunk(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def in_chunks(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]
