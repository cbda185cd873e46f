"""What a search turned up, as values that are safe to show: short, printable, without a password."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal

Kind = Literal["onvif", "osc", "usb", "hub"]
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Found:
    """A camera that could be added, or (`hub`) another Onlooker.

    `url` is what a camera's `source` takes, without a password; a hub's is its page. `address` says where it is, for
    people. `needs_password` is None as long as nobody asked it for a picture.
    """

    kind: Kind
    url: str
    title: str
    model: str = ""
    address: str = ""
    needs_password: bool | None = None


Report = Callable[[Found], None]


class Silent(Exception):
    """A way to search did not work here; the text is a sentence for people."""


def plain(text: str) -> str:
    """A text from the network as one short printable line."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * _LONGEST])
    line = " ".join(shown.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def authority(address: str, port: int | None, usual: int) -> str:
    """Host and port as a URL has them; the usual port is left out. ValueError if this is no address."""
    host = ip_address(address)
    shown = f"[{host}]" if host.version == 6 else str(host)
    return shown if port is None or port == usual else f"{shown}:{port}"
