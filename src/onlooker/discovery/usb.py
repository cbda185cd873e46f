"""Looks for cameras at this computer."""

from __future__ import annotations

import asyncio
import re

from onlooker.discovery.found import Found, Report, plain
from onlooker.sources.usb import webcams


async def look(report: Report) -> None:
    """Report what is plugged in now."""
    for webcam in await asyncio.to_thread(webcams):
        number = re.fullmatch(r"/dev/video(\d+)", webcam.path)
        url = f"usb:{number[1]}" if number else f"v4l2:{webcam.path}"
        name = plain(webcam.name)
        report(Found("usb", url, name, name, webcam.path, needs_password=False))
