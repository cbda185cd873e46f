"""RTSP without a server: what is wrong with a URL or an option is said before anything is opened."""

from __future__ import annotations

import pytest

from onlooker.errors import ConfigError
from onlooker.sources.rtsp import Source


@pytest.mark.parametrize("url", ["rtsp:", "rtsp://", "rtsp://host:port/x", "rtsp:///path"])
def test_urls_without_an_address(url: str) -> None:
    with pytest.raises(ConfigError, match="rtsp://user:password@"):
        Source(url)


def test_a_timeout_is_a_time() -> None:
    with pytest.raises(ConfigError, match="timeout"):
        Source("rtsp://host/x", timeout=0)
