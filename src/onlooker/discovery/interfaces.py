"""The addresses of this computer, each of which stands for a network that can be searched."""

from __future__ import annotations

from collections.abc import Sequence

import ifaddr


def own_addresses(only: Sequence[str] = ()) -> tuple[str, ...]:
    """Every IPv4 address of this computer, or those of `only` that it has; its own loopback comes last."""
    found = {ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips if isinstance(ip.ip, str)}
    if only:
        # All of 127.0.0.0/8 is this computer, whatever its interfaces say.
        return tuple(address for address in only if address in found or address.startswith("127."))
    return tuple(sorted(found, key=lambda address: (address.startswith("127."), address)))
