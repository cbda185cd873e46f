"""Pin every dependency, with hashes, for every platform: pyproject.toml in, requirements*.lock out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {"requirements.lock": ["build"], "requirements-dev.lock": ["build", "dev"]}


def compile_lock(name: str, groups: list[str], extra: list[str]) -> None:
    """Write one lock file; the development one keeps to the versions of the first."""
    command = [str(Path(sys.executable).with_name("uv")), "pip", "compile", "pyproject.toml", "--quiet"]
    # One file for Linux, macOS and Windows from Python 3.11 on; no registry address and no path in it.
    command += ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"]
    command += ["--no-annotate", "--custom-compile-command", "make lock", "--output-file", name, *extra]
    for group in groups:
        command += ["--group", group]
    if name != "requirements.lock":
        command += ["--constraint", "requirements.lock"]
    subprocess.run(command, cwd=ROOT, check=True)


if __name__ == "__main__":
    for lock, lock_groups in LOCKS.items():
        compile_lock(lock, lock_groups, sys.argv[1:])
