"""The headers of tus 1.0, the protocol of resumable uploads: what a client writes into them, read and written."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping

from onlooker.errors import MalformedInput

MAX_METADATA = 8 * 1024
MAX_LENGTH = 2**53 - 1  # what JavaScript counts exactly, and more than any disk holds

_KEY = re.compile(r"[!-+\--~]+")  # printable ASCII without space and comma
_NUMBER = re.compile(r"[0-9]{1,16}")
_DIGEST_SIZES = {"sha1": hashlib.sha1().digest_size, "sha256": hashlib.sha256().digest_size}

CHECKSUM_ALGORITHMS = tuple(_DIGEST_SIZES)
"""What Tus-Checksum-Algorithm announces."""


class UnknownAlgorithm(MalformedInput):
    """An Upload-Checksum in an algorithm that we do not announce."""


def metadata(header: str) -> dict[str, str]:
    """Upload-Metadata by key; a key without a value has an empty one.

    Values are base64 of UTF-8. MalformedInput for a key that is empty or given twice, for bad base64 or bad UTF-8, and
    for more than `MAX_METADATA` characters.
    """
    if len(header) > MAX_METADATA:
        raise MalformedInput(f"Upload-Metadata is too long: {MAX_METADATA} characters are allowed.")
    values: dict[str, str] = {}
    for pair in header.split(",") if header.strip() else ():
        key, _, value = pair.strip(" \t").partition(" ")
        if not _KEY.fullmatch(key):
            raise MalformedInput("Upload-Metadata holds a key that is empty or not ASCII.")
        if key in values:
            raise MalformedInput(f"Upload-Metadata gives “{key}” twice.")
        try:
            values[key] = _decoded(value.strip(" \t")).decode("utf-8")
        except UnicodeDecodeError:
            raise MalformedInput(f"Upload-Metadata gives a “{key}” that is not UTF-8 in base64.") from None
    return values


def metadata_header(values: Mapping[str, str]) -> str:
    """The same as a header; ValueError for a key that cannot stand there."""
    pairs = []
    for key, value in values.items():
        if not _KEY.fullmatch(key):
            raise ValueError(f"“{key}” cannot be a key of Upload-Metadata")
        pairs.append(f"{key} {base64.b64encode(value.encode('utf-8')).decode('ascii')}".rstrip(" "))
    return ",".join(pairs)


def checksum(header: str) -> tuple[str, bytes]:
    """The algorithm (one of `CHECKSUM_ALGORITHMS`) and the digest of an Upload-Checksum header.

    UnknownAlgorithm for another algorithm, MalformedInput for anything else: tus answers both with 400.
    """
    algorithm, _, text = header.strip(" \t").partition(" ")
    size = _DIGEST_SIZES.get(algorithm.lower())
    if size is None:
        raise UnknownAlgorithm(f"Upload-Checksum knows {' and '.join(CHECKSUM_ALGORITHMS)} here.")
    digest = _decoded(text.strip(" \t"))
    if len(digest) != size:
        raise MalformedInput(f"Upload-Checksum gives {len(digest)} bytes; {algorithm.lower()} has {size}.")
    return algorithm.lower(), digest


def checksum_header(algorithm: str, digest: bytes) -> str:
    """The value of an Upload-Checksum header."""
    return f"{algorithm} {base64.b64encode(digest).decode('ascii')}"


def length(header: str, name: str = "Upload-Length") -> int:
    """A count of bytes from Upload-Length or Upload-Offset: 0 to `MAX_LENGTH`, in plain digits."""
    text = header.strip(" \t")
    if not _NUMBER.fullmatch(text) or int(text) > MAX_LENGTH:
        raise MalformedInput(f"{name} has to be a number of bytes, written in digits.")
    return int(text)


def offset(header: str) -> int:
    """The same for Upload-Offset."""
    return length(header, "Upload-Offset")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedInput("A value of this upload's headers is not base64.") from None
