"""Digests of a request's bytes in its headers: Content-Digest and Repr-Digest (RFC 9530), and the older Digest."""

from __future__ import annotations

import base64
import binascii
import re

from onlooker.errors import MalformedInput

_MAX_HEADER = 4096
_SHA256 = 32

# One member of a structured field dictionary (RFC 8941) whose value is a byte sequence, with parameters that we skip.
_MEMBER = re.compile(r"([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]*):((?:; *[a-z*][a-z0-9_.*-]*(?:=[^,;]*)?)*)")
# One member of the older header (RFC 3230): the name in any case, the value bare.
_OLD_MEMBER = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]*)=([A-Za-z0-9+/=]+|[0-9A-Fa-f]+)")


def sha256_of(header: str) -> bytes | None:
    """The 32 bytes that the header gives for sha-256, None if it names other algorithms only.

    Reads Content-Digest, Repr-Digest and Digest alike. MalformedInput if the header cannot be read, so that a digest
    with a typing mistake is not passed over in silence.
    """
    if len(header) > _MAX_HEADER:
        raise MalformedInput("The digest header is too long.")
    found: bytes | None = None
    for member in header.split(","):  # neither form can hold a comma inside a value that we accept
        text = member.strip(" \t")
        match = _MEMBER.fullmatch(text) or _OLD_MEMBER.fullmatch(text)
        if match is None:
            raise MalformedInput("The digest header cannot be read. It is written “sha-256=:…:”, the digest in base64.")
        if match[1].lower() == "sha-256":
            found = _decoded(match[2])  # the last one counts, as in every structured field dictionary
    return found


def content_digest(sha256: bytes) -> str:
    """The value of a Content-Digest or Repr-Digest header."""
    if len(sha256) != _SHA256:
        raise ValueError(f"a sha-256 digest has {_SHA256} bytes, not {len(sha256)}")
    return f"sha-256=:{base64.b64encode(sha256).decode('ascii')}:"


def _decoded(text: str) -> bytes:
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != _SHA256:
        raise MalformedInput("The sha-256 digest in the header is not 32 bytes in base64.")
    return digest
