"""Connections that are cut midway: a viewer misses and doubles nothing, half a photo leaves nothing."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from onlooker.formats.sse import Message, Reader
from tests.faults.scissors import Scissors
from tests.faults.test_killed import ALBUM, CONFIG, Sender, data_is_clean, everything_holds, picture
from tests.peers.served import AUTHORIZATION, Served

EVENTS = "/albums/party/events"


@contextmanager
def listening(port: int, last_id: str) -> Iterator[Iterator[Message]]:
    """The album's events as they come, until the connection is cut; `id` is empty where the message has none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {"Authorization": AUTHORIZATION, **({"Last-Event-ID": last_id} if last_id else {})}
    try:
        connection.request("GET", EVENTS, headers=headers)
        answer = connection.getresponse()
        assert answer.status == 200

        def messages() -> Iterator[Message]:
            reader = Reader()
            while data := answer.read1(1 << 14):
                yield from reader.feed(data)

        yield messages()
    finally:
        connection.close()


@pytest.mark.parametrize("seed", range(3))
def test_a_viewer_whose_line_is_cut_again_and_again(tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    count = 40
    sender = Sender()
    lengths = [chance.randrange(600, 9000) for _ in range(60)]
    seen: list[str] = []
    last = ""
    with Served(tmp_path, CONFIG) as hub, Scissors(hub.port, back=lengths) as line, ThreadPoolExecutor(1) as phone:
        assert sender.send(hub, picture(0))
        last = position(hub).rpartition(".")[0] + ".0"  # from the very beginning
        sending = phone.submit(lambda: [sender.send(hub, picture(number)) for number in range(1, count)])
        while len(seen) < count:
            try:
                with listening(line.port, last) as messages:
                    for message in messages:
                        assert message.event != "reset"
                        if message.event == "complete":
                            seen.append(json.loads(message.data)["id"])
                            last = message.id
                        if len(seen) == count:
                            break
            except (OSError, http.client.HTTPException):
                pass  # cut; come back with the last id
        assert all(sending.result())
        assert line.cuts >= 3
        assert sorted(seen) == sorted(sender.promised.values())
        assert len(set(seen)) == count
        everything_holds(hub, sender)


def position(hub: Served) -> str:
    found: str = json.loads(hub.get(ALBUM))["position"]
    return found


def test_half_a_photo_leaves_nothing_and_is_told_to_have_failed(tmp_path: Path) -> None:
    data = picture(1) + bytes(200_000)
    with Served(tmp_path, CONFIG) as hub, listening(hub.port, "") as messages:
        told = (message for message in messages if message.event != "presence")
        for sent in (70, 1_000, 150_000):
            head = (
                f"POST {ALBUM}/photos HTTP/1.1\r\nHost: hub\r\nAuthorization: {AUTHORIZATION}\r\n"
                f"Content-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
            )
            with socket.create_connection(("127.0.0.1", hub.port), 10) as phone:
                phone.sendall(head.encode() + data[:sent])
                uploading = next(told)
            failed = next(told)
            assert (uploading.event, failed.event) == ("uploading", "failed")
            assert json.loads(uploading.data)["id"] == json.loads(failed.data)["id"]
            assert json.loads(failed.data)["reason"]
        assert json.loads(hub.get(f"{ALBUM}/photos"))["photos"] == []
        assert position(hub).endswith(".0")
    data_is_clean(tmp_path)
