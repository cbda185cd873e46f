"""URLs of cameras: their log-in taken out or put in, and made safe to print, with all that looks secret masked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

MASK = "***"

_SECRET_NAMES = (
    r"pass(?:word|wd|phrase)?|pwd|pw|secret|(?:\w*[_-])?(?:token|key|secret|password|pwd)|apikey|auth|sig|signature"
)
_QUERY_VALUE = re.compile(rf"([?&;](?:{_SECRET_NAMES})=)([^&;#\s\"'<>“”]+)", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*)://(?P<rest>[^\s\"'<>“”]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and a password, as a person would type them."""

    user: str = ""
    password: str = field(default="", repr=False)


def split_login(url: str) -> tuple[str, Login]:
    """The URL without its `user:password@`, and those two decoded; both empty where there are none."""
    scheme, sign, rest = url.partition("://")
    if not sign:
        return url, Login()
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    at = rest.rfind("@", 0, end)
    if at < 0:
        return url, Login()
    user, _, password = rest[:at].partition(":")
    return f"{scheme}://{rest[at + 1 :]}", Login(unquote(user), unquote(password))


def with_login(url: str, user: str, password: str) -> str:
    """The URL with this `user:password@` instead of what it had; with neither, without."""
    bare, _ = split_login(url)
    scheme, sign, rest = bare.partition("://")
    if not sign or not (user or password):
        return bare
    secret = f":{quote(password, safe='')}" if password else ""
    return f"{scheme}://{quote(user, safe='')}{secret}@{rest}"


def replace_secrets(url: str, replacement: Callable[[str], str]) -> str:
    """The URL with each secret-looking value of its query replaced."""
    return _QUERY_VALUE.sub(lambda found: found[1] + replacement(found[2]), url)


def redacted(url: str) -> str:
    """The same URL without its secrets; where it is malformed, too much is masked rather than too little."""
    return _QUERY_VALUE.sub(rf"\g<1>{MASK}", _AUTHORITY.sub(_without_password, url))


def redacted_text(text: str) -> str:
    """A text with every URL in it redacted."""
    return redacted(text) if "://" in text or "=" in text else text


def _without_password(match: re.Match[str]) -> str:
    rest = match["rest"]
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    at = rest.rfind("@", 0, end)
    if at < 0 and ":" in rest[:end]:
        # It may be a password with a bare “/”, “?” or “#” in it, which ends at a later “@”.
        at = rest.rfind("@")
    colon = rest.find(":", 0, at)
    if at < 0 or colon < 0:
        return match[0]
    return f"{match['scheme']}://{rest[:colon]}:{MASK}{rest[at:]}"
