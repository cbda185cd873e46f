"""What ONVIF cameras say of themselves, from SOAP answers to values; what is missing or wrong is left out."""

from __future__ import annotations

from calendar import timegm
from dataclasses import dataclass
from datetime import UTC, datetime

from onlooker.formats.onvif import Node

DEVICE = "http://www.onvif.org/ver10/device/wsdl"
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
PTZ = "http://www.onvif.org/ver20/ptz/wsdl"
EVENTS = "http://www.onvif.org/ver10/events/wsdl"

_BY_CATEGORY = {"Device": DEVICE, "Media": MEDIA, "PTZ": PTZ, "Events": EVENTS}
_CODECS = {"H264": "h264", "H265": "hevc", "HEVC": "hevc", "JPEG": "mjpeg", "MPEG4": "mpeg4", "MPV4-ES": "mpeg4"}
_MAX_PROFILES = 256
_MAX_PRESETS = 512


@dataclass(frozen=True, slots=True)
class Information:
    """Who made it."""

    maker: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """One of the streams that a camera offers. `codec` is FFmpeg's name, "" if unknown; sizes are 0 if unknown."""

    token: str
    name: str = ""
    codec: str = ""
    width: int = 0
    height: int = 0
    rate: float = 0.0
    moves: bool = False  # it pans, tilts or zooms
    node: str = ""  # of what moves
    service: str = MEDIA  # the namespace of the media service that offers it


@dataclass(frozen=True, slots=True)
class Motor:
    """What moves a camera; None: it does not say."""

    pans: bool | None = None
    zooms: bool | None = None
    home: bool | None = None
    presets: int | None = None


def utc(answer: Node) -> float | None:
    """The camera's own clock from GetSystemDateAndTime, seconds since 1970."""
    time = answer.find("SystemDateAndTime", "UTCDateTime")
    if time is None:
        return None
    fields = [time.number(*path) for path in (("Date", "Year"), ("Date", "Month"), ("Date", "Day"))]
    fields += [time.number("Time", name) for name in ("Hour", "Minute", "Second")]
    try:
        year, month, day, hour, minute, second = (int(number) for number in fields if number is not None)
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return float(timegm(moment.timetuple()))


def services(answer: Node) -> dict[str, str]:
    """The addresses of its services by namespace, from GetServices or GetCapabilities."""
    found = {one.text("Namespace"): one.text("XAddr") for one in answer.all("Service")}
    for category, namespace in _BY_CATEGORY.items():
        found.setdefault(namespace, answer.text("Capabilities", category, "XAddr"))
    return {namespace: address for namespace, address in found.items() if namespace and address}


def information(answer: Node) -> Information:
    """From GetDeviceInformation."""
    return Information(*(answer.said(name) for name in ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber")))


def profiles(answer: Node) -> tuple[Profile, ...]:
    """From GetProfiles of either media service; those without video are left out."""
    found: list[Profile] = []
    for one in answer.all("Profiles"):
        token = one.attributes.get("token", "").strip()
        if token and len(found) < _MAX_PROFILES:
            found.append(_profile(token, one))
    with_video = tuple(profile for profile in found if profile.codec or profile.width)
    return with_video or tuple(found)


def _profile(token: str, one: Node) -> Profile:
    nothing = Node("")
    within = one.find("Configurations") or one
    video = one.find("VideoEncoderConfiguration") or within.find("VideoEncoder") or nothing
    motor = one.find("PTZConfiguration") or within.find("PTZ")
    return Profile(
        token=token,
        name=one.said("Name"),
        codec=_CODECS.get(video.text("Encoding").upper(), ""),
        width=_pixels(video.number("Resolution", "Width")),
        height=_pixels(video.number("Resolution", "Height")),
        rate=max(0.0, video.number("RateControl", "FrameRateLimit") or 0.0),
        moves=motor is not None,
        node=motor.text("NodeToken") if motor is not None else "",
    )


def _pixels(number: float | None) -> int:
    return int(number) if number is not None and 0 < number < 65536 else 0


def uri(answer: Node) -> str:
    """From GetStreamUri or GetSnapshotUri of either media service; "" if there is none."""
    return "".join((answer.text("MediaUri", "Uri") or answer.text("Uri")).split())


def motors(answer: Node) -> dict[str, Motor]:
    """By token, from GetNodes."""
    return {one.attributes.get("token", ""): _motor(one) for one in answer.all("PTZNode")}


def _motor(one: Node) -> Motor:
    supported = one.find("SupportedPTZSpaces")
    spaces = {space.local for space in supported.children} if supported is not None else None
    home = one.text("HomeSupported").lower()
    presets = one.number("MaximumNumberOfPresets")
    return Motor(
        pans=None if not spaces else "ContinuousPanTiltVelocitySpace" in spaces,
        zooms=None if not spaces else "ContinuousZoomVelocitySpace" in spaces,
        home=home in ("true", "1") if home else None,
        presets=None if presets is None else int(presets),
    )


def presets(answer: Node) -> dict[str, str]:
    """The names of remembered places by token, from GetPresets; one without a name is called by its token."""
    found: dict[str, str] = {}
    for one in answer.all("Preset"):
        token = one.attributes.get("token", "")
        if token and len(found) < _MAX_PRESETS:
            found[token] = one.said("Name") or f"Preset {token[:40]}"
    return found


def chosen(offered: tuple[Profile, ...], wanted: str, stream: str) -> Profile | None:
    """The profile of this token or name; without one the largest for "main", the next smaller kind for "sub".

    JPEG over RTSP is coarse, small and heavy on most cameras, so such a profile is taken only if there is no other.
    """
    if wanted:
        same = [p for p in offered if p.token == wanted] or [p for p in offered if p.name.lower() == wanted.lower()]
        return same[0] if same else None
    coded = [profile for profile in offered if profile.codec != "mjpeg"] or list(offered)
    if not coded:
        return None
    # The order of the camera decides between equals, and where it does not say how large they are.
    by_size = sorted(coded, key=lambda profile: -profile.width * profile.height)
    if stream == "main":
        return by_size[0]
    largest = by_size[0]
    smaller = [p for p in by_size if p.width * p.height < largest.width * largest.height]
    # A wall's tile is some 640 pixels wide: the smallest that fills it, else the largest of those that do not.
    enough = [profile for profile in smaller if profile.width >= 600]
    return enough[-1] if enough else smaller[0] if smaller else by_size[-1]
