"""Who has an account: the users and API tokens in the data folder, shared by the running hub and the commands."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from onlooker.errors import ConfigError, UserError
from onlooker.web.kept_file import KeptFile
from onlooker.web.passwords import hash_password, matches, nobodys_hash

TOKEN_START = "onl_"
SHORTEST_PASSWORD = 8
_NAME = re.compile(r"[^\s:/\x00-\x1f\x7f]{1,64}\Z")  # a colon would end the name in HTTP Basic


class Token(BaseModel):
    """An API token; the token itself is shown once and not kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    label: str
    prefix: str  # its first letters, to recognise it by
    sha256: str
    created: str  # RFC 3339


class Account(BaseModel):
    """One user, as the file keeps it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    password: str  # argon2
    tokens: tuple[Token, ...] = ()


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    version: int = Field(1, ge=1, le=1)
    users: dict[str, Account] = {}


@dataclass(frozen=True, slots=True)
class Entry:
    """What checking a log-in needs of a user; `stamp` changes with the password and is not shown to anyone."""

    name: str
    hash: str
    stamp: str


class Users:
    """The accounts; every question looks whether the file has changed, so that commands reach the running hub.

    `extra` is a name and a password from the options (the predecessors' STREAM_USERNAME and STREAM_PASSWORD): a user in
    memory only, who hides one of that name in the file. A file that cannot be read raises ConfigError from every
    question: nobody comes in. Adding, removing and checking passwords block; keep them off the event loop.
    """

    def __init__(self, data_dir: Path, *, extra: tuple[str, str] | None = None) -> None:
        self._file = KeptFile(
            data_dir / "users.json",
            _File,
            consequence="Nobody can log in",
            remedy="Put a good copy back, or remove the file and restart the hub to begin with a new admin.",
        )
        self._extra = _extra_entry(*extra) if extra is not None else None

    def names(self) -> list[str]:
        """Every user's name, in alphabetical order."""
        return sorted({*self._read(), *([self._extra.name] if self._extra else [])})

    def tokens(self, name: str) -> tuple[Token, ...]:
        """The API tokens of a user in the file."""
        return self._account(self._read(), name).tokens

    def entry(self, name: str) -> Entry | None:
        """What checking a log-in needs, or None if there is no such user."""
        if self._extra is not None and name == self._extra.name:
            return self._extra
        account = self._read().get(name)
        return Entry(name, account.password, account.password) if account else None

    def verify(self, name: str, password: str) -> bool:
        """Whether this is the user's password; takes as long for a user who does not exist."""
        entry = self.entry(name)
        right = matches(entry.hash if entry else nobodys_hash(), password)
        return right and entry is not None

    def token_owner(self, token: str) -> str | None:
        """Whose API token this is, or None."""
        digest = hashlib.sha256(token.encode()).hexdigest()
        owner = None
        for name, account in self._read().items():
            for known in account.tokens:
                if hmac.compare_digest(known.sha256, digest):
                    owner = name
        return owner

    def has_token(self, digest: str) -> bool:
        """Whether there is an API token with this SHA-256."""
        return any(known.sha256 == digest for account in self._read().values() for known in account.tokens)

    def add(self, name: str, password: str) -> None:
        """Make an account; UserError if the name is taken or unfit, or the password too short."""
        _check(name, password)
        account = Account(password=hash_password(password))

        def change(accounts: dict[str, Account]) -> None:
            if name in accounts:
                raise UserError(f"There is a user “{name}” already; change the password instead.")
            accounts[name] = account

        self._change(change)

    def remove(self, name: str) -> None:
        """Take an account away, with its tokens; its sessions end."""

        def change(accounts: dict[str, Account]) -> None:
            self._account(accounts, name)
            del accounts[name]

        self._change(change)

    def set_password(self, name: str, password: str) -> None:
        """Give an account a new password; its sessions end, its tokens stay."""
        _check(name, password)
        hashed = hash_password(password)

        def change(accounts: dict[str, Account]) -> None:
            accounts[name] = self._account(accounts, name).model_copy(update={"password": hashed})

        self._change(change)

    def add_token(self, name: str, label: str) -> str:
        """Make an API token and return it: the only time it is seen. The label is unique among the user's tokens."""
        token = TOKEN_START + secrets.token_urlsafe(32)
        made = Token(
            label=label,
            prefix=token[: len(TOKEN_START) + 6],
            sha256=hashlib.sha256(token.encode()).hexdigest(),
            created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        )

        def change(accounts: dict[str, Account]) -> None:
            account = self._account(accounts, name)
            if any(known.label == label for known in account.tokens):
                raise UserError(f"{name} has a token “{label}” already; remove it first or choose another label.")
            accounts[name] = account.model_copy(update={"tokens": (*account.tokens, made)})

        self._change(change)
        return token

    def remove_token(self, name: str, label: str) -> None:
        """Take the API token of that label away."""

        def change(accounts: dict[str, Account]) -> None:
            account = self._account(accounts, name)
            kept = tuple(known for known in account.tokens if known.label != label)
            if len(kept) == len(account.tokens):
                raise UserError(f"{name} has no token “{label}”.")
            accounts[name] = account.model_copy(update={"tokens": kept})

        self._change(change)

    def ensure_admin(self) -> str | None:
        """Where there is no user at all, make `admin` and return its random password, to be shown once."""
        if self.names():
            return None
        password = secrets.token_urlsafe(12)
        try:
            self.add("admin", password)
        except UserError:  # another process was faster, and showed its password
            return None
        return password

    def _account(self, accounts: dict[str, Account], name: str) -> Account:
        if name in accounts:
            return accounts[name]
        if self._extra is not None and name == self._extra.name:
            raise UserError(f"“{name}” comes from the environment or the configuration; change it there.")
        raise UserError(f"There is no user “{name}”.")

    def _change(self, change: Callable[[dict[str, Account]], None]) -> None:
        def changed(file: _File) -> _File:
            accounts = dict(file.users)
            change(accounts)
            return _File(version=1, users=accounts)

        self._file.change(changed)

    def _read(self) -> dict[str, Account]:
        return self._file.read().users


def _check(name: str, password: str) -> None:
    if not _NAME.match(name):
        raise UserError("A user's name has 1 to 64 characters, without spaces, colons and slashes.")
    if len(password) < SHORTEST_PASSWORD:
        raise UserError(f"The password is too short; it needs at least {SHORTEST_PASSWORD} characters.")


def _extra_entry(name: str, password: str) -> Entry:
    if not name or not password:
        raise ConfigError("STREAM_USERNAME and STREAM_PASSWORD must both be set and not empty, or neither.")
    if ":" in name:
        raise ConfigError("STREAM_USERNAME must not contain a colon.")
    # The stamp is the same after a restart, unlike the salted hash, so that sessions go on.
    return Entry(name, hash_password(password), "options:" + hashlib.sha256(f"{name}:{password}".encode()).hexdigest())
