"""The hub is killed (SIGKILL) at every step between a photo's first byte and its answer: nothing acknowledged is missing,
nothing is doubled, nothing half-received is left, and the log has no gap.
"""

from __future__ import annotations

import hashlib
import http.client
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image

from tests.peers.served import AUTHORIZATION, ONLOOKER, Served

KILLER = [sys.executable, str(Path(__file__).with_name("killing.py"))]
CONFIG = '[albums.party]\ntitle = "Party"\n[archive]\nreserve = "0"\n'
ALBUM = "/api/v1/albums/party"


def picture(number: int) -> bytes:
    """A JPEG that no other number gives."""
    chance = Random(number)
    image = Image.new("RGB", (96, 64), tuple(chance.randbytes(3)))  # type: ignore[arg-type]
    image.putpixel((number % 96, 5), tuple(chance.randbytes(3)))  # type: ignore[arg-type]
    file = io.BytesIO()
    image.save(file, "JPEG", comment=str(number).encode())
    return file.getvalue()


@dataclass
class Answer:
    status: int
    body: Any


def ask(hub: Served, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer | None:
    """What the hub answers; None if it dies over it."""
    connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=30)
    try:
        connection.request(method, path, body, {"Authorization": AUTHORIZATION, **(headers or {})})
        answer = connection.getresponse()
        text = answer.read()
        return Answer(answer.status, json.loads(text) if text.startswith(b"{") else text)
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def send(hub: Served, data: bytes) -> Answer | None:
    return ask(hub, "POST", f"{ALBUM}/photos", data, {"Content-Type": "image/jpeg"})


@dataclass
class Sender:
    """What was sent, and what was promised."""

    sent: dict[str, bytes] = field(default_factory=dict)
    promised: dict[str, str] = field(default_factory=dict)  # SHA-256 -> id

    def send(self, hub: Served, data: bytes) -> Answer | None:
        digest = hashlib.sha256(data).hexdigest()
        self.sent[digest] = data
        answer = send(hub, data)
        if answer is not None and answer.status in (200, 201):
            assert answer.body["sha256"] == digest
            assert self.promised.get(digest, answer.body["id"]) == answer.body["id"]
            self.promised[digest] = answer.body["id"]
        return answer


def events_of(hub: Served) -> list[dict[str, Any]]:
    answer = ask(hub, "GET", f"{ALBUM}/events?limit=1000")
    assert answer is not None
    events: list[dict[str, Any]] = answer.body["events"]
    return events


def everything_holds(hub: Served, sender: Sender) -> None:
    """On a hub that was started again: the promise, seen from outside."""
    listed = ask(hub, "GET", f"{ALBUM}/photos?limit=200")
    assert listed is not None
    there = {photo["sha256"]: photo["id"] for photo in listed.body["photos"]}
    assert len(there) == len(listed.body["photos"])
    assert sender.promised.items() <= there.items()
    assert there.keys() <= sender.sent.keys()
    for photo in listed.body["photos"]:
        assert hub.get(photo["original"]) == sender.sent[photo["sha256"]]
    events = events_of(hub)
    numbers = [int(event["id"].split(".")[1]) for event in events]
    assert numbers == list(range(1, len(numbers) + 1))
    told = [event["data"]["id"] for event in events if event["event"] == "complete"]
    assert sorted(told) == sorted(there.values())


def data_is_clean(folder: Path) -> None:
    """On a hub that was stopped: every file has its row, nothing is left over."""
    check = subprocess.run(
        [ONLOOKER, "check", "--data", str(folder / "data")], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert check.returncode == 0, check.stdout + check.stderr
    assert list((folder / "data" / "incoming").iterdir()) == []


def steps_of(folder: Path) -> list[str]:
    """The steps that one photo takes, counted on a hub that is left alone."""
    folder.mkdir()
    hub = Served(folder, CONFIG, program=KILLER)
    hub.environment["ONLOOKER_FAULT_ARMED"] = str(folder / "armed")
    with hub:
        send(hub, picture(0))  # the day's folder is made only once
        (folder / "armed").touch()
        answer = send(hub, picture(1))
        assert answer is not None
        assert answer.status == 201
    return (folder / "armed.steps").read_text().split("\n")[:-1]


def test_killed_at_every_step_of_one_photo(tmp_path: Path) -> None:
    names = steps_of(tmp_path / "counted")
    taken = names[: names.index("after answer") + 1]
    for needed in ("open", "write", "fsync", "commit", "after commit", "replace", "publish", "answer"):
        assert needed in taken
    folder = tmp_path / "killed"
    folder.mkdir()
    sender = Sender()
    for at in range(1, len(taken) + 1):
        (folder / "armed").unlink(missing_ok=True)
        (folder / "armed.steps").unlink(missing_ok=True)
        hub = Served(folder, CONFIG, program=KILLER, may_die=True)
        hub.environment |= {"ONLOOKER_FAULT_ARMED": str(folder / "armed"), "ONLOOKER_FAULT_AT": str(at)}
        with hub:
            (folder / "armed").touch()
            sender.send(hub, picture(at))
            assert hub.dead(), f"step {at} ({taken[at - 1]}) was never reached"
        with Served(folder, CONFIG) as hub:
            everything_holds(hub, sender)
            answer = sender.send(hub, picture(at))  # the phone tries again
            assert answer is not None
            assert answer.status in (200, 201), answer
            everything_holds(hub, sender)
        data_is_clean(folder)
    assert len(sender.promised) == len(taken)
