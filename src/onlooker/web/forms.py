"""Reads the small forms of our own pages, bounded in size and time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.requests import Request

_LARGEST = 16_384  # bytes
_PATIENCE = 10.0  # seconds
_MOST_FIELDS = 10


class UnfitForm(Exception):
    """What was posted is not our form; carries the status to answer with."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


async def read_form(request: Request) -> Mapping[str, str]:
    """The posted fields, of several with one name the last; raises UnfitForm."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise UnfitForm(415, "Send the form as application/x-www-form-urlencoded.")
    body = b""
    try:
        async with asyncio.timeout(_PATIENCE):
            async for chunk in request.stream():
                body += chunk
                if len(body) > _LARGEST:
                    raise UnfitForm(413, "The form is too large.")
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except TimeoutError:
        raise UnfitForm(408, "The form did not come in time.") from None
    except ValueError:
        raise UnfitForm(400, "The form cannot be read.") from None
    return {name: values[-1] for name, values in fields.items()}
