"""The client of the uploads: phones that send photos to one album, each on a connection of its own.

    python -m bench.uploader PORT AUTHORIZATION FOLDER CLIENTS [RATE]

Reads the photos of FOLDER into memory, then sends each once: as fast as the answers come, or RATE a second. The caption
of the first, by name, is “n1”, and so on. Prints one line of JSON: the seconds it took, and for each photo its number,
when it was sent (seconds since 1970), and how many seconds its answer took. Ends when its standard input does.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PATIENCE = 60.0  # seconds for an answer


class Phones:
    """Sends photos over as many connections as there are threads that call it."""

    def __init__(self, port: int, authorization: str) -> None:
        self._port = port
        self._headers = {"Authorization": authorization, "Content-Type": "image/jpeg"}
        self._own = threading.local()

    def send(self, number: int, photo: bytes, due: float) -> tuple[int, float, float]:
        """Its number, when it was sent, and how long that took; RuntimeError unless it is new and stored."""
        time.sleep(max(0.0, due - time.monotonic()))
        began = time.time()
        connection = self._connection()
        connection.request("POST", f"/api/v1/albums/bench/photos?caption=n{number}", photo, self._headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 201:
            raise RuntimeError(f"photo {number} was answered {answer.status}: {text[:300].decode()}")
        return number, began, time.time() - began

    def _connection(self) -> http.client.HTTPConnection:
        if not hasattr(self._own, "connection"):
            self._own.connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        connection: http.client.HTTPConnection = self._own.connection
        return connection


def main(port: str, authorization: str, folder: str, clients: str, rate: str = "0") -> None:
    """Send them all."""
    photos = [file.read_bytes() for file in sorted(Path(folder).iterdir())]
    phones = Phones(int(port), authorization)
    beat = 1 / float(rate) if float(rate) else 0.0
    with ThreadPoolExecutor(int(clients)) as threads:
        began = time.monotonic()
        sent = [
            threads.submit(phones.send, number, photo, began + beat * number) for number, photo in enumerate(photos, 1)
        ]
        waits = [one.result() for one in sent]
        seconds = time.monotonic() - began
    print(json.dumps({"seconds": seconds, "sent": waits}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
