"""The password of a Theta in client mode: HTTP Digest on every request, with one-time words that run out."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

_MOST_NONCES = 64
MANY_USES = 100_000
_FIELD = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')


@dataclass(slots=True)
class Guard:
    """Lets in who knows the password. `uses` is how many requests one nonce is good for."""

    realm: str
    username: str
    password: str = field(repr=False)
    uses: int = MANY_USES
    _given: dict[str, set[str]] = field(default_factory=dict, repr=False)

    def challenge(self) -> str:
        """The value of WWW-Authenticate, with a new nonce."""
        nonce = secrets.token_urlsafe(16)
        self._given[nonce] = set()
        while len(self._given) > _MOST_NONCES:
            del self._given[next(iter(self._given))]
        return f'Digest realm="{self.realm}", qop=auth, nonce="{nonce}", algorithm=MD5'

    def forget(self) -> None:
        """No nonce that was given is good any more."""
        self._given.clear()

    def right(self, method: str, target: str, authorization: str) -> bool:
        """Whether the password was known to who made this header, whatever else is wrong with it."""
        said = _fields(authorization)
        parts = (said.get(name, "") for name in ("nonce", "nc", "cnonce", "qop"))
        ours = _md5(f"{self.username}:{self.realm}:{self.password}")
        expected = _md5(":".join((ours, *parts, _md5(f"{method}:{target}"))))
        named = said.get("username") == self.username and said.get("realm") == self.realm
        return (
            named
            and said.get("uri") == target
            and hmac.compare_digest(_bytes(said.get("response", "")), _bytes(expected))
        )

    def fresh(self, authorization: str) -> bool:
        """Whether it uses a nonce that was given, and in a way it was not used before; it is used now."""
        said = _fields(authorization)
        used, count = self._given.get(said.get("nonce", "")), said.get("nc", "")
        if used is None or said.get("qop") != "auth" or not said.get("cnonce"):
            return False
        if not re.fullmatch("[0-9a-fA-F]{8}", count) or count in used or len(used) >= self.uses:
            return False
        used.add(count)
        return True


def _fields(authorization: str) -> dict[str, str]:
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() != "digest":
        return {}
    return {name.lower(): quoted or bare for name, quoted, bare in _FIELD.findall(rest)}


def _md5(text: str) -> str:
    return hashlib.md5(_bytes(text), usedforsecurity=False).hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
