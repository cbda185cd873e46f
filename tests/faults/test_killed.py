"""The hub is killed (SIGKILL) at every step between a photo's first byte and its answer, and at any moment under load:

nothing acknowledged is missing, nothing is doubled, nothing half-received is left, and the log has no gap.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import io
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from PIL import Image

from tests.peers.served import AUTHORIZATION, ONLOOKER, Served

KILLER = [sys.executable, str(Path(__file__).with_name("killing.py"))]
CONFIG = '[albums.party]\ntitle = "Party"\n[archive]\nreserve = "0"\n'
ALBUM = "/api/v1/albums/party"
TUS = {"Tus-Resumable": "1.0.0"}
REFUSED = (503, 507)  # by the disk
BYTES = {"Content-Type": "application/offset+octet-stream"}


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
    headers: dict[str, str]


def ask(hub: Served, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer | None:
    """What the hub answers; None if it dies over it."""
    connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=30)
    try:
        connection.request(method, path, body, {"Authorization": AUTHORIZATION, **(headers or {})})
        answer = connection.getresponse()
        text = answer.read()
        body = json.loads(text) if text.startswith(b"{") else text
        return Answer(answer.status, body, {name.lower(): value for name, value in answer.getheaders()})
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


@dataclass
class Sender:
    """A phone: what it sent, and what was promised to it."""

    sent: dict[str, bytes] = field(default_factory=dict)
    promised: dict[str, str] = field(default_factory=dict)  # SHA-256 -> id

    def send(self, hub: Served, data: bytes) -> bool:
        """Send a photo as far as the hub lives and takes it; whether it was acknowledged."""
        digest = hashlib.sha256(data).hexdigest()
        self.sent[digest] = data
        photo = self.photo_id(hub, data)
        if photo is None:
            return False
        assert self.promised.get(digest, photo) == photo
        self.promised[digest] = photo
        return True

    def photo_id(self, hub: Served, data: bytes) -> str | None:
        """Send it in one request; the id that the answer gives."""
        answer = ask(hub, "POST", f"{ALBUM}/photos", data, {"Content-Type": "image/jpeg"})
        if answer is None or answer.status in REFUSED:
            return None
        assert answer.status in (200, 201), answer
        assert answer.body["sha256"] == hashlib.sha256(data).hexdigest()
        return str(answer.body["id"])


@dataclass
class TusSender(Sender):
    """A phone that resumes: it remembers where its uploads are, and how far it was told they are."""

    places: dict[bytes, str] = field(default_factory=dict)
    offsets: dict[bytes, int] = field(default_factory=dict)

    def photo_id(self, hub: Served, data: bytes) -> str | None:
        place = self.places.get(data)
        if place is None:
            album = base64.b64encode(b"party").decode()
            about = {"Upload-Length": str(len(data)), "Upload-Metadata": f"album {album}"}
            made = ask(hub, "POST", "/api/v1/uploads", b"", TUS | about)
            if made is None or made.status in REFUSED:
                return None
            assert made.status == 201, made
            place = self.places[data] = made.headers["location"]
        answer = ask(hub, "HEAD", place, b"", TUS)
        while answer is not None and answer.status not in REFUSED:
            assert answer.status in (200, 204), answer
            offset = int(answer.headers["upload-offset"])
            assert self.offsets.get(data, 0) <= offset <= len(data)
            self.offsets[data] = offset
            if offset == len(data):
                return answer.headers["onlooker-photo"]
            chunk = data[offset : offset + len(data) // 2 + 1]
            answer = ask(hub, "PATCH", place, chunk, TUS | BYTES | {"Upload-Offset": str(offset)})
        return None


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
    command = [ONLOOKER, "check", "--json", "--data", str(folder / "data")]
    check = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert check.returncode == 0, check.stdout + check.stderr
    assert json.loads(check.stdout)["findings"] == []
    # An upload whose beginning was never answered stays until it expires; its sender does not know that it is there.
    parts = (folder / "data" / "incoming").glob("*.part")
    assert [part.name for part in parts if part.stat().st_size or not part.with_suffix(".json").exists()] == []


WAYS = {"in one request": Sender, "by tus": TusSender}


def steps_of(folder: Path, sender: Sender) -> list[str]:
    """The steps that one photo takes, counted on a hub that is left alone."""
    folder.mkdir()
    hub = Served(folder, CONFIG, program=KILLER)
    hub.environment["ONLOOKER_FAULT_ARMED"] = str(folder / "armed")
    with hub:
        assert sender.send(hub, picture(0))  # the day's folder is made only once
        (folder / "armed").touch()
        assert sender.send(hub, picture(1))
        (folder / "armed").unlink()
    return (folder / "armed.steps").read_text().split("\n")[:-1]


@pytest.mark.parametrize("way", WAYS)
def test_killed_at_every_step_of_one_photo(tmp_path: Path, way: str) -> None:
    taken = steps_of(tmp_path / "counted", WAYS[way]())
    for needed in ("open", "write", "fsync", "commit", "after commit", "replace", "publish", "after publish"):
        assert needed in taken
    folder = tmp_path / "killed"
    folder.mkdir()
    armed = folder / "armed"
    sender = WAYS[way]()
    for at in range(1, len(taken) + 1):
        hub = Served(folder, CONFIG, program=KILLER, may_die=True)
        hub.environment["ONLOOKER_FAULT_ARMED"] = str(armed)
        with hub:
            it_all_holds_after(hub, sender, picture(at - 1))  # the round before
            armed.write_text(str(at))
            sender.send(hub, picture(at))
            assert hub.dead(), f"step {at} ({taken[at - 1]}) was never reached"
        armed.unlink()
    with Served(folder, CONFIG) as hub:
        it_all_holds_after(hub, sender, picture(len(taken)))
    assert len(sender.promised) == len(taken) + 1
    data_is_clean(folder)


def it_all_holds_after(hub: Served, sender: Sender, cut_off: bytes) -> None:
    """On the hub that was started again; also once the phone has sent again what was cut off."""
    everything_holds(hub, sender)
    assert sender.send(hub, cut_off)
    everything_holds(hub, sender)


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_any_moment_under_load(tmp_path: Path, seed: int) -> None:
    """Six phones at once, half of them by tus, and a hub that dies again and again."""
    chance = Random(seed)
    senders = [TusSender() if number % 2 else Sender() for number in range(6)]
    todo = [[picture(1000 * seed + 100 * phone + number) for number in range(12)] for phone in range(6)]
    for _ in range(4):
        with Served(tmp_path, CONFIG, may_die=True) as hub, ThreadPoolExecutor(len(senders)) as phones:
            work = [phones.submit(send_all, hub, *one) for one in zip(senders, todo, strict=True)]
            hub.die_after(chance.uniform(0.02, 0.35))
            for one in work:
                one.result()
    with Served(tmp_path, CONFIG) as hub:
        for sender, photos in zip(senders, todo, strict=True):
            for data in photos:
                assert sender.send(hub, data)
        together = Sender()
        for sender in senders:
            together.sent |= sender.sent
            together.promised |= sender.promised
        everything_holds(hub, together)
    assert len(together.promised) == 72
    data_is_clean(tmp_path)


def send_all(hub: Served, sender: Sender, photos: list[bytes]) -> None:
    """One photo after the other, until the hub dies."""
    for data in photos:
        if hashlib.sha256(data).hexdigest() not in sender.promised and not sender.send(hub, data):
            return
