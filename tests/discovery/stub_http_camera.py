"""An HTTP camera of JPEGs behind a password, in a thread."""

from __future__ import annotations

import base64
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

import numpy as np
import simplejpeg

USER, PASSWORD = "viewer", "tulips & roses"


class _Handler(BaseHTTPRequestHandler):
    expected = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    picture = simplejpeg.encode_jpeg(
        np.ascontiguousarray(np.indices((360, 640, 3)).sum(axis=0).astype(np.uint8)), quality=80
    )

    def do_GET(self) -> None:
        allowed = self.headers.get("Authorization") == self.expected
        body = self.picture if allowed else b""
        self.send_response(200 if allowed else 401)
        if not allowed:
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


class LockedCamera:
    """Listens on 127.0.0.1 while inside the `with`."""

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/still.jpg"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
