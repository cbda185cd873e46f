"""`onlooker simulate theta` as a person starts it: it says where it is, answers, and ends cleanly."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.peers.served import ONLOOKER


@contextmanager
def running(*options: str, end: signal.Signals = signal.SIGTERM, **environment: str) -> Iterator[tuple[str, str]]:
    """The simulator in a process of its own: its address over HTTP, and all that it said at the start."""
    command = [ONLOOKER, "simulate", "theta", "--port", "0", *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )
    assert process.stdout is not None
    try:
        said = ""
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, process.communicate()[1]
            said += line
        found = re.search(r"osc://(?:[^@\s]+@)?(\S+)", said)
        assert found is not None
        yield f"http://{found[1]}", said
        process.send_signal(end)
        rest = process.communicate(timeout=20)
        assert (process.returncode, rest) == (0, ("", ""))
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("model", "name", "end"), [("x", "RICOH THETA X", signal.SIGTERM), ("s", "RICOH THETA S", signal.SIGINT)]
)
def test_it_answers_until_it_is_told_to_stop(model: str, name: str, end: signal.Signals) -> None:
    with running("--model", model, end=end) as (url, said):
        assert said.startswith(f"A simulated {name} is at osc://127.0.0.1:")
        with urllib.request.urlopen(f"{url}/osc/info", timeout=20) as answer:
            assert json.loads(answer.read())["model"] == name


def test_it_ends_while_somebody_looks() -> None:
    body = json.dumps({"name": "camera.getLivePreview"}).encode()
    with running() as (url, _):
        request = urllib.request.Request(
            f"{url}/osc/commands/execute", body, headers={"Content-Type": "application/json"}
        )
        answer = urllib.request.urlopen(request, timeout=20)
        assert answer.read(20) == b"---osclivepreview---"
    answer.close()


def test_a_password_is_asked_for_and_never_said(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("swordfish 42\nmore\n")
    for options, environment in (
        (("--password-file", str(file)), {}),
        ((), {"ONLOOKER_OSC_PASSWORD": "swordfish 42"}),
    ):
        with running("--id", "THETAYN10013308", "--model", "z1", *options, **environment) as (url, said):
            assert "osc://THETAYN10013308@127.0.0.1:" in said
            assert "swordfish" not in said
            with pytest.raises(urllib.error.HTTPError, match="401"):
                urllib.request.urlopen(f"{url}/osc/info", timeout=20)


def test_faults_from_the_start() -> None:
    with running("--fault", "503=1", "--fault", "stall=20") as (url, said):
        assert "What goes wrong: stall, 503." in said
        with urllib.request.urlopen(f"{url}/_simulator", timeout=20) as answer:
            assert json.loads(answer.read())["faults"] == ["stall", "503"]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--fault", "sleepy"), 1, "“sleepy” is no fault. There are: stall, drop"),
        (("--model", "y"), 2, "'y' is not one of"),
        (("--id", "me"), 2, "a password is needed"),
        (("--model", "s", "--id", "me"), 2, "never asks for a password"),
        (("--password-file", "/nonexistent/password", "--id", "me"), 2, "cannot be read"),
        (("--host", "192.0.2.77"), 1, "cannot listen on 192.0.2.77 port 5360: Cannot assign requested address"),
    ],
)
def test_what_cannot_be(options: tuple[str, ...], code: int, said: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "ONLOOKER_OSC_PASSWORD"}
    command = [ONLOOKER, "simulate", "theta", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_taken_port() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [ONLOOKER, "simulate", "theta", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr == f"onlooker: The camera cannot listen on 127.0.0.1 port {port}: Address already in use.\n"
