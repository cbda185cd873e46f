"""A real Onlooker server with one more kind of camera, `bench:`.

    python -m bench.server CONFIG DATA PORT [--frames FILE] [--events FILE]
                                             [--threads FILE] [--functions FILE]

Everything else is the product as shipped: its configuration, hub, log-in and HTTP. Ends when its standard input does.
With an option it also writes to that file how long each frame took, when each event was committed, or which threads or
functions used the CPU. This costs CPU itself, so only the measurement that needs it asks for it.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from bench import camera, costs, stopwatch
from onlooker import cli, sources

REPORTS: dict[str, Callable[[Path], Callable[[], object]]] = {
    "frames": stopwatch.frames,
    "events": stopwatch.events,
    "threads": costs.threads,
    "functions": costs.functions,
}


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser()
    for name in ("config", "data", "port"):
        parser.add_argument(name)
    for name in REPORTS:
        parser.add_argument(f"--{name}", type=Path)
    options = parser.parse_args()
    kinds: dict[str, ModuleType] = sources.kinds()
    kinds["bench"] = camera
    wanted = {name: getattr(options, name) for name in REPORTS if getattr(options, name)}
    saves = [REPORTS[name](report) for name, report in wanted.items()]
    threading.Thread(target=stop_with_input, args=(saves,), daemon=True).start()
    sys.argv = ["onlooker", "serve", "--config", options.config, "--data", options.data]
    sys.argv += ["--host", "127.0.0.1", "--port", options.port]
    cli.main()


def stop_with_input(saves: list[Callable[[], object]]) -> None:
    """Save what was measured and end like a service does: by SIGTERM."""
    sys.stdin.read()
    for save in saves:
        save()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
