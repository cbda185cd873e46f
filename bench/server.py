"""A real Onlooker server with one more kind of camera, `bench:`.

    python -m bench.server CONFIG DATA PORT [TIMES]

Everything else is the product as shipped: its configuration, hub, log-in and HTTP. Ends when its standard input does.
With TIMES it also writes to that file how long each frame took; this costs CPU, so only one measurement asks for it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from types import ModuleType

from bench import camera, stopwatch
from onlooker import cli, sources


def main(config: str, data: str, port: str, times: str = "") -> None:
    """Serve until standard input ends."""
    kinds: dict[str, ModuleType] = sources.kinds()
    kinds["bench"] = camera
    if times:
        stopwatch.install(Path(times))
    threading.Thread(target=stop_with_input, daemon=True).start()
    sys.argv = ["onlooker", "serve", "--config", config, "--data", data, "--host", "127.0.0.1", "--port", port]
    cli.main()


def stop_with_input() -> None:
    """End like a service does: by SIGTERM."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(*sys.argv[1:])
