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
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from bench import camera, stopwatch
from onlooker import cli, sources


def main(config: str, data: str, port: str, times: str = "") -> None:
    """Serve until standard input ends."""
    kinds: dict[str, ModuleType] = sources.kinds()
    kinds["bench"] = camera
    save = stopwatch.install(Path(times)) if times else lambda: None
    threading.Thread(target=stop_with_input, args=(save,), daemon=True).start()
    sys.argv = ["onlooker", "serve", "--config", config, "--data", data, "--host", "127.0.0.1", "--port", port]
    cli.main()


def stop_with_input(save: Callable[[], object]) -> None:
    """Save what was measured and end like a service does: by SIGTERM."""
    sys.stdin.read()
    save()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(*sys.argv[1:])
