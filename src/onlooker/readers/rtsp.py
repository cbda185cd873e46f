"""How RTSP cameras are opened, by whatever kind of source found out where their video is."""

from __future__ import annotations

from typing import Literal

from onlooker.readers.demux import Input

Transport = Literal["tcp", "udp"]


def rtsp_input(url: str, name: str, transport: Transport, timeout: float) -> Input:
    """What to demux; `name` stands in sentences for people, `timeout` is in seconds, for opening and each silence."""
    return Input(
        url=url,
        name=name,
        format="rtsp",
        options={
            "rtsp_transport": transport,
            "allowed_media_types": "video",
            # Look at as little as possible before the first picture: the camera's SDP says what it sends, and
            # a size that is missing there is read from the first key frame.
            "probesize": "32",
            "analyzeduration": "0",
            "user_agent": "Onlooker",
        },
        open_timeout=timeout,
        read_timeout=timeout,
    )
