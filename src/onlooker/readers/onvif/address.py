"""Where a camera is: the addresses that it names are often wrong, and are brought home to the one that worked."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from onlooker.errors import ConfigError, SourceRefused

_EXAMPLE = (
    "An ONVIF source needs the camera's address, as in onvif://user:password@192.168.1.20; "
    "characters such as @ : / # in a password are written as %40 %3A %2F %23."
)
_HTTP = 80
_PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322}


class Address:
    """What an `onvif://` URL says. `host` and `port` are those that we reach the camera at; `shown` names it."""

    def __init__(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
        except ValueError:
            raise ConfigError(_EXAMPLE) from None
        if parts.scheme.lower() != "onvif" or not host or set(query) - {"profile"}:
            raise ConfigError(_EXAMPLE)
        self.user = unquote(parts.username) if parts.username else None
        self.password = unquote(parts.password or "")
        self.profile = query.get("profile", "")
        self.host = f"[{host}]" if ":" in host else host
        self.port = port or _HTTP
        self.shown = f"{self.host}:{port}" if port else self.host
        self.device = f"http://{self.host}:{self.port}/onvif/device_service"
        self._claimed_port: int | None = None

    def claimed(self, device_url: str) -> None:
        """The camera says that its device service is there: whatever port it names stands for ours."""
        try:
            parts = urlsplit(device_url)
            self._claimed_port = parts.port or _PORTS.get(parts.scheme.lower())
        except ValueError:
            self._claimed_port = None

    def home(self, url: str) -> str:
        """A web address of the camera, at the host that worked and without credentials.

        Its port is the one that worked too, where it is the one that the camera believes to be reached at; another one
        (a camera may have its events elsewhere) is kept.
        """
        scheme, port, path, query = self._parts(url, ("http", "https"))
        if port == self._claimed_port or (self._claimed_port is None and port == _PORTS[scheme]):
            scheme, port = "http", self.port
        return urlunsplit((scheme, f"{self.host}:{port}", path, query, ""))

    def with_login(self, url: str, schemes: tuple[str, ...]) -> str:
        """An address for pictures, at the host that worked, with our credentials in it."""
        if schemes[0] == "http":
            home = self.home(url)
            scheme, _, rest = home.partition("://")
            return f"{scheme}://{self._login()}{rest}"
        scheme, port, path, query = self._parts(url, schemes)
        where = self.host if port == _PORTS[scheme] else f"{self.host}:{port}"
        return urlunsplit((scheme, f"{self._login()}{where}", path, query, ""))

    def _login(self) -> str:
        return f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.user else ""

    def _parts(self, url: str, schemes: tuple[str, ...]) -> tuple[str, int, str, str]:
        try:
            parts = urlsplit(url if "://" in url else f"{schemes[0]}://{self.host}:{self.port}/{url.lstrip('/')}")
            scheme = parts.scheme.lower()
            port = parts.port or _PORTS.get(scheme, 0)
        except ValueError:
            scheme, port = "", 0
        if scheme not in schemes or not port:
            raise SourceRefused(
                f"The camera at {self.shown} names an address that cannot be used. Update its firmware."
            )
        return scheme, port, parts.path, parts.query
