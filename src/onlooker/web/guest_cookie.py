"""What a guest's browser carries: a signed cookie that names the shares it has opened."""

from __future__ import annotations

import hmac
from collections.abc import Iterator

from starlette.types import Scope

from onlooker.clock import Clock
from onlooker.web.sessions import cookie_attributes, cookie_in, sealed
from onlooker.web.shares import Share, Shares

COOKIE = "onlooker_share"
MOST_SHARES = 8
_LONGEST = 400 * 86_400  # seconds; browsers keep no cookie for longer


class GuestCookie:
    """Signs and reads; keeps nothing. Each share is proven on its own, so a password change or a revocation ends it."""

    def __init__(self, shares: Shares, secret: bytes, clock: Clock) -> None:
        self._shares = shares
        self._secret = secret
        self._clock = clock

    def read(self, scope: Scope) -> tuple[Share, ...]:
        """The shares the request's cookie proves, the newest first."""
        return tuple(self._proven(cookie_in(scope, COOKIE)))

    def set_cookie(self, scope: Scope, share: Share) -> str:
        """The Set-Cookie header that adds this share, as the newest, to those that the request carries."""
        others = [other for other in self.read(scope) if other.id != share.id]
        held = [share, *others][:MOST_SHARES]
        value = "~".join(f"{one.id}.{self._proof(one)}" for one in held)
        return f"{COOKIE}={value}; Max-Age={max(map(self._left, held))}; {cookie_attributes(scope)}"

    def _proven(self, value: str) -> Iterator[Share]:
        for pair in value.split("~")[:MOST_SHARES]:
            share_id, _, proof = pair.partition(".")
            share = self._shares.by_id(share_id) if proof else None
            if share is not None and hmac.compare_digest(self._proof(share), proof.encode("ascii", "replace").decode()):
                yield share

    def _proof(self, share: Share) -> str:
        return sealed(self._secret, "share", f"{share.id}:{share.sha256}:{share.password or ''}")

    def _left(self, share: Share) -> int:
        """Whole seconds the share has yet."""
        if share.expires is None:
            return _LONGEST
        return min(_LONGEST, max(0, int(share.expires.timestamp() - self._clock.now())))
