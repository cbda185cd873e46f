"""The hub that is talked to: its address out of a URL, the way in, and nothing outside of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import aiohttp
from yarl import URL

from onlooker.errors import OnlookerError

TIMEOUT = 30.0  # seconds


class Unreachable(OnlookerError):
    """The hub cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Login:
    """How to be let in; nothing of it is ever printed."""

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Target:
    """An album of a hub. `base` ends with the hub's prefix and a slash."""

    session: aiohttp.ClientSession
    base: URL
    album: str

    def url(self, path: str) -> URL:
        """A path of this hub, such as `api/v1/albums`; or one that it told, which has to stay on it."""
        url = self.base.join(URL(path))
        if url.origin() != self.base.origin():
            raise Unreachable("The hub told of an address that is not its own; it was not asked.")
        return url

    @property
    def photos(self) -> URL:
        """Where photos are sent."""
        return self.url(f"api/v1/albums/{self.album}/photos")

    @property
    def events(self) -> URL:
        """Where its events are followed."""
        return self.url(f"albums/{self.album}/events")

    async def facts(self) -> dict[str, Any]:
        """What the hub says of the album."""
        return await _json(self.session, self.url(f"api/v1/albums/{self.album}"))


@asynccontextmanager
async def reached(text: str, login: Login) -> AsyncIterator[Target]:
    """The album that the address names, or the first one that takes photos; Unreachable."""
    try:
        given = URL(text)
        known = given.scheme in ("http", "https") and bool(given.host)
    except ValueError:
        known = False
    if not known:
        raise Unreachable("This is no address of a hub. Give it as in http://localhost:5000/albums/party")
    base, album, share = _parts(given)
    headers = {"Origin": str(base.origin())}  # as the hub's own pages send it: a guest's cookie alone changes nothing
    auth = None
    if login.token:
        headers["Authorization"] = f"Bearer {login.token}"
    elif login.user or given.user:
        auth = aiohttp.BasicAuth(login.user or given.user or "", login.password or given.password or "")
    jar = aiohttp.CookieJar(unsafe=True)  # a hub may be at an IP address
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None, connect=TIMEOUT, sock_read=None)
    async with aiohttp.ClientSession(
        headers=headers, auth=auth, cookie_jar=jar, connector=connector, timeout=timeout
    ) as session:
        try:
            if share:
                album = await _opened(session, base, share)
            yield Target(session, base, album or await _first(session, base))
        except aiohttp.ClientError as error:
            raise Unreachable(f"The hub at {base.origin()} cannot be reached: {type(error).__name__}.") from None


def _parts(given: URL) -> tuple[URL, str, str]:
    """(the hub, the album if it is named, the share's token if it is one)."""
    plain = given.with_user(None).with_query(None).with_fragment(None)
    parts = plain.raw_path.strip("/").split("/")
    for mark in ("albums", "s"):
        if mark in parts[:-1]:
            at = len(parts) - 1 - parts[::-1].index(mark)
            if at + 1 < len(parts):
                before = parts[: at - 2] if parts[max(0, at - 2) : at] == ["api", "v1"] else parts[:at]
                base = plain.with_path("/" + "".join(f"{part}/" for part in before), encoded=True)
                named = unquote(parts[at + 1])
                return base, named if mark == "albums" else "", named if mark == "s" else ""
    path = plain.raw_path if plain.raw_path.endswith("/") else f"{plain.raw_path}/"
    return plain.with_path(path, encoded=True), "", ""


async def _opened(session: aiohttp.ClientSession, base: URL, token: str) -> str:
    """The album of a share link, its cookie taken."""
    async with session.get(base.join(URL(f"s/{token}")), allow_redirects=False) as answer:
        parts = answer.headers.get("Location", "").split("/")
        if answer.status == 200:
            raise Unreachable("This share asks for a password; share the album without one to simulate.")
        if answer.status != 303 or "albums" not in parts[:-1]:
            raise Unreachable("This share link does not lead to an album; it may have ended.")
        return unquote(parts[parts.index("albums") + 1])


async def _first(session: aiohttp.ClientSession, base: URL) -> str:
    for album in (await _json(session, base.join(URL("api/v1/albums"))))["albums"]:
        if album["may"]["upload"]:
            name: str = album["name"]
            return name
    raise Unreachable("This hub has no album that takes photos from you.")


async def _json(session: aiohttp.ClientSession, url: URL) -> dict[str, Any]:
    async with session.get(url, timeout=aiohttp.ClientTimeout(TIMEOUT), allow_redirects=False) as answer:
        if answer.status in (401, 403):
            raise Unreachable(
                "The hub does not let us in. Give --user and --password-file, or a token in ONLOOKER_TOKEN, or the "
                "link of a share with --upload."
            )
        if answer.status != 200:
            raise Unreachable(f"The hub answers {answer.status} where the album should be. Is its name right?")
        try:
            found = json.loads(await answer.read())
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Unreachable("What answers there is no Onlooker hub.")
        return found
