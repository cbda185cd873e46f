"""Lets others in the network find this hub, by mDNS: `_onlooker._tcp` for other hubs, `_http._tcp` for browsers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field

from zeroconf import Error, IPVersion
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from onlooker.discovery.interfaces import own_addresses
from onlooker.discovery.mdns import HUB_TYPE

log = logging.getLogger(__name__)

HTTP_TYPE = "_http._tcp.local."
_LEAVE_WITHIN = 1.5  # seconds: whoever stops the hub does not wait longer for a network that is gone


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is told: `id` names this run of the hub, `path` is its prefix; `addresses` are where it listens."""

    id: str
    port: int
    path: str = ""
    tls: bool = False
    addresses: Sequence[str] = field(default_factory=own_addresses)


async def announce(what: Announcement) -> None:
    """Announce the hub until cancelled. Where the network does not let it, the log says so and nothing else happens."""
    addresses = [one for one in what.addresses if not one.startswith("127.")] or list(what.addresses)
    if not addresses:
        log.warning("the hub is not announced: this computer has no network")
        return
    try:
        zeroconf = AsyncZeroconf(interfaces=addresses, ip_version=IPVersion.V4Only)
    except (Error, OSError) as error:
        log.warning("the hub is not announced: %s", error)
        return
    try:
        for info in _services(what, addresses):
            await (await zeroconf.async_register_service(info, allow_name_change=True))
        log.info("announced in the network", extra={"addresses": ", ".join(addresses)})
        await asyncio.Event().wait()  # until cancelled
    except (Error, OSError) as error:
        log.warning("the hub is not announced: %s", error)
    finally:
        with contextlib.suppress(TimeoutError, Error, OSError):
            async with asyncio.timeout(_LEAVE_WITHIN):
                await zeroconf.async_close()


def _services(what: Announcement, addresses: Sequence[str]) -> list[AsyncServiceInfo]:
    host = socket.gethostname().partition(".")[0] or "hub"
    said = {"path": f"{what.path}/", "id": what.id} | ({"tls": "1"} if what.tls else {})
    # A browser that looks for `_http._tcp` would speak plain HTTP to a hub that only speaks HTTPS.
    types = [HUB_TYPE] if what.tls else [HUB_TYPE, HTTP_TYPE]
    return [
        AsyncServiceInfo(
            one,
            f"Onlooker on {host[:40]}.{one}",
            port=what.port,
            properties=said,
            server=f"onlooker-{what.id[:12]}.local.",
            parsed_addresses=list(addresses),
        )
        for one in types
    ]
