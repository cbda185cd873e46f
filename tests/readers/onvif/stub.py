"""A strict ONVIF camera inside the test's own process: it refuses what real ones refuse, and lies like some of them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from aiohttp import web

from onlooker.formats.onvif_answers import DEVICE, EVENTS, MEDIA, MEDIA2, PTZ
from onlooker.readers.onvif.address import Address
from onlooker.readers.onvif.connection import Connection
from tests.readers.http_server import Handler, serve

USER, PASSWORD = "onlooker", "p@ss/w0rd:1"

SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://www.w3.org/2005/08/addressing"
WSN = "http://docs.oasis-open.org/wsn/b-2"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
PREFIXES = (
    f'xmlns:s="{SOAP}" xmlns:ter="http://www.onvif.org/ver10/error" xmlns:tds="{DEVICE}" xmlns:trt="{MEDIA}" '
    f'xmlns:tr2="{MEDIA2}" xmlns:tptz="{PTZ}" xmlns:tev="{EVENTS}" xmlns:tt="http://www.onvif.org/ver10/schema" '
    f'xmlns:wsa="{WSA}" xmlns:wsnt="{WSN}" xmlns:tns1="http://www.onvif.org/ver10/topics" xmlns:x="urn:x"'
)
PATHS = {DEVICE: "/onvif/device_service", MEDIA: "/m1", MEDIA2: "/m2", PTZ: "/ptz", EVENTS: "/events", WSN: "/pull/7"}

Override = bytes | str | Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Stub:
    """`ahead` is by how many seconds its clock is wrong; `claims` is the address that it believes to be reached at.

    `answers` replace what it says to an operation: a SOAP body, whole bytes, or a handler. `asked` is what it was
    asked and granted, `refused` why not.
    """

    def __init__(
        self,
        *,
        ahead: float = 0.0,
        claims: str = "http://192.0.2.7",
        media: tuple[str, ...] = (MEDIA,),
        answers: dict[str, Override] | None = None,
        wsse: bool = True,
        relative_time: bool = True,
    ) -> None:
        self.ahead, self.claims, self.media, self.wsse = ahead, claims, media, wsse
        self.answers = answers or {}
        self.relative_time = relative_time
        self.asked: list[tuple[str, ET.Element]] = []
        self.refused: list[str] = []
        self.events: asyncio.Queue[str] = asyncio.Queue()
        self._nonces: set[str] = set()
        self._news = asyncio.Condition()

    def operations(self) -> list[str]:
        return [operation for operation, _ in self.asked]

    async def was_asked(self, operation: str, times: int = 1) -> None:
        """Returns once it was."""
        async with self._news:
            await self._news.wait_for(lambda: self.operations().count(operation) >= times)

    def last(self, operation: str) -> ET.Element:
        """The newest request for this."""
        return next(body for name, body in reversed(self.asked) if name == operation)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        raw = await request.read()
        if request.method != "POST" or request.content_type != "application/soap+xml":
            return web.Response(status=405)
        envelope = ET.fromstring(raw)
        body = envelope.find(f"{{{SOAP}}}Body")
        assert envelope.tag == f"{{{SOAP}}}Envelope"
        assert body is not None
        assert len(body) == 1
        namespace, _, operation = body[0].tag[1:].partition("}")
        wrong = self._wrong(request, envelope, namespace, operation)
        if wrong:
            self.refused.append(wrong)
            code = "NotAuthorized" if wrong.startswith("login") else "InvalidArgVal"
            return _soap(fault(code, wrong), status=400)
        async with self._news:
            self.asked.append((operation, body[0]))
            self._news.notify_all()
        override = self.answers.get(operation)
        if override is not None and not isinstance(override, str | bytes):
            return await override(request)
        if isinstance(override, bytes):
            return web.Response(body=override, content_type="application/soap+xml")
        return _soap(override if override is not None else await self._answer(operation))

    def _wrong(self, request: web.BaseRequest, envelope: ET.Element, namespace: str, operation: str) -> str:
        if request.path != PATHS.get("http://docs.oasis-open.org/wsn/b-2" if operation in _PULLED else namespace):
            return f"path: {operation} at {request.path}"
        if operation in _PULLED:
            if not envelope.findtext(f"{{{SOAP}}}Header/{{{WSA}}}Action"):
                return "no wsa:Action"
            if envelope.findtext(f"{{{SOAP}}}Header/{{urn:x}}Id") != "7":
                return "no reference parameter"
        if operation == "GetSystemDateAndTime" or not self.wsse:
            return ""
        return self._login(envelope)

    def _login(self, envelope: ET.Element) -> str:
        token = envelope.find(f"{{{SOAP}}}Header/{{{WSSE}}}Security/{{{WSSE}}}UsernameToken")
        if token is None:
            return "login: none"
        nonce, created = token.findtext(f"{{{WSSE}}}Nonce", ""), token.findtext(f"{{{WSU}}}Created", "")
        off = datetime.fromisoformat(created) - self.now()
        if abs(off) > timedelta(seconds=3):
            return f"login: {off} off"
        if nonce in self._nonces:
            return "login: nonce again"
        self._nonces.add(nonce)
        secret = base64.b64decode(nonce) + created.encode() + PASSWORD.encode()
        expected = base64.b64encode(hashlib.sha1(secret).digest()).decode()
        if (token.findtext(f"{{{WSSE}}}Username"), token.findtext(f"{{{WSSE}}}Password")) != (USER, expected):
            return "login: wrong"
        return ""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    async def _answer(self, operation: str) -> str:
        match operation:
            case "GetSystemDateAndTime":
                return clock(self.now())
            case "GetServices":
                return services({one: self.claims + PATHS[one] for one in (DEVICE, *self.media, PTZ, EVENTS)})
            case "GetDeviceInformation":
                return (
                    "<tds:GetDeviceInformationResponse><tds:Manufacturer>Acme</tds:Manufacturer>"
                    "<tds:Model>Dome 4</tds:Model>"
                    "<tds:FirmwareVersion>2.1</tds:FirmwareVersion><tds:SerialNumber>S1</tds:SerialNumber>"
                    "<tds:HardwareId>1</tds:HardwareId></tds:GetDeviceInformationResponse>"
                )
            case "GetProfiles":
                return PROFILES if MEDIA in self.media else PROFILES2
            case "GetStreamUri" if MEDIA in self.media:
                return _uri("trt", "<tt:Uri>rtsp://192.0.2.7:8554/main</tt:Uri>", "GetStreamUri")
            case "GetSnapshotUri" if MEDIA in self.media:
                return _uri("trt", f"<tt:Uri>{self.claims}/snap.jpg?ch=1</tt:Uri>", "GetSnapshotUri")
            case "GetStreamUri":
                return "<tr2:GetStreamUriResponse><tr2:Uri>rtsp://192.0.2.7/two</tr2:Uri></tr2:GetStreamUriResponse>"
            case "GetSnapshotUri":
                return (
                    f"<tr2:GetSnapshotUriResponse><tr2:Uri>{self.claims}/two.jpg</tr2:Uri></tr2:GetSnapshotUriResponse>"
                )
            case "GetNodes":
                return NODES
            case "GetPresets":
                return (
                    '<tptz:GetPresetsResponse><tptz:Preset token="1"><tt:Name>Door</tt:Name></tptz:Preset>'
                    '<tptz:Preset token="2"/></tptz:GetPresetsResponse>'
                )
            case "CreatePullPointSubscription":
                lasts = 60 if self.relative_time or _ends_absolutely(self.asked[-1][1]) else 0
                return subscription(f"{self.claims}{PATHS[WSN]}", self.now(), lasts)
            case "Renew":
                return f"<wsnt:RenewResponse>{_times(self.now(), 60)}</wsnt:RenewResponse>"
            case "PullMessages":
                return await self._pulled()
            case _:
                return f"<x:{operation}Response/>"

    async def _pulled(self) -> str:
        found = [await self.events.get()]
        while not self.events.empty():
            found.append(self.events.get_nowait())
        return f"<tev:PullMessagesResponse>{_times(self.now(), 60, 'tev')}{''.join(found)}</tev:PullMessagesResponse>"

    def notice(self, topic: str, *, operation: str = "Changed", source: str = "1", **data: str) -> None:
        """Tell whoever pulls."""
        items = "".join(f'<tt:SimpleItem Name="{name}" Value="{value}"/>' for name, value in data.items())
        self.events.put_nowait(
            f'<wsnt:NotificationMessage><wsnt:Topic Dialect="x">tns1:{topic}</wsnt:Topic><wsnt:Message>'
            f'<tt:Message UtcTime="{self.now():%Y-%m-%dT%H:%M:%SZ}" PropertyOperation="{operation}"><tt:Source>'
            f'<tt:SimpleItem Name="Source" Value="{source}"/></tt:Source><tt:Data>{items}</tt:Data></tt:Message>'
            "</wsnt:Message></wsnt:NotificationMessage>"
        )


_PULLED = ("PullMessages", "Renew", "Unsubscribe")


def _ends_absolutely(body: ET.Element) -> bool:
    return "".join(body.itertext()).strip().endswith("Z")


def envelope(body: str) -> bytes:
    """A SOAP answer around this body."""
    return f'<?xml version="1.0"?><s:Envelope {PREFIXES}><s:Header/><s:Body>{body}</s:Body></s:Envelope>'.encode()


def _soap(body: str, status: int = 200) -> web.Response:
    return web.Response(body=envelope(body), status=status, content_type="application/soap+xml")


def fault(code: str, reason: str) -> str:
    """A SOAP 1.2 fault."""
    return (
        f"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:{code}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en">{reason}</s:Text></s:Reason></s:Fault>'
    )


def clock(now: datetime) -> str:
    """GetSystemDateAndTime's answer."""
    return (
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType><tt:UTCDateTime>"
        f"<tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute><tt:Second>{now.second}</tt:Second>"
        f"</tt:Time><tt:Date><tt:Year>{now.year}</tt:Year><tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day>"
        "</tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


def services(addresses: dict[str, str]) -> str:
    """GetServices' answer."""
    listed = "".join(
        f"<tds:Service><tds:Namespace>{one}</tds:Namespace><tds:XAddr>{url}</tds:XAddr></tds:Service>"
        for one, url in addresses.items()
    )
    return f"<tds:GetServicesResponse>{listed}</tds:GetServicesResponse>"


def _uri(prefix: str, uri: str, operation: str) -> str:
    return f"<{prefix}:{operation}Response><{prefix}:MediaUri>{uri}</{prefix}:MediaUri></{prefix}:{operation}Response>"


def _times(now: datetime, lasts: float, prefix: str = "wsnt") -> str:
    end = now + timedelta(seconds=lasts)
    return (
        f"<{prefix}:CurrentTime>{now:%Y-%m-%dT%H:%M:%SZ}</{prefix}:CurrentTime>"
        f"<{prefix}:TerminationTime>{end:%Y-%m-%dT%H:%M:%SZ}</{prefix}:TerminationTime>"
    )


def subscription(address: str, now: datetime, lasts: float) -> str:
    """CreatePullPointSubscription's answer, with a header that the camera wants back."""
    return (
        "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference>"
        f"<wsa:Address>{address}</wsa:Address><wsa:ReferenceParameters><x:Id>7</x:Id></wsa:ReferenceParameters>"
        f"</tev:SubscriptionReference>{_times(now, lasts)}</tev:CreatePullPointSubscriptionResponse>"
    )


def _profile(token: str, name: str, codec: str, width: int, height: int) -> str:
    return (
        f'<trt:Profiles token="{token}" fixed="true"><tt:Name>{name}</tt:Name>'
        f'<tt:VideoEncoderConfiguration token="e{token}">'
        f"<tt:Encoding>{codec}</tt:Encoding><tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height>"
        "</tt:Resolution><tt:RateControl><tt:FrameRateLimit>15</tt:FrameRateLimit></tt:RateControl>"
        '</tt:VideoEncoderConfiguration><tt:PTZConfiguration token="p"><tt:NodeToken>n</tt:NodeToken>'
        "</tt:PTZConfiguration></trt:Profiles>"
    )


PROFILES = (
    "<trt:GetProfilesResponse>"
    + _profile("P3", "photo", "JPEG", 3840, 2160)
    + _profile("P2", "sub", "H264", 640, 360)
    + _profile("P1", "main", "H264", 1920, 1080)
    + "</trt:GetProfilesResponse>"
)
PROFILES2 = (
    '<tr2:GetProfilesResponse><tr2:Profiles token="T1" fixed="true"><tr2:Name>two</tr2:Name><tr2:Configurations>'
    '<tr2:VideoEncoder token="v"><tt:Encoding>H265</tt:Encoding><tt:Resolution><tt:Width>2560</tt:Width>'
    "<tt:Height>1440</tt:Height></tt:Resolution></tr2:VideoEncoder></tr2:Configurations></tr2:Profiles>"
    "</tr2:GetProfilesResponse>"
)
NODES = (
    '<tptz:GetNodesResponse><tptz:PTZNode token="n"><tt:SupportedPTZSpaces><tt:ContinuousPanTiltVelocitySpace/>'
    "</tt:SupportedPTZSpaces><tt:MaximumNumberOfPresets>8</tt:MaximumNumberOfPresets>"
    "<tt:HomeSupported>true</tt:HomeSupported></tptz:PTZNode></tptz:GetNodesResponse>"
)


@asynccontextmanager
async def connected(handler: Handler, *, patience: float = 5.0) -> AsyncIterator[Connection]:
    """A connection to it, with nothing asked yet."""
    async with serve(handler) as port:
        connection = Connection(Address(url(port)), patience)
        try:
            yield connection
        finally:
            await connection.close()


def url(port: int, *, password: str = PASSWORD) -> str:
    """The hub's URL for it."""
    return f"onvif://{USER}:{password.replace('@', '%40').replace('/', '%2F').replace(':', '%3A')}@127.0.0.1:{port}"
