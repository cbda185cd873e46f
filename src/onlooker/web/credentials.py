"""Checks names and passwords for the running hub: off the event loop, remembered for a while, and not too often."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import math
import secrets
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from weakref import WeakValueDictionary

from onlooker.clock import Clock
from onlooker.errors import TooMany
from onlooker.web.passwords import matches
from onlooker.web.throttle import Throttle, TooManyTries
from onlooker.web.users import Entry, Users

REMEMBERED = 300.0  # seconds a right password is remembered, counted from its check
_MOST_REMEMBERED = 1000
_AT_ONCE = 2  # checks at a time: each keeps a core busy for some 50 ms
_MOST_WAITING = 64


class Credentials:
    """One for the process. Remembers right passwords by a keyed hash, never in the clear and never wrong ones."""

    def __init__(self, users: Users, clock: Clock) -> None:
        self._users = users
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._remembered: OrderedDict[bytes, float] = OrderedDict()
        self._checking: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        self._by_address = Throttle(clock, burst=10, interval=30.0)
        self._by_user = Throttle(clock, burst=30, interval=10.0)

    async def check(self, name: str, password: str, address: str) -> bool:
        """Whether this is the user's password. Raises ConfigError (the users cannot be read), TooManyTries, TooMany."""
        mark = self._mark(name, password, self._users.entry(name))
        if self._knows(mark):
            return True
        # One at a time for each name and password: a script's many first requests cost one check, and one try.
        lock = self._checking.setdefault(mark, asyncio.Lock())
        async with lock:
            if self._knows(mark):
                return True
            # The entry is from before the check: a password changed meanwhile is not remembered for the new one.
            right = await self._try(name, lambda: self._users.verify(name, password), neighbourhood(address))
            if right:
                self._remember(mark)
            return right

    async def check_share(self, share_id: str, hashed: str, password: str, address: str) -> bool:
        """Whether this is the share's password, within the same limits; raises TooManyTries, TooMany."""
        return await self._try(f"share:{share_id}", lambda: matches(hashed, password), neighbourhood(address))

    async def _try(self, name: str, verify: Callable[[], bool], address: str) -> bool:
        if self._waiting >= _MOST_WAITING:
            raise TooMany("Too many log-ins are being checked at this moment; try again in a few seconds.")
        user = hashlib.sha256(name.encode()).hexdigest()  # of one length, whatever is sent
        wait = self._by_address.take(address)
        if not wait and (wait := self._by_user.take(user)):
            self._by_address.give_back(address)
        if wait:
            raise TooManyTries(math.ceil(wait))
        self._waiting += 1
        try:
            async with self._slots:
                right = await asyncio.to_thread(verify)
        finally:
            self._waiting -= 1
        if right:
            self._by_address.give_back(address)
            self._by_user.give_back(user)
        return right

    def _mark(self, name: str, password: str, entry: Entry | None) -> bytes:
        parts = (name, password, entry.stamp if entry else "")
        return hmac.digest(self._key, b"".join(hashlib.sha256(part.encode()).digest() for part in parts), "sha256")

    def _knows(self, mark: bytes) -> bool:
        return self._remembered.get(mark, -math.inf) > self._clock.monotonic()

    def _remember(self, mark: bytes) -> None:
        self._remembered[mark] = self._clock.monotonic() + REMEMBERED
        self._remembered.move_to_end(mark)
        while len(self._remembered) > _MOST_REMEMBERED:
            self._remembered.popitem(last=False)


def neighbourhood(address: str) -> str:
    """An IPv6 customer holds a whole /64: its addresses count as one."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return f"{parsed.exploded[:19]}::/64" if isinstance(parsed, IPv6Address) else str(parsed)
