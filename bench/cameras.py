"""What 16 H.264 cameras cost: connected while nobody watches, and four of them decoded to JPEG."""

from __future__ import annotations

from collections.abc import Iterator

from bench.result import Result


def rtsp() -> Iterator[Result]:
    """(e) 16 RTSP cameras H.264 720p15: connected and idle, then four watched as MJPEG."""
    return iter(())
