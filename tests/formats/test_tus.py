"""The headers of tus: read, written, malformed."""

from __future__ import annotations

import base64
import contextlib
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onlooker.errors import MalformedInput
from onlooker.formats import tus

KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=","), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("", {}),
        ("filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential",  # the protocol's own example
         {"filename": "world_domination_plan.pdf", "is_confidential": ""}),
        ("caption w5ZtbQ==, author QQ==", {"caption": "Ömm", "author": "A"}),
        ("empty ", {"empty": ""}),
    ],
)  # fmt: skip
def test_metadata(header: str, values: dict[str, str]) -> None:
    assert tus.metadata(header) == values


@pytest.mark.parametrize(
    "header",
    [",", "a QQ==,", "a QQ==,a QQ==", " ,a", "a ???", "a QQ", "a QQ== QQ==", "a /w==", "ä QQ==", "a " + "A" * 9000],
)
def test_malformed_metadata(header: str) -> None:
    with pytest.raises(MalformedInput):
        tus.metadata(header)


@given(st.dictionaries(KEYS, st.text(max_size=20), max_size=5))
def test_metadata_written_is_read(values: dict[str, str]) -> None:
    assert tus.metadata(tus.metadata_header(values)) == values


@pytest.mark.parametrize("key", ["", "a b", "a,b", "ä"])
def test_unfit_key(key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        tus.metadata_header({key: "x"})


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_checksum(algorithm: str) -> None:
    digest = hashlib.new(algorithm, b"hello").digest()
    assert tus.checksum(tus.checksum_header(algorithm, digest)) == (algorithm, digest)
    assert tus.checksum(f"{algorithm.upper()} {base64.b64encode(digest).decode()}") == (algorithm, digest)


def test_malformed_checksum() -> None:
    with pytest.raises(tus.UnknownAlgorithm):
        tus.checksum("md5 AAAA")
    for header in ("", "sha1", "sha1 AAAA", "sha1 ???", "sha256 " + base64.b64encode(b"x" * 20).decode()):
        with pytest.raises(MalformedInput):
            tus.checksum(header)


def test_lengths() -> None:
    assert tus.length("0") == 0
    assert tus.offset(" 42 ") == 42
    assert tus.length(str(tus.MAX_LENGTH)) == tus.MAX_LENGTH
    for text in ("", "-1", "+1", "1.0", "1e3", "0x10", "²", "1 2", str(tus.MAX_LENGTH + 1), "9" * 400):
        with pytest.raises(MalformedInput, match="Upload-Offset"):
            tus.offset(text)


@given(st.text(max_size=80))
def test_hostile_text(header: str) -> None:
    for read in (tus.metadata, tus.checksum, tus.length):
        with contextlib.suppress(MalformedInput):
            read(header)
