"""Everything Onlooker raises on purpose, one tree, each error named for what to do next.

OnlookerError                 its text is a sentence for people: what happened, to what, what to do
├── ConfigError               the configuration is wrong: names the file, the key and what is allowed
├── SourceError               a camera's connection ended; live/camera.py decides when to try again
│   ├── SourceLost            it was there or should be: try again soon
│   ├── SourceMissing         the device or path is not there: try again, a little more slowly
│   ├── SourceRefused         wrong password, or something we cannot read: tell the user, try again slowly
│   │   └── PasswordNeeded    none was given, or not the right one
│   └── SourceEnded           whoever sent has stopped: wait until somebody begins again
├── DeviceError               a camera did not do what it was asked; `code` is its own word for why: 502
│   ├── DeviceAway            it cannot be reached now, or sleeps: 503
│   ├── DeviceBusy            it does something else just now: 503, try again after `retry_after` seconds
│   ├── DeviceRefused         it refuses: 409
│   ├── UnfitOption           not a value it takes: 422
│   └── CannotDo              this camera has no such ability, file or place: 404
├── UnknownCamera             no camera of that name: 404
├── UnfitCamera               a camera that somebody wants to add would not work: 422
├── NotWritable               the configuration may not be changed by the hub, or not in this part: 409
├── NoPicture                 there is no picture now: 503, try again after `retry_after` seconds
├── TooMany                   a limit was reached: 503 (renditions) or 429 (tries)
│   └── TooManyUploads        that of unfinished uploads: 429
├── MalformedInput            bytes from outside that break their format (formats/)
├── UserError                 an account that exists already, or does not
├── UnknownAlbum              no album of that name: 404
├── UnknownPhoto              no such photo there: 404
├── PhotoRefused              what was sent is not taken, and nothing of it is kept
│   ├── TooLarge              more bytes than allowed: 413
│   ├── WrongType             not a kind of picture we take: 415
│   ├── BrokenPhoto           cut off, damaged, or more pixels than allowed: 422
│   └── WrongDigest           the bytes are not those that were announced: 400
├── UploadError               a resumable upload cannot go on like this; what was kept of it before still is
│   ├── UnknownUpload         none with this id that is this visitor's, or it has expired: 404
│   ├── WrongOffset           the bytes do not follow those that are here: 409
│   ├── Superseded            a newer request about the same upload came: 409
│   ├── BeyondLength          more bytes than were announced: 413
│   └── WrongChecksum         the bytes of this request are not those that were announced: 460
├── Interrupted               the sender went away before everything had arrived: 400
│   └── TooSlow               nothing arrived for too long: 408
└── StorageError              the disk or the database fails: 503; nothing was acknowledged
    └── NoSpace               the disk or the album's quota is full: 507
"""

from __future__ import annotations


class OnlookerError(Exception):
    """The root; `str(error)` is one sentence for people, without secrets."""


class ConfigError(OnlookerError):
    """The configuration is wrong; the text names the file, the key and what is allowed."""


class SourceError(OnlookerError):
    """A camera's connection ended."""


class SourceLost(SourceError):
    """The camera was reachable, or should be: try again soon."""


class SourceMissing(SourceError):
    """The device, file or path is not there: try again, more slowly."""


class SourceRefused(SourceError):
    """Wrong password or unsupported stream: the user has to act; try again slowly."""


class PasswordNeeded(SourceRefused):
    """The camera wants a user name and password, or others than it was given."""


class SourceEnded(SourceError):
    """Whoever sent the pictures has stopped; nothing is wrong, and nothing is tried until somebody begins again."""


class DeviceError(OnlookerError):
    """A camera did not do what it was asked; `code` is its own word for why, empty where it gave none."""

    def __init__(self, text: str, code: str = "") -> None:
        super().__init__(text)
        self.code = code


class DeviceAway(DeviceError):
    """The camera cannot be reached now."""


class DeviceBusy(DeviceError):
    """The camera does something else just now; `retry_after` is in whole seconds."""

    def __init__(self, text: str, code: str = "", retry_after: int = 2) -> None:
        super().__init__(text, code)
        self.retry_after = retry_after


class DeviceRefused(DeviceError):
    """The camera refuses what it was asked, or who asks."""


class UnfitOption(DeviceError):
    """The camera has no such setting, or it does not take this value."""


class CannotDo(DeviceError):
    """The camera has no such ability, file or place."""


class UnknownCamera(OnlookerError):
    """No camera has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no camera named “{name}”.")
        self.name = name


class UnfitCamera(OnlookerError):
    """A camera that somebody wants to try or add would not work as it is described; the text says why."""


class NotWritable(OnlookerError):
    """The hub cannot change its configuration; `by_hand` is the part of the file that somebody has to change."""

    def __init__(self, text: str, by_hand: str = "") -> None:
        super().__init__(text)
        self.by_hand = by_hand


class NoPicture(OnlookerError):
    """The camera gives no picture now; `retry_after` is in whole seconds."""

    def __init__(self, text: str, retry_after: int) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class TooMany(OnlookerError):
    """A limit was reached; the text names it."""


class TooManyUploads(TooMany):
    """There are as many unfinished uploads as the hub keeps."""


class MalformedInput(OnlookerError):
    """Bytes from outside break their format."""


class UserError(OnlookerError):
    """An account exists already, or does not exist."""


class UnknownAlbum(OnlookerError):
    """No album has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no album named “{name}”.")
        self.name = name


class UnknownPhoto(OnlookerError):
    """There is no such photo in the album."""

    def __init__(self) -> None:
        super().__init__("There is no such photo here; it may have been deleted.")


class PhotoRefused(OnlookerError):
    """What was sent is not taken, and nothing of it is kept."""


class TooLarge(PhotoRefused):
    """More bytes than the hub takes."""


class WrongType(PhotoRefused):
    """Not a kind of picture the hub takes, whatever it is called."""


class BrokenPhoto(PhotoRefused):
    """Cut off, damaged, or with more pixels than the hub takes."""


class WrongDigest(PhotoRefused):
    """The bytes that came are not those that were announced."""


class UploadError(OnlookerError):
    """A resumable upload cannot go on like this; what was kept of it before still is."""


class UnknownUpload(UploadError):
    """No upload with this id is this visitor's."""

    def __init__(self) -> None:
        super().__init__("There is no such upload here; it may have expired. Send the photo from its beginning.")


class WrongOffset(UploadError):
    """The bytes do not follow those that are here."""


class Superseded(UploadError):
    """A newer request about the same upload came."""


class BeyondLength(UploadError):
    """More bytes than were announced."""


class WrongChecksum(UploadError):
    """The bytes of this request are not those that were announced."""


class Interrupted(OnlookerError):
    """The sender went away before everything had arrived."""


class TooSlow(Interrupted):
    """The sender stopped sending."""


class StorageError(OnlookerError):
    """The disk or the database fails; what was being stored is not acknowledged."""


class NoSpace(StorageError):
    """The disk is full, or the album's quota is."""
