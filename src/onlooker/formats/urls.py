"""URLs of cameras, made safe to print: passwords and secret-looking query values are masked."""

from __future__ import annotations

import re

MASK = "***"

_SECRET_NAMES = (
    r"pass(?:word|wd|phrase)?|pwd|pw|secret|(?:\w*[_-])?(?:token|key|secret|password|pwd)|apikey|auth|sig|signature"
)
_QUERY_VALUE = re.compile(rf"([?&;](?:{_SECRET_NAMES})=)[^&;#\s\"'<>“”]+", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*)://(?P<rest>[^\s\"'<>“”]+)", re.IGNORECASE)


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
