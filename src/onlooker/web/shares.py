"""The share links in the data folder: who has one may look at, or add to, one album or camera without an account."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from onlooker.clock import Clock
from onlooker.errors import UserError
from onlooker.web.kept_file import KeptFile
from onlooker.web.passwords import hash_password
from onlooker.web.users import SHORTEST_PASSWORD
from onlooker.web.visitor import Grant

Kind = Literal["album", "camera"]
# 166 bits. Letters and digits only: programs that find links in texts often leave a “-” at the end of one out.
_TOKEN_SIGNS, _TOKEN_LENGTH = string.ascii_letters + string.digits, 28
LONGEST_TITLE = 200
LONGEST_LIFE = timedelta(days=3650)
KEPT_EXPIRED = timedelta(days=30)  # so that the list can say for a while what a link was
PICTURES_OF_ITS_OWN = "The camera “{}” has pictures of its own; only a camera whose source is “push:” takes a phone's."
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}\Z")  # as cameras and albums are named


class UnknownShare(UserError):
    """No share has this id."""

    def __init__(self, share_id: str) -> None:
        super().__init__(f"There is no share “{share_id}”. See them all: onlooker share list")


class Share(BaseModel):
    """One share, as the file keeps it; its token is shown once and not kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str = Field(pattern=r"^[a-z2-9]{8}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    kind: Kind
    name: str
    upload: bool
    title: str
    created: AwareDatetime
    expires: AwareDatetime | None
    password: str | None = Field(repr=False)  # argon2

    def expired(self, now: float) -> bool:
        """Whether its time is over at this instant (seconds since 1970)."""
        return self.expires is not None and self.expires.timestamp() <= now

    def grant(self) -> Grant:
        """What it lets a guest reach."""
        return Grant(self.kind, self.name, self.upload, self.id)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    version: int = Field(1, ge=1, le=1)
    shares: tuple[Share, ...] = ()


class Shares:
    """The shares; every question looks whether the file has changed, so that commands reach the running hub.

    A file that cannot be read raises ConfigError from every question: no guest comes in. `add` and `revoke` block.
    """

    def __init__(self, data_dir: Path, clock: Clock) -> None:
        self._clock = clock
        self._file = KeptFile(
            data_dir / "shares.json",
            _File,
            consequence="No share link works",
            remedy="Put a good copy back, or remove the file, which ends every share.",
        )

    def all(self, kind: Kind | None = None, name: str | None = None) -> list[Share]:
        """The shares of this kind and name, the newest last; also expired ones, as long as they are kept."""
        shares = self._file.read().shares
        return [share for share in shares if kind in (None, share.kind) and name in (None, share.name)]

    def by_id(self, share_id: str) -> Share | None:
        """The share of this id, if it has not expired."""
        return self._living(next((share for share in self._file.read().shares if share.id == share_id), None))

    def by_token(self, token: str) -> Share | None:
        """The share of this link, if it has not expired; compares with every one, whether it fits or not."""
        digest = _digest(token)
        found = None
        for share in self._file.read().shares:
            if hmac.compare_digest(share.sha256, digest):
                found = share
        return self._living(found)

    def add(
        self,
        kind: Kind,
        name: str,
        *,
        upload: bool = False,
        lasts: timedelta | None = None,
        password: str | None = None,
        title: str = "",
    ) -> tuple[Share, str]:
        """Make a share; returns it and its token, the only time that one is seen. UserError if something is unfit."""
        _check(kind, name, lasts, password, title)
        token = "".join(secrets.choice(_TOKEN_SIGNS) for _ in range(_TOKEN_LENGTH))
        now = datetime.fromtimestamp(self._clock.now(), UTC).replace(microsecond=0)
        share = Share(
            id=_new_id(),
            sha256=_digest(token),
            kind=kind,
            name=name,
            upload=upload,
            title=title,
            created=now,
            expires=now + lasts if lasts is not None else None,
            password=hash_password(password) if password is not None else None,
        )
        self._file.change(lambda file: self._kept(file, also=share))
        return share, token

    def revoke(self, share_id: str) -> Share:
        """End a share at once; returns what it was. UnknownShare if there is none."""
        share = next((share for share in self._file.read().shares if share.id == share_id), None)
        if share is None:
            raise UnknownShare(share_id)
        self._file.change(lambda file: self._kept(file, without=share_id))
        return share

    def _living(self, share: Share | None) -> Share | None:
        return None if share is None or share.expired(self._clock.now()) else share

    def _kept(self, file: _File, *, also: Share | None = None, without: str | None = None) -> _File:
        """What to write: this is also when those that expired long ago are dropped."""
        forgotten = self._clock.now() - KEPT_EXPIRED.total_seconds()
        kept = [share for share in file.shares if share.id != without and not share.expired(forgotten)]
        return _File(version=1, shares=(*kept, *([also] if also else [])))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _new_id() -> str:
    """Short enough to type: no digit or letter that looks like another."""
    return "".join(secrets.choice("abcdefghijkmnpqrstuvwxyz23456789") for _ in range(8))


def _check(kind: Kind, name: str, lasts: timedelta | None, password: str | None, title: str) -> None:
    if not _NAME.match(name):
        raise UserError(f"“{name}” cannot be the name of {'an album' if kind == 'album' else 'a camera'}.")
    if lasts is not None and not timedelta(0) < lasts <= LONGEST_LIFE:
        raise UserError("A share lasts up to ten years; leave the time out for one that lasts until it is revoked.")
    if password is not None and len(password) < SHORTEST_PASSWORD:
        raise UserError(f"The password is too short; it needs at least {SHORTEST_PASSWORD} characters.")
    if len(title) > LONGEST_TITLE or not (title.isprintable()):
        raise UserError(f"The title is one line of at most {LONGEST_TITLE} characters.")
