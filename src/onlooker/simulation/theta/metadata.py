"""EXIF and GPano of a simulated photo, put into its JPEG as a Theta does."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PIL import ExifTags, Image, TiffImagePlugin

from onlooker.formats import segments

_EXPOSURE, _F_NUMBER, _FOCAL_LENGTH, _ISO = 0.008, 2.0, 2.57, 200


@dataclass(frozen=True, slots=True)
class Maker:
    """The camera, as its photos name it."""

    model: str
    firmware: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What there is to say of a photo; `heading` is where the middle of the picture looks, in degrees."""

    size: tuple[int, int]
    taken: datetime
    maker: Maker
    heading: float


def described(jpeg: bytes, facts: Facts, thumbnail: bytes) -> bytes:
    """The photo with its metadata."""
    return _with_segments(jpeg, _exif(facts, thumbnail), segments.XMP + _packet(facts))


def with_exif(jpeg: bytes, exif: bytes) -> bytes:
    """The photo with this EXIF block."""
    return _with_segments(jpeg, exif)


def as_json(facts: Facts) -> dict[str, Any]:
    """What the camera tells of the photo when it is asked for its metadata."""
    return {
        "exif": {
            "ApertureValue": 2.0,
            "BrightnessValue": 0.0,
            "ColorSpace": 1,
            "Compression": 6,
            "Copyright": "",
            "DateTime": f"{facts.taken:%Y:%m:%d %H:%M:%S}",
            "ExifVersion": "0231",
            "ExposureBiasValue": 0.0,
            "ExposureProgram": 2,
            "ExposureTime": _EXPOSURE,
            "FNumber": _F_NUMBER,
            "Flash": 32,
            "FocalLength": _FOCAL_LENGTH,
            "ImageDescription": "",
            "ImageLength": facts.size[1],
            "ImageWidth": facts.size[0],
            "Make": "RICOH",
            "Model": facts.maker.model,
            "Orientation": 1,
            "PhotographicSensitivity": _ISO,
            "Software": f"{facts.maker.model} Ver {facts.maker.firmware}",
            "WhiteBalance": 0,
        },
        "xmp": gpano(facts),
    }


def gpano(facts: Facts) -> dict[str, Any]:
    """The panorama's properties by name."""
    width, height = facts.size
    return {
        "ProjectionType": "equirectangular",
        "UsePanoramaViewer": True,
        "CroppedAreaImageWidthPixels": width,
        "CroppedAreaImageHeightPixels": height,
        "FullPanoWidthPixels": width,
        "FullPanoHeightPixels": height,
        "CroppedAreaLeftPixels": 0,
        "CroppedAreaTopPixels": 0,
        "PoseHeadingDegrees": facts.heading % 360,
        "PosePitchDegrees": 0.0,
        "PoseRollDegrees": 0.0,
    }


def _packet(facts: Facts) -> bytes:
    properties = "".join(f"<GPano:{name}>{value}</GPano:{name}>" for name, value in gpano(facts).items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:GPano="http://ns.google.com/photos/1.0/panorama/">'
        f'{properties}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()


def _exif(facts: Facts, thumbnail: bytes) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "RICOH"
    exif[ExifTags.Base.Model] = facts.maker.model
    exif[ExifTags.Base.Software] = f"{facts.maker.model} Ver {facts.maker.firmware}"
    exif[ExifTags.Base.Orientation] = 1
    exif[ExifTags.Base.DateTime] = f"{facts.taken:%Y:%m:%d %H:%M:%S}"
    zone = facts.taken.strftime("%z")
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {
            ExifTags.Base.ExposureTime: TiffImagePlugin.IFDRational(1, 125),
            ExifTags.Base.FNumber: _F_NUMBER,
            ExifTags.Base.ISOSpeedRatings: _ISO,
            ExifTags.Base.ExifVersion: b"0231",
            ExifTags.Base.DateTimeOriginal: f"{facts.taken:%Y:%m:%d %H:%M:%S}",
            ExifTags.Base.OffsetTimeOriginal: f"{zone[:3]}:{zone[3:]}",
            ExifTags.Base.FocalLength: _FOCAL_LENGTH,
            ExifTags.Base.ExifImageWidth: facts.size[0],
            ExifTags.Base.ExifImageHeight: facts.size[1],
        }
    )
    return _with_thumbnail(exif.tobytes(), thumbnail)


def _with_thumbnail(exif: bytes, thumbnail: bytes) -> bytes:
    """Behind the block Pillow made, a second directory that holds the thumbnail; Pillow itself writes none."""
    header, block = exif[:6], bytearray(exif[6:])
    order = "<" if block[:2] == b"II" else ">"
    first = struct.unpack_from(order + "I", block, 4)[0]
    entries = struct.unpack_from(order + "H", block, first)[0]
    if len(block) % 2:
        block += b"\0"
    second = len(block)
    struct.pack_into(order + "I", block, first + 2 + 12 * entries, second)
    at = second + 2 + 3 * 12 + 4
    made = io.BytesIO()
    made.write(struct.pack(order + "H", 3))
    made.write(struct.pack(order + "HHIHH", 0x0103, 3, 1, 6, 0))
    made.write(struct.pack(order + "HHII", 0x0201, 4, 1, at))
    made.write(struct.pack(order + "HHII", 0x0202, 4, 1, len(thumbnail)))
    made.write(struct.pack(order + "I", 0))
    return header + bytes(block) + made.getvalue() + thumbnail


def _with_segments(jpeg: bytes, *bodies: bytes) -> bytes:
    packed = b"".join(b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body for body in bodies)
    return jpeg[:2] + packed + jpeg[2:]
