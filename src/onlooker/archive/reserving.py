"""Room that was promised to uploads which have begun, so that they are not refused for lack of it at their end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Promise:
    album_id: int
    length: int
    here: int


class Reserved:
    """Bytes, by the id of the upload they are promised to."""

    def __init__(self) -> None:
        self._promises: dict[str, _Promise] = {}

    def promise(self, photo_id: str, album_id: int, length: int, here: int) -> None:
        """An upload may have `length` bytes, of which so many are here."""
        self._promises[photo_id] = _Promise(album_id, length, here)

    def drop(self, photo_id: str) -> None:
        """It needs no room any more."""
        self._promises.pop(photo_id, None)

    def on_disk(self, but: str = "") -> int:
        """Bytes that are still to be written, except those of upload `but`."""
        return sum(max(0, one.length - one.here) for photo_id, one in self._promises.items() if photo_id != but)

    def of_album(self, album_id: int, but: str = "") -> int:
        """Bytes that the album will hold more, except those of upload `but`."""
        return sum(
            one.length for photo_id, one in self._promises.items() if one.album_id == album_id and photo_id != but
        )
