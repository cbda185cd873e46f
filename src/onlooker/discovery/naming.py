"""Suggests what to call a camera, from what it says of itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from urllib.parse import unquote, urlsplit

_LONGEST = 40
_EMPTY_WORDS = re.compile(r",?\s*\b(?:inc|ltd|corp|co|gmbh|technology|technologies)\b\.?", re.IGNORECASE)


def title_of(url: str, *said: str) -> str:
    """The first text that says something, else what the URL says."""
    for text in said:
        if cleaned := " ".join(_EMPTY_WORDS.sub("", text).replace("_", " ").split()).strip(" ,-."):
            return cleaned
    scheme, _, rest = url.partition(":")
    if not rest.startswith("//"):
        return unquote(rest).strip() or {"push": "Phone"}.get(scheme, scheme.capitalize())
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    return f"Camera at {host}" if host else "Camera"


def name_of(title: str, taken: Container[str]) -> str:
    """A name for addresses and files that is not taken: “Überhof 2” becomes “uberhof-2”."""
    ascii_only = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", ascii_only)[:_LONGEST].strip("-") or "camera"
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}-{number}", number + 1
    return name
