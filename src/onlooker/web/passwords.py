"""Turns passwords into argon2 hashes and checks them; slow on purpose, so never call it on the event loop."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """The argon2id hash, with its salt and parameters."""
    return _hasher.hash(password)


def matches(hashed: str, password: str) -> bool:
    """Whether the hash is this password's; a damaged hash matches nothing."""
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def nobodys_hash() -> str:
    """A hash no password is known for: checking it makes an unknown user cost what a known one costs."""
    return _hasher.hash("nobody's password, only its cost counts")
