"""Measure the hub side by side with what the kernel, the disk and nginx can do, and print the ratios: `make bench`.

    python bench/run.py [fanout] [memory] [stalled] [rtsp] [latency]
                        [preview] [broadcast] [uploads] [albums] [returning] [--json]

Without a name it takes all of them, in about ten minutes. Ends with status 1 when a measurement misses its mark.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import albums, broadcast, cameras, crowd, fanout, preview, uploads
from bench.load import BenchError, raise_file_limit
from bench.result import Result

MEASUREMENTS: dict[str, list[Callable[[], Iterator[Result]]]] = {
    "fanout": [fanout.big, fanout.small],
    "memory": [crowd.memory],
    "stalled": [crowd.stalled],
    "rtsp": [cameras.rtsp],
    "latency": [fanout.latency],
    "preview": [preview.relayed],
    "broadcast": [broadcast.page_to_page],
    "uploads": [uploads.small, uploads.large, uploads.seen],
    # Last, for these end the run where there is no nchan.
    "albums": [albums.watching],
    "returning": [albums.returning],
}


def main() -> int:
    """Take the measurements that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="name", help=f"one or more of {', '.join(MEASUREMENTS)}")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    if unknown := set(options.names) - set(MEASUREMENTS):
        parser.error(f"no measurement is called {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}")
    raise_file_limit()
    if not options.json:
        cores = len(os.sched_getaffinity(0))
        print(f"Python {platform.python_version()}, Linux {platform.release()}, {cores} cores", flush=True)
    results: list[Result] = []
    for name in options.names or MEASUREMENTS:
        for measure in MEASUREMENTS[name]:
            try:
                for result in measure():
                    results.append(result)
                    if not options.json:
                        show(result)
            except BenchError as error:
                print(f"{name}: {error}", file=sys.stderr)
                return 2
    if options.json:
        print(json.dumps([asdict(result) for result in results], indent=2))
    return 1 if any(result.holds is False for result in results) else 0


def show(result: Result) -> None:
    """One line of the table, the details below it."""
    verdict = {True: "ok", False: "MISSED", None: ""}[result.holds]
    print(f"({result.letter}) {result.what}")
    print(
        f"    {result.value:<20} {result.bound} {result.mark:<6} {verdict}"
        if result.holds is not None
        else f"    {result.value}"
    )
    print(f"    {result.details}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
