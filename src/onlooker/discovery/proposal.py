"""A camera that somebody wants to try or to add, and what the configuration's keeper does with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from onlooker.devices import Device
from onlooker.formats.urls import split_login, with_login
from onlooker.sources import Source


@dataclass(frozen=True, slots=True)
class Proposal:
    """`source` as it was typed or found, maybe with a log-in in it; `user` and `password` win over that one."""

    source: str = field(repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def url(self) -> str:
        """With the log-in, for connecting."""
        bare, said = split_login(self.source.strip())
        return with_login(bare, self.user or said.user, self.password or said.password)

    @property
    def bare(self) -> str:
        """Without any log-in, for showing."""
        return split_login(self.source.strip())[0]


@dataclass(frozen=True, slots=True)
class Tried:
    """A proposal that fits: its kind, and what connects."""

    kind: str
    made: Device | Source


class Book(Protocol):
    """The configuration's cameras, as somebody with an account may change them. Every method may block."""

    def check(self, proposal: Proposal) -> Tried:
        """What would connect to it; UnfitCamera says what is wrong. Connects to nothing."""

    def add(self, name: str, title: str, proposal: Proposal) -> None:
        """Write it down, with its secrets apart; UnfitCamera, or NotWritable with what to write by hand."""

    def remove(self, name: str) -> None:
        """Take it out, with its secrets; UnknownCamera or NotWritable."""

    def writable(self) -> bool:
        """Whether `add` and `remove` can work here."""

    def added(self, url: str) -> str:
        """The name of the configured camera that is at this URL's address; empty if there is none."""
