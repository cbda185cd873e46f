"""RTSP cameras: H.264, H.265 and MJPEG over TCP or UDP, with Basic and Digest passwords."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from urllib.parse import urlsplit

from onlooker.clock import Clock
from onlooker.errors import ConfigError
from onlooker.media import Media
from onlooker.readers.demux import demux
from onlooker.readers.rtsp import Transport, rtsp_input

SCHEMES = ("rtsp", "rtsps")


class Source:
    """One connection to an RTSP camera.

    Options:
        transport: "tcp" arrives whole; "udp" is for cameras that cannot do TCP, and loses pictures on a poor network.
        timeout: seconds without an answer or a picture after which the connection counts as lost.
    """

    def __init__(self, url: str, *, transport: Transport = "tcp", timeout: float = 10.0) -> None:
        if timeout <= 0:
            raise ConfigError(f"timeout must be more than 0 seconds, not {timeout:g}.")
        self._input = rtsp_input(url, f"The camera at {_address(url)}", transport, timeout)

    async def run(self, clock: Clock) -> AsyncGenerator[Media]:
        async with aclosing(demux(self._input, clock)) as media:
            async for item in media:
                yield item


def _address(url: str) -> str:
    """Host and port, which name the camera without any secret of its URL; ConfigError if there are none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host:
        raise ConfigError("An RTSP source needs the camera's address, as in rtsp://user:password@192.168.1.20/stream1.")
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port}" if port else shown
