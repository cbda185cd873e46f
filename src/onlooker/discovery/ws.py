"""Looks for ONVIF cameras: WS-Discovery probes over UDP multicast, from every address of this computer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import uuid
from collections.abc import Sequence
from urllib.parse import urlsplit

from onlooker.clock import Clock
from onlooker.discovery.found import Found, Report, Silent, authority, plain
from onlooker.errors import MalformedInput
from onlooker.formats import ws_discovery
from onlooker.formats.ws_discovery import DEVICE, GROUP, PORT, VIDEO_TRANSMITTER, Match

log = logging.getLogger(__name__)

MOST_DEVICES = 256
MOST_ANSWERS = 4096  # datagrams a search reads: more are a flood
_ASK_AGAIN = (0.0, 0.4, 1.2)  # seconds: datagrams get lost, and asleep cameras need a nudge
_HOPS = 2
_CAMERA_TYPES = {"NetworkVideoTransmitter", "Device", "NetworkVideoDisplay", "NetworkVideoStorage", ""}


async def look(report: Report, clock: Clock, addresses: Sequence[str], seconds: float, *, port: int = PORT) -> None:
    """Report ONVIF devices for so long; `port` is another one for tests."""
    listener = _Listener(report)
    async with contextlib.AsyncExitStack() as stack:
        senders = []
        for address in addresses:
            if (sender := await _open(address, listener)) is not None:
                stack.callback(sender.close)
                senders.append(sender)
        if not senders:
            raise Silent("No network could be asked for ONVIF cameras. Check this computer's network.")
        began = clock.monotonic()
        for moment in _ASK_AGAIN:
            if moment >= seconds:
                break
            await clock.sleep(max(0.0, began + moment - clock.monotonic()))
            for sender in senders:
                _ask(sender, port)
        await clock.sleep(max(0.0, began + seconds - clock.monotonic()))


class _Listener(asyncio.DatagramProtocol):
    """Takes the answers of all sockets of one search; one device is reported once."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._seen: set[str] = set()
        self._answers = 0
        self._devices = 0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._answers += 1
        if self._answers > MOST_ANSWERS:
            return
        try:
            found = ws_discovery.matches(data)
        except MalformedInput as error:
            log.debug("%s (from %s)", error, addr[0])
            return
        for match in found:
            self._note(match, addr[0])

    def error_received(self, exc: Exception) -> None:
        log.debug("a WS-Discovery probe was not delivered: %s", exc)

    def _note(self, match: Match, sender: str) -> None:
        device = described(match, sender)
        if device is None:
            return
        # A device with two addresses has one endpoint; one at one address may make up an endpoint for each answer.
        names = {name for name in (match.endpoint, device.url) if name}
        known = bool(names & self._seen)
        if not known and self._devices == MOST_DEVICES:
            return
        if len(self._seen) < 4 * MOST_DEVICES:
            self._seen |= names
        if not known:
            self._devices += 1
            self._report(device)


def described(match: Match, sender: str) -> Found | None:
    """The device as a camera that can be added; None if it says that it is something else, or where it is not.

    It is reached where its answer came from: many cameras believe in an address that they do not have.
    """
    if match.types and not _CAMERA_TYPES & set(match.types):
        return None
    ports = [port for address in match.addresses if (port := _port(address)) is not None]
    if not ports:
        return None
    try:
        where = authority(sender, ports[0], 80)
    except ValueError:
        return None
    name, hardware = plain(match.said("name")), plain(match.said("hardware"))
    title = name or hardware or f"Camera at {sender}"
    return Found("onvif", f"onvif://{where}", title, hardware, where)


def _port(address: str) -> int | None:
    """The port of an http(s) address of a device's service; None where it is none."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return None
    return port or (443 if parts.scheme == "https" else 80)


async def _open(address: str, listener: _Listener) -> asyncio.DatagramTransport | None:
    endpoint = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        endpoint.setblocking(False)
        endpoint.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        endpoint.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _HOPS)
        endpoint.bind((address, 0))
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: listener, sock=endpoint)
        return transport
    except OSError as error:
        log.debug("no WS-Discovery from %s: %s", address, error)
        endpoint.close()
        return None


def _ask(sender: asyncio.DatagramTransport, port: int) -> None:
    for kind in (VIDEO_TRANSMITTER, DEVICE):
        try:
            sender.sendto(ws_discovery.probe(f"uuid:{uuid.uuid4()}", kind), (GROUP, port))
        except OSError as error:  # no route for multicast there
            log.debug("no WS-Discovery probe was sent: %s", error)
