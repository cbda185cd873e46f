"""The composition root's own decisions."""

from __future__ import annotations

import socket

import pytest

from onlooker import app
from onlooker.config import ServerSettings


@pytest.mark.parametrize(
    ("host", "only", "told"), [("127.0.0.1", (), False), ("0.0.0.0", (), True), ("127.0.0.1", ("127.0.0.1",), True)]
)
def test_a_hub_for_this_computer_alone_is_not_announced(host: str, only: tuple[str, ...], told: bool) -> None:
    server = ServerSettings(host=host, discover_on=only, root_path="/cams")
    with socket.socket() as listener:
        listener.bind((host, 0))
        announcement = app._announcement(server, listener, "a" * 16)
        assert (announcement is not None) is told
        if announcement is not None:
            assert (announcement.port, announcement.path) == (listener.getsockname()[1], "/cams")
