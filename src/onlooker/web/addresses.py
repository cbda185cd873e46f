"""At which URLs a hub can be reached: on this machine, and from others in its network."""

from __future__ import annotations

import socket
from dataclasses import dataclass

EVERY_ADDRESS = ("0.0.0.0", "::")


@dataclass(frozen=True, slots=True)
class Addresses:
    """URLs that end in a slash: `here` works on this machine, `lan` from others in the network."""

    here: str
    lan: tuple[str, ...]

    @property
    def to_share(self) -> str:
        """The one that works for most."""
        return (self.lan or (self.here,))[0]


def addresses(host: str, port: int, *, tls: bool, prefix: str) -> Addresses:
    """The URLs of a hub that listens there; `prefix` is its root_path."""
    scheme = "https" if tls else "http"

    def url(address: str) -> str:
        shown = f"[{address}]" if ":" in address else address
        return f"{scheme}://{shown}:{port}{prefix}/"

    if host not in EVERY_ADDRESS:
        return Addresses(url(host), ())
    return Addresses(url("127.0.0.1"), tuple(url(address) for address in _own()))


def _own() -> list[str]:
    """This machine's address in its network: the one a packet to the outside would leave from; none is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737: an address that is nobody's
        except OSError:
            return []
        address: str = probe.getsockname()[0]
    return [] if address.startswith("127.") else [address]
