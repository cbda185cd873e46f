"""Log-ins of browsers: a signed cookie that says who, until when, and ends when the password changes."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import Scope

from onlooker.clock import Clock
from onlooker.errors import ConfigError
from onlooker.private_file import locked, write_private
from onlooker.web.users import Entry, Users

COOKIE = "onlooker_session"
_DAY = 86_400


def load_secret(data_dir: Path) -> bytes:
    """The hub's secret from `secret.key`, made on first use; blocks."""
    path = data_dir / "secret.key"
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        with locked(path):
            if not path.exists():
                write_private(path, secrets.token_bytes(32))
            secret = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read or made ({error.strerror}); make the data folder writable.") from None
    if len(secret) != 32:
        raise ConfigError(f"{path} is damaged; remove it to have a new one made (everybody logs in again).")
    return secret


class Sessions:
    """Signs and reads session cookies; keeps nothing."""

    def __init__(self, users: Users, secret: bytes, clock: Clock, *, days: int) -> None:
        self._users = users
        self._secret = secret
        self._clock = clock
        self._lifetime = days * _DAY

    def sign(self, name: str) -> str:
        """The cookie's value for a user who exists."""
        entry = self._users.entry(name)
        if entry is None:
            raise LookupError(name)
        who = base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")
        text = f"{who}.{int(self._clock.now()) + self._lifetime}.{self._fingerprint(entry)}"
        return f"{text}.{self._mac('session', text)}"

    def read(self, value: str) -> tuple[str, bool] | None:
        """Whose session this is and whether it should be prolonged; None if it is not (or no longer) one."""
        text, _, mac = value.rpartition(".")
        if not hmac.compare_digest(self._mac("session", text).encode(), mac.encode("utf-8", "replace")):
            return None
        try:
            who, until, fingerprint = text.split(".")
            name = base64.urlsafe_b64decode(who + "=" * (-len(who) % 4)).decode()
            left = int(until) - self._clock.now()
        except (ValueError, binascii.Error):
            return None
        entry = self._users.entry(name)
        if left <= 0 or entry is None or not hmac.compare_digest(self._fingerprint(entry), fingerprint):
            return None
        return name, left < self._lifetime / 2

    def of(self, scope: Scope) -> tuple[str, bool] | None:
        """The session the request's cookie carries; as `read`."""
        value = cookie_in(scope)
        return self.read(value) if value else None

    def set_cookie(self, scope: Scope, name: str) -> str:
        """The Set-Cookie header that starts or prolongs a session."""
        return f"{COOKIE}={self.sign(name)}; Max-Age={self._lifetime}; {cookie_attributes(scope)}"

    def _fingerprint(self, entry: Entry) -> str:
        return self._mac("password", f"{entry.name}:{entry.stamp}")[:32]

    def _mac(self, purpose: str, text: str) -> str:
        return sealed(self._secret, purpose, text)


def clear_cookie(scope: Scope) -> str:
    """The Set-Cookie header that ends a session."""
    return f"{COOKIE}=; Max-Age=0; {cookie_attributes(scope)}"


def cookie_in(scope: Scope, name: str = COOKIE) -> str:
    """A cookie, the session's if not told otherwise, as it came; or an empty text."""
    cookies: dict[str, str] = {}
    for line in Headers(scope=scope).getlist("cookie"):
        cookies.update(cookie_parser(line))
    return cookies.get(name, "")


def sealed(secret: bytes, purpose: str, text: str) -> str:
    """What only this hub can write under a text; of different purposes, never the same."""
    return hmac.digest(secret, f"{purpose}:{text}".encode("utf-8", "replace"), "sha256").hex()


def cookie_attributes(scope: Scope) -> str:
    """What follows the value of every cookie of ours: for this hub only, hidden from scripts and other sites."""
    secure = "; Secure" if scope.get("scheme") in ("https", "wss") else ""
    return f"Path={scope.get('root_path') or '/'}; HttpOnly; SameSite=Lax{secure}"
