"""Sizes as people write them."""

from __future__ import annotations

import pytest

from onlooker.errors import ConfigError
from onlooker.formats import size


@pytest.mark.parametrize("text", ["1280x720", "1280X720", " 1280 × 720 "])
def test_a_size(text: str) -> None:
    assert size.parsed(text) == (1280, 720)


@pytest.mark.parametrize("text", ["", "1280", "0x0", "1280x", "-5x7", "99999x99999", "8x8"])
def test_no_size(text: str) -> None:
    with pytest.raises(ConfigError):
        size.parsed(text)
