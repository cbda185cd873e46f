"""Looks for what announces itself by mDNS: 360° cameras (`_osc._tcp`) and other hubs (`_onlooker._tcp`)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from ipaddress import ip_address

from zeroconf import Error, IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from onlooker.clock import Clock
from onlooker.discovery.found import Found, Report, Silent, authority, plain

log = logging.getLogger(__name__)

OSC_TYPE = "_osc._tcp.local."
HUB_TYPE = "_onlooker._tcp.local."
MOST_SERVICES = 256
_DETAILS_WITHIN = 1500  # milliseconds that a service has to say where it is
_CLOSE_WITHIN = 2.0


async def look(report: Report, clock: Clock, addresses: Sequence[str], seconds: float, *, own_id: str = "") -> None:
    """Report for so long what announces itself; `own_id` is this hub's, which is left out."""
    if not addresses:
        raise Silent("No network could be asked for 360° cameras. Check this computer's network.")
    try:
        zeroconf = AsyncZeroconf(interfaces=list(addresses), ip_version=IPVersion.V4Only)
    except (Error, OSError) as error:
        log.debug("no mDNS: %s", error)
        raise Silent("mDNS does not work on this computer, so 360° cameras cannot be found by themselves.") from None
    browsing = _Browsing(report, zeroconf, own_id)
    try:
        browser = AsyncServiceBrowser(zeroconf.zeroconf, [OSC_TYPE, HUB_TYPE], handlers=[browsing.changed])
        await clock.sleep(seconds)
        await browser.async_cancel()
    finally:
        await browsing.close()
        with contextlib.suppress(TimeoutError, Error, OSError):
            async with asyncio.timeout(_CLOSE_WITHIN):
                await zeroconf.async_close()


class _Browsing:
    """Asks every service that shows up once where it is; owns the tasks that wait for the answers."""

    def __init__(self, report: Report, zeroconf: AsyncZeroconf, own_id: str) -> None:
        self._report = report
        self._zeroconf = zeroconf
        self._own_id = own_id
        self._asked: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._told: set[Found] = set()

    def changed(self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        """Called by the browser; its arguments are passed by these names."""
        key = (service_type, name)
        if state_change is ServiceStateChange.Removed or key in self._asked or len(self._asked) >= MOST_SERVICES:
            return
        self._asked[key] = asyncio.get_running_loop().create_task(self._ask(service_type, name))

    async def close(self) -> None:
        """End whatever still waits."""
        for task in self._asked.values():
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)

    async def _ask(self, service_type: str, name: str) -> None:
        info = AsyncServiceInfo(service_type, name)
        try:
            if not await info.async_request(self._zeroconf.zeroconf, _DETAILS_WITHIN):
                return
        except (Error, OSError, ValueError) as error:
            log.debug("a service did not say where it is: %s", error)
            return
        found = described(info, self._own_id)
        if found is not None and found not in self._told:
            self._told.add(found)
            self._report(found)


def described(info: AsyncServiceInfo, own_id: str) -> Found | None:
    """The service as something found; None if it is this hub, or says nothing of where it is."""
    address = _best(info.parsed_addresses())
    if address is None or not info.port:
        return None
    instance = plain(info.name.removesuffix(f".{info.type}"))
    if info.type == OSC_TYPE:
        where = authority(address, info.port, 80)
        return Found("osc", f"osc://{where}", instance or f"Camera at {address}", "", where)
    said = info.decoded_properties
    if own_id and said.get("id") == own_id:
        return None
    tls = said.get("tls") == "1"
    where = authority(address, info.port, 443 if tls else 80)
    path = said.get("path") or "/"
    if not path.startswith("/") or path.startswith("//") or plain(path) != path or '"' in path:
        path = "/"
    return Found("hub", f"{'https' if tls else 'http'}://{where}{path}", instance or "Onlooker", "Onlooker", where)


def _best(addresses: Sequence[str]) -> str | None:
    """IPv4 before IPv6, and none that only means something on the network it came by."""
    usable = []
    for text in addresses:
        with contextlib.suppress(ValueError):
            address = ip_address(text)
            if not (address.is_multicast or address.is_unspecified or (address.version == 6 and address.is_link_local)):
                usable.append(address)
    return str(min(usable, key=lambda address: address.version)) if usable else None
