"""Writes SOAP requests for ONVIF cameras with onvif-zeep-async; import this module in a thread, it takes its time."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lxml import etree

from onlooker.formats.onvif import Node
from onlooker.formats.onvif_answers import MEDIA2

# The library turns logging on for the whole program when it is imported, unless somebody did before.
_guard = logging.NullHandler()
logging.getLogger().addHandler(_guard)
try:
    import onvif
    from onvif.client import ONVIFService, UsernameDigestTokenDtDiff, ZeepAsyncClient
    from onvif.definition import SERVICES
    from onvif.wsa import WsAddressingIfMissingPlugin
    from zeep import Settings
finally:
    logging.getLogger().removeHandler(_guard)

_WSDL = Path(onvif.__file__).parent / "wsdl"
_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_WSA = "http://www.w3.org/2005/08/addressing"

Params = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be sent."""

    body: bytes
    headers: dict[str, str]


class Requests:
    """Writes for one camera. `ahead` is by how many seconds its clock is ahead of ours."""

    def __init__(self, user: str | None, password: str) -> None:
        self._user = user
        self._password = password
        self.ahead = 0.0

    async def write(
        self, service: str, operation: str, address: str, headers: tuple[Node, ...], login: bool, params: Params
    ) -> Message:
        """A request to one of the library's services, like "ptz"; `headers` are those that the camera wants back."""
        client = ZeepAsyncClient(
            wsdl=await _document(service),
            wsse=self._token() if login else None,
            transport=_Catching(),
            settings=Settings(strict=False, raw_response=True),
            plugins=[WsAddressingIfMissingPlugin()],
        )
        proxy = client.create_service(_binding(service), address)
        written: Message = await proxy[operation](**params, _soapheaders=[_element(node) for node in headers])
        return written

    def write_media2(self, operation: str, params: Params) -> Message:
        """A request to the second media service, which the library does not know."""
        envelope = etree.Element(f"{{{_SOAP}}}Envelope", nsmap={"s": _SOAP, "m": MEDIA2})
        etree.SubElement(envelope, f"{{{_SOAP}}}Header")
        body = etree.SubElement(envelope, f"{{{_SOAP}}}Body")
        asked = etree.SubElement(body, f"{{{MEDIA2}}}{operation}")
        for name, value in params.items():
            etree.SubElement(asked, f"{{{MEDIA2}}}{name}").text = str(value)
        token = self._token()
        if token is not None:
            envelope, _ = token.apply(envelope, {})
        kind = f'application/soap+xml; charset=utf-8; action="{MEDIA2}/{operation}"'
        return Message(_bytes(envelope), {"Content-Type": kind})

    def in_seconds(self, seconds: int) -> str:
        """That instant on the camera's clock, for those that do not understand “in a minute”."""
        moment = datetime.now(UTC) + timedelta(seconds=self.ahead + seconds)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def _token(self) -> Any:
        if not self._user:
            return None
        return UsernameDigestTokenDtDiff(
            self._user, self._password, dt_diff=timedelta(seconds=self.ahead), use_digest=True
        )


class _Catching:
    """Stands where the library sends: what it has written is given back instead."""

    async def post_xml(self, address: str, envelope: Any, headers: dict[str, str]) -> Message:
        return Message(_bytes(envelope), dict(headers))


def _bytes(envelope: Any) -> bytes:
    written: bytes = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
    return written


def _binding(service: str) -> str:
    known = SERVICES[service]
    return f"{{{known['ns']}}}{known['binding']}"


_documents: dict[str, Any] = {}


async def _document(service: str) -> Any:
    """The library's description of a service; read once, in a thread."""
    path = str(_WSDL / SERVICES[service]["wsdl"])
    if path not in _documents:
        opened = ONVIFService("http://localhost", None, None, path, no_cache=True, binding_name=_binding(service))
        try:
            await opened.setup()
        finally:
            await opened.close()
        _documents[path] = opened.document
    return _documents[path]


def _element(node: Node) -> Any:
    """A reference parameter as a header of ours (WS-Addressing 1.0, SOAP binding, 3.3)."""
    element = etree.Element(node.name, {f"{{{_WSA}}}IsReferenceParameter": "true"})
    element.text = node.content
    element.extend(_plain(child) for child in node.children)
    return element


def _plain(node: Node) -> Any:
    element = etree.Element(node.name)
    element.text = node.content
    element.extend(_plain(child) for child in node.children)
    return element
