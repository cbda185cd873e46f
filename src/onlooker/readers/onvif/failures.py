"""What an ONVIF camera answers instead of doing what it was asked, as sentences and as the right branch of errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from onlooker.errors import (
    DeviceAway,
    DeviceError,
    DeviceRefused,
    PasswordNeeded,
    SourceError,
    SourceLost,
    SourceMissing,
    SourceRefused,
)
from onlooker.formats.onvif import Fault


class FaultAnswered(SourceRefused):
    """The camera understood, and says no."""

    def __init__(self, camera: str, fault: Fault) -> None:
        reason = f": “{fault.reason.rstrip('.')}”" if fault.reason else ""
        super().__init__(f"{camera} refuses this{reason}.")
        self.fault = fault


class WrongLogin(PasswordNeeded):
    """The camera does not know who asks."""

    def __init__(self, camera: str, user: str | None) -> None:
        if user:
            text = "refuses the user name or password. Correct them in its source URL; many have users for ONVIF alone."
        else:
            text = "wants a user name and password. Write them into its source URL: onvif://user:password@…"
        super().__init__(f"{camera} {text}")


@contextmanager
def as_device_errors() -> Iterator[None]:
    """What goes wrong inside is said to somebody who asked the camera for something."""
    try:
        yield
    except SourceError as error:
        raise device_error(error) from None


def device_error(error: SourceError) -> DeviceError:
    """The same sentence, named for what somebody who asked can do next."""
    match error:
        case FaultAnswered():
            return DeviceRefused(str(error), error.fault.codes[-1] if error.fault.codes else "")
        case WrongLogin():
            return DeviceRefused(str(error), "NotAuthorized")
        case SourceLost() | SourceMissing():
            return DeviceAway(str(error))
        case SourceRefused():
            return DeviceRefused(str(error))
        case _:
            return DeviceError(str(error))
