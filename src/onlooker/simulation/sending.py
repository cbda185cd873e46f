"""A phone: sends a photo until it is acknowledged or refused, and goes on after a lost connection as one would."""

from __future__ import annotations

import asyncio
import hashlib
import json

import aiohttp

from onlooker.formats import tus
from onlooker.formats.digest import content_digest
from onlooker.simulation.target import Target

_LATER = frozenset({429, 500, 502, 503, 504})
_PAUSE = 0.5  # seconds before the next try
_VERSION = {"Tus-Resumable": "1.0.0"}


class Refused(Exception):
    """The hub does not take it; the text says why."""


async def send(target: Target, data: bytes) -> None:
    """In one request; sent again after a lost connection, which doubles nothing. Refused; else until cancelled."""
    headers = {"Content-Type": "image/jpeg", "Content-Digest": content_digest(hashlib.sha256(data).digest())}
    while True:
        try:
            async with target.session.post(target.photos, data=data, headers=headers) as answer:
                if answer.status in (200, 201):
                    return
                await _refused(answer)
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(_PAUSE)


async def send_resumably(target: Target, data: bytes, number: int) -> None:
    """By tus: what arrived is not sent again. Refused; else until cancelled."""
    about = {
        "album": target.album,
        "filename": f"{number}.jpg",
        "filetype": "image/jpeg",
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    create = {**_VERSION, "Upload-Length": str(len(data)), "Upload-Metadata": tus.metadata_header(about)}
    place = ""
    while True:
        try:
            if not place:
                async with target.session.post(target.url("api/v1/uploads"), headers=create) as answer:
                    if answer.status == 201:
                        place = answer.headers["Location"]
                    else:
                        await _refused(answer)
            if place and await _append(target, place, data):
                return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(_PAUSE)


async def _append(target: Target, place: str, data: bytes) -> bool:
    """Whether all of it is there now."""
    url = target.url(place)
    async with target.session.head(url, headers=_VERSION) as answer:
        if answer.status not in (200, 204):
            await _refused(answer)
            return False
        offset = tus.offset(answer.headers.get("Upload-Offset", ""))
        if offset == len(data) and answer.headers.get("Onlooker-Photo"):
            return True
    headers = {**_VERSION, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    async with target.session.patch(url, data=data[offset:], headers=headers) as answer:
        if answer.status == 204:
            return tus.offset(answer.headers.get("Upload-Offset", "")) == len(data)
        if answer.status != 409:
            await _refused(answer)
        return False


async def _refused(answer: aiohttp.ClientResponse) -> None:
    """Refused, unless trying again makes sense."""
    if answer.status in _LATER:
        return
    try:
        detail = json.loads(await answer.read())["detail"]
    except (ValueError, KeyError, TypeError):
        detail = ""
    raise Refused(f"{answer.status} {detail}".strip())
