"""The kind of a photo by its first bytes: ours, everybody else's, and files that are two things at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onlooker.formats.photo import HEAD, PhotoType, sniff
from tests.formats.photos import KINDS, photo


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    body = major + b"\0\0\0\0" + b"".join(compatible)
    return (8 + len(body)).to_bytes(4, "big") + b"ftyp" + body


@pytest.mark.parametrize("kind", KINDS)
def test_what_encoders_write(kind: PhotoType) -> None:
    assert sniff(photo(kind)) is kind
    assert sniff(photo(kind)[:HEAD]) is kind


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (ftyp(b"heic", b"mif1", b"heic"), PhotoType.HEIC),
        (ftyp(b"heix", b"mif1", b"heix"), PhotoType.HEIC),
        (ftyp(b"hevc", b"msf1", b"hevc"), PhotoType.HEIC),
        (ftyp(b"heim"), PhotoType.HEIC),
        (ftyp(b"heis"), PhotoType.HEIC),
        (ftyp(b"mif1", b"mif1", b"heic"), PhotoType.HEIC),
        (ftyp(b"msf1", b"mif1", b"msf1", b"hevc"), PhotoType.HEIC),
        (ftyp(b"mif1", b"miaf", b"avif"), PhotoType.AVIF),
        (ftyp(b"avif", b"mif1", b"miaf"), PhotoType.AVIF),
        (ftyp(b"avis", b"msf1"), PhotoType.AVIF),
        (b"\xff\xd8\xff\xe1<html><script>alert(1)</script>", PhotoType.JPEG),
        (ftyp(b"mif1", b"miaf"), None),
        (ftyp(b"mif1") + b"heicheicheic", None),
        (ftyp(b"isom", b"mp42", b"heic"), None),
        (ftyp(b"qt  "), None),
        (ftyp(b"crx "), None),
        (b"GIF89a/*\xff\xd8\xff", None),
        (b"GIF87a", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"<?xml version='1.0'?><svg/>", None),
        (b"<!DOCTYPE html>\xff\xd8\xff", None),
        (b"%PDF-1.7", None),
        (b"II*\0", None),
        (b"MM\0*", None),
        (b"RIFF\x10\0\0\0WAVEfmt ", None),
        (b"\x89PNG\n\x1a\n", None),
        (b"\xff\xd8", None),
        (b"", None),
    ],
)
def test_first_bytes(head: bytes, kind: PhotoType | None) -> None:
    assert sniff(head) is kind


def test_names() -> None:
    assert [(kind.extension, kind.mime) for kind in PhotoType] == [
        ("jpg", "image/jpeg"),
        ("png", "image/png"),
        ("webp", "image/webp"),
        ("heic", "image/heic"),
        ("avif", "image/avif"),
    ]


@given(st.binary(max_size=HEAD), st.binary(max_size=HEAD))
def test_only_the_first_bytes_count(head: bytes, rest: bytes) -> None:
    full = head.ljust(HEAD, b"\0")
    assert sniff(full) is sniff(full + rest)
