"""The web side's own options, as config.py hands them over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from onlooker.errors import ConfigError

_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*\Z")


@dataclass(frozen=True, slots=True)
class WebOptions:
    """How the hub is reached and how long a log-in lasts; wrong values raise ConfigError.

    `root_path` is the path under which a proxy shows the hub ("/cameras"; empty: the top). `trusted_proxies` are the
    addresses or networks whose X-Forwarded-* headers are believed. `session_days` is how long a log-in lasts without a
    visit; half-way through, a visit prolongs it.
    """

    root_path: str = ""
    trusted_proxies: tuple[str, ...] = ()
    session_days: int = 30

    def __post_init__(self) -> None:
        if not is_prefix(self.root_path):
            raise ConfigError(
                f"root_path is “{self.root_path}”; it is empty or like “/cams”, with no slash at the end."
            )
        if not 1 <= self.session_days <= 3650:
            raise ConfigError(f"session_days is {self.session_days}; it is a number of days from 1 to 3650.")
        self.networks()

    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The trusted proxies as networks."""
        try:
            return tuple(ip_network(proxy, strict=False) for proxy in self.trusted_proxies)
        except ValueError as error:
            raise ConfigError(
                f"trusted_proxies: {error}. Each is an address or a network, like “127.0.0.1” or “10.0.0.0/8”."
            ) from None


def is_prefix(path: str) -> bool:
    """Whether this can be a path prefix: empty, or segments without a slash at the end."""
    return _PREFIX.match(path) is not None and "/." not in path
