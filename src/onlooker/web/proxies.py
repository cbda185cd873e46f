"""Reads what a trusted proxy says of the request (client, scheme, host, prefix), and believes nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.datastructures import Headers
from starlette.types import Scope

from onlooker.web.options import WebOptions, is_prefix


class Proxies:
    """Rewrites a scope to what the visitor's browser sees."""

    def __init__(self, options: WebOptions) -> None:
        self._root_path = options.root_path
        self._networks = options.networks()

    def seen(self, scope: Scope) -> Scope:
        """A copy of an http or websocket scope with client, scheme, host and root_path as the visitor has them.

        `path` begins with `root_path` afterwards, as ASGI has it. X-Forwarded-Prefix names what the proxy took away, so
        it is always put back; a configured root_path is put back where the proxy took it away.
        """
        seen = dict(scope)
        root_path = self._root_path
        stripped = False
        peer = _address(scope["client"][0]) if scope.get("client") else None
        if peer is not None and self._trusts(peer):
            headers = Headers(scope=scope)
            seen["client"] = (str(self._visitor(peer, headers)), 0)
            if (scheme := headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()) in ("http", "https"):
                seen["scheme"] = scheme if scope["type"] == "http" else scheme.replace("http", "ws")
            if host := headers.get("x-forwarded-host", "").rpartition(",")[2].strip():
                kept = [(name, value) for name, value in scope["headers"] if name != b"host"]
                seen["headers"] = [(b"host", host.encode("latin-1")), *kept]
            if (prefix := headers.get("x-forwarded-prefix", "").strip().rstrip("/")) and is_prefix(prefix):
                root_path, stripped = prefix, True
        seen["root_path"] = root_path
        path = scope["path"]
        if root_path and (stripped or (path != root_path and not path.startswith(root_path + "/"))):
            seen["path"] = root_path + path
        return seen

    def _trusts(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._networks)

    def _visitor(self, peer: IPv4Address | IPv6Address, headers: Headers) -> IPv4Address | IPv6Address:
        """The nearest hop that is no trusted proxy; anything further left may be invented by it."""
        visitor = peer
        for hop in _hops(headers):
            address = _address(hop)
            if address is None:
                break
            visitor = address
            if not self._trusts(address):
                break
        return visitor


def _hops(headers: Headers) -> Iterator[str]:
    for line in reversed(headers.getlist("x-forwarded-for")):
        yield from reversed(line.split(","))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies write it: bare, with a port, in brackets, or IPv4 inside IPv6."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
