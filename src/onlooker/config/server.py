"""`[server]`: how the hub listens, whom it trusts, what it logs."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FilePath, model_validator

_PREFIX = re.compile(r"(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*)?")
PATH_KEYS = frozenset({"data", "tls_certificate", "tls_key"})


def _root_path(value: Any) -> Any:
    """“cameras/” and “/cameras” mean the same: “/cameras”."""
    if not isinstance(value, str):
        return value
    trimmed = value.strip().strip("/")
    if not _PREFIX.fullmatch(trimmed):
        raise ValueError(f"“{value}” is not allowed. It takes the path before Onlooker's own, such as /cams")
    return f"/{trimmed}" if trimmed else ""


def _networks(value: Any) -> Any:
    """Addresses and networks, as a list or as one text with commas; always returned as networks."""
    items = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        return value
    try:
        return tuple(str(ipaddress.ip_network(item, strict=False)) for item in items)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{error}. It takes addresses or networks, such as 127.0.0.1 or 10.0.0.0/8") from None


def _addresses(value: Any) -> Any:
    """Addresses, as a list or as one text with commas."""
    items = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        return value
    try:
        return tuple(str(ipaddress.IPv4Address(item)) for item in items)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{error}. It takes IPv4 addresses of this computer, such as 192.168.1.5") from None


class ServerSettings(BaseModel):
    """The keys of `[server]`; each is also an environment variable, `ONLOOKER_` and the key in capitals."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    host: Annotated[str, Field(min_length=1)] = Field(
        "0.0.0.0", description="Address to listen on; 127.0.0.1 for this machine only."
    )
    port: int = Field(5000, ge=0, le=65535, description="Port to listen on; 0 lets the system choose one.")
    data: Path = Field(
        Path("onlooker-data"), description="Folder for accounts and everything stored; relative to the file."
    )
    root_path: Annotated[str, BeforeValidator(_root_path)] = Field(
        "", description="Path prefix under which a reverse proxy shows the hub, such as /cams."
    )
    trusted_proxies: Annotated[tuple[str, ...], BeforeValidator(_networks)] = Field(
        (), description="Addresses or networks of reverse proxies whose X-Forwarded-For and -Proto are believed."
    )
    tls_certificate: FilePath | None = Field(
        None, description="PEM file with the certificate chain; serves HTTPS without a proxy. Needs tls_key."
    )
    tls_key: FilePath | None = Field(None, description="PEM file with the certificate's private key.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least important event to log.")
    log_format: Literal["text", "json"] = Field("text", description="One line an event: key=value text, or JSON.")
    access_log: bool = Field(False, description="Log every HTTP request too.")
    session_days: int = Field(
        30, ge=1, le=3650, description="Days without a visit until a browser has to log in again."
    )
    announce: bool = Field(True, description="Tell the network by mDNS where this hub is, so that others find it.")
    discover_on: Annotated[tuple[str, ...], BeforeValidator(_addresses)] = Field(
        (), description="Addresses of this computer whose networks are searched and told; empty: all."
    )

    @model_validator(mode="after")
    def _both_tls_files(self) -> ServerSettings:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key belong together: set both or neither")
        return self
