"""WS-Discovery over UDP (SOAP 1.2, April 2005): the question “who is there?”, and what network cameras answer.

Answers come from whoever is in the network, so everything about them is bounded, and what does not fit is left out.
Source: OASIS/MSDN WS-Discovery 2005/04, ONVIF Core Specification chapter 7.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote
from xml.sax.saxutils import escape

from onlooker.errors import MalformedInput

GROUP, PORT = "239.255.255.250", 3702
LARGEST = 32 * 1024  # bytes in an answer; real ones have one or two thousand
_MOST_MATCHES = 16
_MOST_WORDS = 64
_LONGEST_WORD = 512

_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
_PROBE_ACTION = f"{_DISCOVERY}/Probe"
_DECLARATION = re.compile(r"<!(?!--|\[CDATA\[)")
_ONVIF_SCOPE = "onvif://www.onvif.org/"

# What is asked for: the type's name with its namespace. Some cameras answer to the one only, some to the other.
VIDEO_TRANSMITTER = ("http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter")
DEVICE = ("http://www.onvif.org/ver10/device/wsdl", "Device")


@dataclass(frozen=True, slots=True)
class Match:
    """One device that answered. `endpoint` is its own lasting name, `addresses` are URLs of its services."""

    endpoint: str
    types: tuple[str, ...]  # without their namespaces
    scopes: tuple[str, ...]
    addresses: tuple[str, ...]

    def said(self, about: str) -> str:
        """What its scopes say about "name", "hardware" or "location"; empty where they do not."""
        start = f"{_ONVIF_SCOPE}{about}/"
        return next((unquote(one[len(start) :]) for one in self.scopes if one.lower().startswith(start)), "")


def probe(message_id: str, kind: tuple[str, str]) -> bytes:
    """The question for devices of this kind; `message_id` is a URI of its own each time."""
    namespace, name = kind
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<s:Envelope xmlns:s="{_SOAP}" xmlns:a="{_ADDRESSING}" xmlns:d="{_DISCOVERY}" xmlns:k="{namespace}">'
        f'<s:Header><a:Action s:mustUnderstand="1">{_PROBE_ACTION}</a:Action>'
        f"<a:MessageID>{escape(message_id)}</a:MessageID>"
        '<a:To s:mustUnderstand="1">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>'
        f"<s:Body><d:Probe><d:Types>k:{name}</d:Types></d:Probe></s:Body></s:Envelope>"
    ).encode()


def matches(datagram: bytes) -> list[Match]:
    """The devices in an answer; MalformedInput where it is none, so also for other people's questions."""
    if len(datagram) > LARGEST:
        raise MalformedInput("A WS-Discovery answer is larger than any camera's.")
    try:
        text = datagram.decode("utf-8-sig").rstrip("\0 \r\n\t")
    except UnicodeDecodeError:
        raise MalformedInput("A WS-Discovery answer is not UTF-8.") from None
    if _DECLARATION.search(text):
        # SOAP forbids them; with them, a short text can become an endless one.
        raise MalformedInput("A WS-Discovery answer has a document type.")
    try:
        root = ET.fromstring(text)
    except (ET.ParseError, ValueError, RecursionError):
        raise MalformedInput("A WS-Discovery answer is not XML.") from None
    found = [match for node in _named(root, "ProbeMatch", _MOST_MATCHES) if (match := _match(node)) is not None]
    if not found:
        raise MalformedInput("There is no device in a WS-Discovery answer.")
    return found


def _match(node: ET.Element) -> Match | None:
    endpoint = next((_text(one) for one in _named(node, "Address", 1)), "")
    types = tuple(word.rpartition(":")[2] for word in _words(node, "Types"))
    scopes, addresses = _words(node, "Scopes"), _words(node, "XAddrs")
    return Match(endpoint, types, scopes, addresses) if endpoint or addresses else None


def _words(node: ET.Element, name: str) -> tuple[str, ...]:
    said = next((_text(one) for one in _named(node, name, 1)), "")
    return tuple(word for word in said.split()[:_MOST_WORDS] if len(word) <= _LONGEST_WORD)


def _text(node: ET.Element) -> str:
    return (node.text or "").strip()[:LARGEST]


def _named(node: ET.Element, name: str, most: int) -> Iterator[ET.Element]:
    """Elements of this local name: devices are not exact about namespaces."""
    count = 0
    for one in node.iter():
        if isinstance(one.tag, str) and one.tag.rpartition("}")[2] == name:
            yield one
            count += 1
            if count == most:
                return
