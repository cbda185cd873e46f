"""A network camera that can be switched off and on: MJPEG over HTTP on one port."""

from __future__ import annotations

import asyncio
import io
from itertools import count

from aiohttp import web
from PIL import Image


class MjpegCamera:
    """Sends ten pictures a second whose grey changes, while it is switched on."""

    def __init__(self) -> None:
        self._port = 0
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/stream"

    async def start(self) -> None:
        """Switch it on, the second time on the same port."""
        app = web.Application()
        app.router.add_get("/stream", self._stream)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Switch it off; its connections are cut."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "multipart/x-mixed-replace;boundary=frame"})
        await response.prepare(request)
        for number in count():
            jpeg = _picture(number * 16 % 256)
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            await response.write(head.encode() + jpeg + b"\r\n")
            await asyncio.sleep(0.1)
        return response


def _picture(grey: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 180), (grey, grey, grey)).save(out, "JPEG")
    return out.getvalue()
