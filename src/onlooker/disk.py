"""What it takes for a file to survive a power cut, and what a disk's refusal means."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from onlooker.errors import NoSpace, StorageError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def flush_file(path: Path) -> None:
    """Flush the file's bytes to the disk; OSError if that fails."""
    # Windows flushes only what is open for writing.
    descriptor = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_folder(folder: Path) -> None:
    """Flush the names in the folder: a flushed file is found again only if its folder is flushed too."""
    if sys.platform == "win32":  # has no way to do it, and no need
        return
    flush_file(folder)


def make_folders(folder: Path) -> None:
    """Make the folder and those above it that are missing, each flushed into the one above."""
    if folder.is_dir():
        return
    make_folders(folder.parent)
    folder.mkdir(exist_ok=True)
    flush_folder(folder.parent)


def storage_error(error: OSError) -> StorageError:
    """The error of ours that a failed write is."""
    if error.errno in _FULL:
        return NoSpace("The disk of the hub is full; nothing was stored. Free some space, then send it again.")
    return StorageError(f"The hub's disk does not take this: {error.strerror or error}.")
