"""Run as a program: a hub that is killed, or whose disk fails, at one chosen step of storing a photo.

    python tests/faults/killing.py serve …

The steps are counted while the file `ONLOOKER_FAULT_ARMED` exists: each change of a file (open to create, write, flush,
move, delete, new folder), each commit of the database (before and after), telling an event, and answering. At the step
whose number stands in that file the process kills itself (SIGKILL, before the step), or the step fails with
`ONLOOKER_FAULT_ERRNO`. Each new text in the file counts from 1 again. The steps that were taken stand in its neighbour
`….steps`.
"""

from __future__ import annotations

import functools
import os
import signal
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

from onlooker import cli
from onlooker.events.feed import Feed
from onlooker.web.api import photos

ARMED = Path(os.environ["ONLOOKER_FAULT_ARMED"])
ERRNO = int(os.environ.get("ONLOOKER_FAULT_ERRNO", "0"))

_lock = threading.Lock()
_open, _write = os.open, os.write
_order = ""
_taken = 0


def step(name: str, *, may_fail: bool) -> None:
    """One step is about to be taken."""
    global _order, _taken
    try:
        order = ARMED.read_text()
    except FileNotFoundError:
        return
    with _lock:
        if order != _order:
            _order, _taken = order, 0
        _taken += 1
        due = str(_taken) == order
        descriptor = _open(f"{ARMED}.steps", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        _write(descriptor, f"{name}\n".encode())
        os.close(descriptor)
    if due and not ERRNO:
        os.kill(os.getpid(), signal.SIGKILL)
    if due and may_fail:
        raise OSError(ERRNO, os.strerror(ERRNO))


def counted(name: str, real: Callable[..., Any], *, may_fail: bool = True, after: bool = False) -> Callable[..., Any]:
    """The function, with a step before it (and behind it)."""

    @functools.wraps(real)
    def run(*args: Any, **kwargs: Any) -> Any:
        if name == "open" and not (len(args) > 1 and args[1] & os.O_CREAT):
            return real(*args, **kwargs)
        if name == "write" and _is_socket(args[0]):
            return real(*args, **kwargs)
        # Smaller pictures are made beside all this, whenever there is time, and can be made again.
        if any("renditions" in str(one) for one in args):
            return real(*args, **kwargs)
        step(name, may_fail=may_fail)
        result = real(*args, **kwargs)
        if after:
            step(f"after {name}", may_fail=False)
        return result

    return run


def _is_socket(descriptor: int) -> bool:
    return stat.S_ISSOCK(os.fstat(descriptor).st_mode)


for function in ("open", "write", "fsync", "replace", "unlink", "mkdir", "truncate"):
    setattr(os, function, counted(function, getattr(os, function)))
DefaultDialect.do_commit = counted("commit", DefaultDialect.do_commit, may_fail=False, after=True)  # type: ignore[method-assign]
Feed.publish = counted("publish", Feed.publish, may_fail=False, after=True)  # type: ignore[method-assign]
photos.answer = counted("answer", photos.answer, may_fail=False, after=True)

if __name__ == "__main__":
    sys.argv[0] = "onlooker"
    cli.main()
