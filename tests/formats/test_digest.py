"""Digests in headers: RFC 9530's own examples, the older form, and everything malformed."""

from __future__ import annotations

import contextlib
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onlooker.errors import MalformedInput
from onlooker.formats.digest import content_digest, sha256_of

# RFC 9530, appendix B.1: {"hello": "world"} and a line feed.
HELLO = hashlib.sha256(b'{"hello": "world"}\n').digest()
TEXT = "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg="


@pytest.mark.parametrize(
    ("header", "digest"),
    [
        (f"sha-256=:{TEXT}:", HELLO),
        (f" sha-512=:AAAA:, sha-256=:{TEXT}: ", HELLO),
        (f"sha-256=:{TEXT}:;by=us, md5=:AAAA:", HELLO),
        (f"SHA-256={TEXT}", HELLO),
        (f"sha-256={TEXT},unixsum=30637", HELLO),
        ("sha-512=:AAAA:", None),
        ("MD5=HUXZLQLMuI/KZ5KDcJPcOA==", None),
    ],
)
def test_headers(header: str, digest: bytes | None) -> None:
    assert sha256_of(header) == digest


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha-256",
        "sha-256=",
        "sha-256=::",
        "sha-256=:AAAA:",
        f"sha-256=:{TEXT}",
        f"sha-256=:{TEXT[:-1]}:",
        f"sha-256=:{TEXT}:,",
        f"sha-256=:{TEXT}: sha-512=:AAAA:",
        "sha-256=" + hashlib.sha256(b"").hexdigest(),
        "x" * 5000,
    ],
)
def test_malformed(header: str) -> None:
    with pytest.raises(MalformedInput):
        sha256_of(header)


@given(st.binary(min_size=32, max_size=32))
def test_what_we_write_we_read(digest: bytes) -> None:
    assert sha256_of(content_digest(digest)) == digest


def test_only_whole_digests_are_written() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        content_digest(b"short")


@given(st.text(max_size=80))
def test_hostile_text(header: str) -> None:
    with contextlib.suppress(MalformedInput):
        sha256_of(header)
