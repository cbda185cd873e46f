"""Which kind of photo a file is, told by its first bytes and by nothing else: no name, no header, no guess."""

from __future__ import annotations

from enum import StrEnum

HEAD = 64
"""So many first bytes are enough for `sniff` to decide."""


class PhotoType(StrEnum):
    """The kinds of photo that an album takes; the value is the file name extension."""

    JPEG = "jpg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    AVIF = "avif"

    @property
    def extension(self) -> str:
        """As in “photo.jpg”, without the dot."""
        return self.value

    @property
    def mime(self) -> str:
        """As in a Content-Type header."""
        return "image/jpeg" if self is PhotoType.JPEG else f"image/{self.value}"


# ISO/IEC 23008-12 annex B, and the AV1 Image File Format. “mif1” and “msf1” leave the codec to the compatible brands.
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs"), PhotoType.HEIC),
    **dict.fromkeys((b"avif", b"avis"), PhotoType.AVIF),
}
_ANY_CODEC = frozenset((b"mif1", b"msf1", b"mif2", b"miaf"))


def sniff(head: bytes) -> PhotoType | None:
    """The kind of photo that starts with these bytes (`HEAD` of them are enough), or None if it is none we take."""
    if head.startswith(b"\xff\xd8\xff"):
        return PhotoType.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PhotoType.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return PhotoType.WEBP
    if head[4:8] == b"ftyp":
        return _of_brands(head[: min(int.from_bytes(head[:4], "big"), HEAD)])
    return None


def _of_brands(box: bytes) -> PhotoType | None:
    """What an ftyp box announces: its major brand, or the first compatible brand that names a codec."""
    major = box[8:12]
    if major in _ANY_CODEC:
        compatible = (box[at : at + 4] for at in range(16, len(box), 4))
        return next((_BRANDS[brand] for brand in compatible if brand in _BRANDS), None)
    return _BRANDS.get(major)
