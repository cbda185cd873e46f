"""A camera that answers WS-Discovery on the loopback, as it is told to."""

from __future__ import annotations

import socket
import struct
import threading
from types import TracebackType
from typing import Self

from onlooker.formats.ws_discovery import GROUP
from tests.formats.test_ws_discovery import answer


def device(endpoint: str, address: str, types: str = "dn:NetworkVideoTransmitter", name: str = "Yard") -> bytes:
    """The answer of one device."""
    return answer(
        f"<d:ProbeMatch><w:EndpointReference><w:Address>{endpoint}</w:Address></w:EndpointReference>"
        f"<d:Types>{types}</d:Types><d:Scopes>onvif://www.onvif.org/name/{name} onvif://www.onvif.org/hardware/M1"
        f"</d:Scopes><d:XAddrs>{address}</d:XAddrs></d:ProbeMatch>"
    )


class StubCamera:
    """Joins the group on 127.0.0.1 at a port of its own, and sends all `answers` from `sender` to whoever asks."""

    def __init__(self, *answers: bytes, sender: str = "127.0.0.1") -> None:
        self.asked: list[bytes] = []
        self._answers = answers
        self._sender = sender

    def __enter__(self) -> Self:
        self._group = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._group.bind((GROUP, 0))
        membership = struct.pack("=4s4s", socket.inet_aton(GROUP), socket.inet_aton("127.0.0.1"))
        self._group.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        self.port = self._group.getsockname()[1]
        self._own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._own.bind((self._sender, 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
            last.sendto(b"end", (GROUP, self.port))
        self._thread.join(10)
        self._group.close()
        self._own.close()

    def _serve(self) -> None:
        while True:
            question, whom = self._group.recvfrom(65536)
            if question == b"end":
                return
            self.asked.append(question)
            for one in self._answers:
                self._own.sendto(one, whom)
