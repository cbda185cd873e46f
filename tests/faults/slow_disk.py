"""Run as a program: a hub whose disk takes its time over every flush.

python tests/faults/slow_disk.py serve …
"""

from __future__ import annotations

import os
import sys
import time

from onlooker import cli

SECONDS = 0.4

_fsync = os.fsync


def fsync(descriptor: int) -> None:
    time.sleep(SECONDS)
    _fsync(descriptor)


os.fsync = fsync

if __name__ == "__main__":
    sys.argv[0] = "onlooker"
    cli.main()
