"""A private JSON file that the running hub and the commands share: read again when it changed, changed under a lock."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from onlooker.errors import ConfigError
from onlooker.private_file import locked, write_private

Content = TypeVar("Content", bound=BaseModel)


class KeptFile(Generic[Content]):
    """A file with one model in it; no file is the model's defaults.

    Every `read` looks whether the file has changed, so that a command reaches the running hub at once. A file that
    cannot be read, or does not fit the model, raises ConfigError from both methods and is never overwritten;
    `consequence` and `remedy` are the sentences around what is wrong with it. `change` blocks.
    """

    def __init__(self, path: Path, model: type[Content], *, consequence: str, remedy: str) -> None:
        self._path = path
        self._model = model
        self._consequence = consequence
        self._remedy = remedy
        self._seen: tuple[int, int, int] | None = None
        self._content = model()

    def read(self) -> Content:
        """What the file says now; treat it as frozen."""
        try:
            stat = self._path.stat()
            seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if seen != self._seen:
                self._content = self._model.model_validate(json.loads(self._path.read_bytes()))
                self._seen = seen
        except FileNotFoundError:
            self._seen, self._content = None, self._model()
        except (OSError, ValueError) as error:
            self._seen, self._content = None, self._model()
            raise ConfigError(f"{self._consequence}: {self._path} {_complaint(error)}. {self._remedy}") from None
        return self._content

    def change(self, change: Callable[[Content], Content]) -> None:
        """Replace what the file says; whatever `change` raises leaves it as it is."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with locked(self._path):
            changed = change(self.read())
            write_private(self._path, changed.model_dump_json(indent=2).encode() + b"\n")


def _complaint(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot be read ({error.strerror})"
    if isinstance(error, ValidationError):  # its own text would repeat hashes from the file
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        return f"is damaged (at {place or 'its top'})"
    return "is damaged (not JSON)"
