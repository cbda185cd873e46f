"""The two tus clients that people use, against a real hub that is killed and over connections that are cut."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
import simplejpeg
from tusclient.client import TusClient
from tusclient.uploader import Uploader

from tests.faults.scissors import Scissors
from tests.peers.served import AUTHORIZATION, Served

NODE = shutil.which("node")
SCRIPT = Path(__file__).with_name("tus_client.mjs")
CHUNK = 256 * 1024

pytestmark = pytest.mark.peers
with_node = pytest.mark.skipif(
    NODE is None or not Path(".peers/node_modules/tus-js-client").exists(),
    reason="node or tus-js-client is missing: run scripts/install-peers.sh",
)


def photo(number: int) -> bytes:
    """A JPEG of a few megabytes, which noise makes large."""
    noise = np.random.default_rng(number).integers(0, 255, (1000, 1400, 3), dtype=np.uint8)
    return simplejpeg.encode_jpeg(noise, quality=97)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "IMG_1.JPG"
    path.write_bytes(photo(1))
    assert path.stat().st_size > 4 * CHUNK
    return path


def endpoint(port: int) -> str:
    return f"http://127.0.0.1:{port}/api/v1/uploads"


@contextmanager
def sending(port: int, file: Path, url: str = "") -> Iterator[subprocess.Popen[str]]:
    """tus-js-client at work."""
    assert NODE is not None
    command = [NODE, str(SCRIPT), endpoint(port), str(file), AUTHORIZATION, str(CHUNK), url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str], word: str) -> str:
    """Wait until it says this; what follows the word."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(f"{word} "):
            return line.removeprefix(f"{word} ").strip()
    assert process.stderr is not None
    raise AssertionError(process.stderr.read())


def uploader(port: int, file: Path, **options: Any) -> Uploader:
    client = TusClient(endpoint(port), headers={"Authorization": AUTHORIZATION})
    found: Uploader = client.uploader(file_stream=io.BytesIO(file.read_bytes()), chunk_size=CHUNK, **options)
    return found


def is_there_once(hub: Served, *sent: bytes) -> dict[str, Any]:
    """These photos and no others, byte for byte, each told by one event; the newest, as the API has it."""
    listed = json.loads(hub.get("/api/v1/albums/photos/photos"))["photos"]
    assert {one["sha256"] for one in listed} == {hashlib.sha256(data).hexdigest() for data in sent}
    assert {hub.get(one["original"]) for one in listed} == set(sent)
    events = json.loads(hub.get("/api/v1/albums/photos/events"))["events"]
    assert sorted(event["data"]["id"] for event in events) == sorted(one["id"] for one in listed)
    assert {event["event"] for event in events} == {"complete"}
    newest: dict[str, Any] = listed[0]
    return newest


@with_node
def test_tus_js_client(tmp_path: Path, file: Path) -> None:
    with Served(tmp_path) as hub, sending(hub.port, file) as client:
        receipt = said(client, "photo")
        newest = is_there_once(hub, file.read_bytes())
        assert (newest["id"], newest["caption"], newest["author"]) == (receipt, "Von Zoë", "ada")


@with_node
def test_a_killed_client_goes_on_where_it_was(tmp_path: Path, file: Path) -> None:
    with Served(tmp_path) as hub:
        with sending(hub.port, file) as client:
            url = said(client, "at")
            first = int(said(client, "sent"))
        with sending(hub.port, file, url) as client:
            assert int(said(client, "sent")) > first
            receipt = said(client, "photo")
        assert is_there_once(hub, file.read_bytes())["id"] == receipt


@with_node
def test_a_hub_that_is_killed_and_started_again(tmp_path: Path, file: Path) -> None:
    with Served(tmp_path, may_die=True) as hub, sending(hub.port, file) as client:
        said(client, "sent")
        hub.kill()
        with Served(tmp_path, port=hub.port) as again:
            receipt = said(client, "photo")
            assert is_there_once(again, file.read_bytes())["id"] == receipt


@with_node
def test_connections_that_are_cut(tmp_path: Path, file: Path) -> None:
    with (
        Served(tmp_path) as hub,
        # In the head of the creation, in heads and bodies of chunks, and right behind a chunk, before its answer.
        Scissors(hub.port, [100, 900, CHUNK // 2, CHUNK + 700, 50, 300_000, 1, 500_000]) as scissors,
        sending(scissors.port, file) as client,
    ):
        receipt = said(client, "photo")
        assert scissors.cuts >= 3
        assert is_there_once(hub, file.read_bytes())["id"] == receipt


@with_node
def test_many_at_once(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.jpg" for number in range(4)]
    for number, path in enumerate(files):
        path.write_bytes(photo(number))

    with Served(tmp_path) as hub:

        def send(path: Path) -> None:
            with sending(hub.port, path) as client:
                said(client, "photo")

        with ThreadPoolExecutor(len(files)) as phones:
            list(phones.map(send, files))
        is_there_once(hub, *(path.read_bytes() for path in files))


def test_tuspy_with_checksums_over_a_restart(tmp_path: Path, file: Path) -> None:
    metadata = {"filename": "IMG_1.JPG", "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    with Served(tmp_path, may_die=True) as hub:
        begun = uploader(hub.port, file, metadata=metadata, upload_checksum=True)
        begun.upload(stop_at=2 * CHUNK)
        assert begun.offset == 2 * CHUNK
        hub.kill()
    with Served(tmp_path, port=hub.port) as hub:
        resumed = uploader(hub.port, file, url=begun.url, upload_checksum=True)
        assert resumed.offset == 2 * CHUNK
        resumed.upload()
        newest = is_there_once(hub, file.read_bytes())
        assert urlsplit(begun.url).path.rpartition("/")[2] == newest["id"]


def test_tuspy_over_connections_that_are_cut(tmp_path: Path, file: Path) -> None:
    with Served(tmp_path) as hub, Scissors(hub.port, [5_000, 2_000, 100_000, 600]) as scissors:
        begun = uploader(scissors.port, file, retries=9, retry_delay=0)
        begun.upload()
        assert scissors.cuts >= 2
        is_there_once(hub, file.read_bytes())
