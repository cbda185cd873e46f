"""Makes every picture of a Motion JPEG stream a JPEG that a browser can show by itself."""

from __future__ import annotations

from onlooker.errors import MalformedInput
from onlooker.formats import jpeg

_TABLES, _START_OF_SCAN = 0xC4, 0xDA

# The typical Huffman tables (ITU-T T.81, annex K.3), as the segments that many a webcam leaves out of its pictures.
_STANDARD_TABLES = bytes.fromhex(
    """
    ffc4001f0000010501010101010100000000000000000102030405060708090a0bffc400b5100002010303020403050504040000017d0102
    0300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a43
    4445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9
    aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9faffc4001f01000301
    01010101010101010000000000000102030405060708090a0bffc400b5110002010204040304070504040001027700010203110405213106
    1241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a434445464748494a
    535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6
    b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa
    """
)


def complete(data: bytes) -> bytes:
    """The picture without padding behind it and with Huffman tables; MalformedInput if it is damaged or cut short.

    A picture that is complete already comes back as the same object.
    """
    end = jpeg.end(data)
    if end != len(data):
        data = data[:end]
    at, has_tables = _before_scan(data)
    return data if has_tables else data[:at] + _STANDARD_TABLES + data[at:]


def _before_scan(data: bytes) -> tuple[int, bool]:
    """Where the first scan starts, and whether a Huffman table stands before it."""
    at, has_tables = 2, False
    while at + 4 <= len(data):
        code = data[at + 1]
        if code == _START_OF_SCAN:
            return at, has_tables
        if code == 0xFF:  # a fill byte
            at += 1
            continue
        has_tables = has_tables or code == _TABLES
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    raise MalformedInput("This JPEG has no scan.")
