"""A disk that fails or fills up: what it refuses is refused, what was acknowledged is there, and it goes on after."""

from __future__ import annotations

import errno
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.test_killed import (
    ALBUM,
    KILLER,
    WAYS,
    Sender,
    TusSender,
    ask,
    data_is_clean,
    everything_holds,
    picture,
    steps_of,
)
from tests.peers.served import Served

CONFIG = '[albums.party]\ntitle = "Party"\n[archive]\nreserve = "0"\n'


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("refusal", [errno.EIO, errno.ENOSPC], ids=errno.errorcode.get)
def test_a_disk_that_fails_at_any_step(tmp_path: Path, way: str, refusal: int) -> None:
    taken = steps_of(tmp_path / "counted", WAYS[way]())
    folder = tmp_path / "failing"
    folder.mkdir()
    armed = folder / "armed"
    sender = WAYS[way]()
    hub = Served(folder, CONFIG, program=KILLER)
    hub.environment |= {"ONLOOKER_FAULT_ARMED": str(armed), "ONLOOKER_FAULT_ERRNO": str(refusal)}
    refused = 0
    with hub:
        for at in range(1, len(taken) + 1):
            armed.write_text(str(at))
            refused += not sender.send(hub, picture(at))
            armed.unlink()
            assert sender.send(hub, picture(at))  # the phone tries again, and the disk is well
        everything_holds(hub, sender)
        assert refused >= 3  # some steps may fail unnoticed, because they can be done later
    with Served(folder, CONFIG) as hub:  # puts right what could not be moved or deleted then
        everything_holds(hub, sender)
    data_is_clean(folder)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of eight megabytes, half of which somebody else has filled."""
    folder = tmp_path / "data"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("a small disk needs the command mount")
    if mounted.returncode:
        pytest.skip(f"a small disk needs the right to mount one: {mounted.stderr.strip()}")
    (folder / "filler").write_bytes(bytes(4_000_000))
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def large(number: int) -> bytes:
    """A photo of 300 kB: what stands behind its end is kept as it is."""
    return picture(number) + bytes(300_000)


def test_a_disk_that_fills_up_and_is_emptied_again(tmp_path: Path, small_disk: Path) -> None:
    sender, by_tus = Sender(), TusSender()
    with Served(tmp_path, CONFIG) as hub:
        refused: list[bytes] = []
        for number in range(40):
            one = (sender, by_tus)[number % 2]
            if not one.send(hub, large(number)):
                refused.append(large(number))
        assert len(sender.promised) + len(by_tus.promised) >= 4
        assert len(refused) >= 10
        answer = ask(hub, "POST", f"{ALBUM}/photos", large(99), {"Content-Type": "image/jpeg"})
        assert answer is not None
        assert answer.status == 507
        assert "full" in answer.body["detail"]
        together = Sender(sender.sent | by_tus.sent, sender.promised | by_tus.promised)
        everything_holds(hub, together)
        (small_disk / "filler").unlink()  # somebody makes room
        assert together.send(hub, large(99))
        assert together.send(hub, refused[0])
        everything_holds(hub, together)
    data_is_clean(tmp_path)
