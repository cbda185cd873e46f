"""Run as a program: a hub that is killed, or whose disk fails, at one chosen step of storing a photo.

    python tests/faults/killing.py serve …

The steps are counted from when the file `ONLOOKER_FAULT_ARMED` exists: each change of a file (open to create, write,
flush, move, delete, new folder), each commit of the database (before and after), telling an event, and answering. At
step `ONLOOKER_FAULT_AT` the process kills itself (SIGKILL, before the step), or the step fails with
`ONLOOKER_FAULT_ERRNO`. How many steps there were stands in the armed file's neighbour `….steps`.
"""

from __future__ import annotations

import functools
import os
import signal
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
AT = int(os.environ.get("ONLOOKER_FAULT_AT", "0"))
ERRNO = int(os.environ.get("ONLOOKER_FAULT_ERRNO", "0"))
LAST = int(os.environ.get("ONLOOKER_FAULT_LAST", str(AT)))  # a disk that fails does so from AT to LAST

_lock = threading.Lock()
_exists = os.path.exists
_real_open, _real_write = os.open, os.write
steps: list[str] = []


def step(name: str, *, may_fail: bool) -> None:
    """One step is about to be taken."""
    if not _exists(ARMED):
        return
    with _lock:
        steps.append(name)
        number = len(steps)
        descriptor = _real_open(f"{ARMED}.steps", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        _real_write(descriptor, f"{name}\n".encode())
        os.close(descriptor)
    if AT <= number <= LAST:
        if not ERRNO:
            os.kill(os.getpid(), signal.SIGKILL)
        elif may_fail:
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
    import stat

    return stat.S_ISSOCK(os.fstat(descriptor).st_mode)


for function in ("open", "write", "fsync", "replace", "unlink", "mkdir", "truncate"):
    setattr(os, function, counted(function, getattr(os, function)))
DefaultDialect.do_commit = counted("commit", DefaultDialect.do_commit, may_fail=False, after=True)  # type: ignore[method-assign]
Feed.publish = counted("publish", Feed.publish, may_fail=False, after=True)  # type: ignore[method-assign]
photos.answer = counted("answer", photos.answer, may_fail=False, after=True)

if __name__ == "__main__":
    sys.argv[0] = "onlooker"
    cli.main()
