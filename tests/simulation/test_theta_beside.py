"""A simulated Theta beside a program: it is there within the block, and nothing of it is left behind."""

from __future__ import annotations

import json
import socket
import threading
import urllib.request
from typing import Any

import pytest

from onlooker.simulation.theta import beside as module
from onlooker.simulation.theta.beside import beside
from onlooker.simulation.theta.models import Model
from tests.simulation.osc import SMALL


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "simulated Theta"]


def test_it_lives_as_long_as_the_block() -> None:
    with beside(Model.V, SMALL) as address:
        with urllib.request.urlopen(f"http://{address}/osc/info", timeout=20) as answer:
            assert json.loads(answer.read())["model"] == "RICOH THETA V"
        assert len(threads()) == 1
    assert threads() == []
    host, port = address.split(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=5)


def test_it_ends_with_an_error_of_the_block() -> None:
    with pytest.raises(KeyboardInterrupt), beside(Model.V, SMALL):
        raise KeyboardInterrupt
    assert threads() == []


def test_what_hinders_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise OSError("no sockets today")

    monkeypatch.setattr(module, "simulated", broken)
    with pytest.raises(OSError, match="no sockets today"), beside(Model.V):
        pass
    assert threads() == []
