"""The demo's folder is made once, and is what a person may edit."""

from __future__ import annotations

import io
import os
import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from onlooker import demo
from onlooker.commands import showing
from onlooker.config import Invocation, Ready
from onlooker.errors import OnlookerError
from onlooker.formats import jpegcodec
from tests.peers.served import AUTHORIZATION, ONLOOKER, PASSWORD, USER


def quiet(steps: Iterable[int], total: int, said: str) -> Iterator[int]:
    yield from steps


def test_the_film_is_whole_h264_that_moves(tmp_path: Path) -> None:
    steps: list[int] = []

    def counting(given: Iterable[int], total: int, said: str) -> Iterator[int]:
        for step in given:
            steps.append(step)
            yield step
        assert (total, said) == (10, "Making the demo's film")

    demo.make_film(tmp_path / "film.mp4", counting, seconds=2, rate=5, width=320, height=180)
    with av.open(str(tmp_path / "film.mp4")) as film:
        stream = film.streams.video[0]
        assert (stream.codec_context.name, stream.width, stream.height) == ("h264", 320, 180)
        pictures = [frame.to_ndarray(format="rgb24").astype(int) for frame in film.decode(stream)]
    assert len(pictures) == 10 == len(steps)
    assert np.abs(pictures[0] - pictures[5]).mean() > 2
    assert [entry.name for entry in tmp_path.iterdir()] == ["film.mp4"]


def test_its_end_fits_its_beginning() -> None:
    scene = demo._Scene(320, 180)
    beginning, end = scene.draw(0.0).astype(int), scene.draw(0.999).astype(int)
    assert np.abs(beginning - end).mean() < 1


def test_a_film_that_was_interrupted_leaves_nothing(tmp_path: Path) -> None:
    def interrupted(steps: Iterable[int], total: int, said: str) -> Iterator[int]:
        yield 0
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.make_film(tmp_path / "film.mp4", interrupted, seconds=1, rate=5, width=64, height=64)
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_prepared_once_and_edits_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []
    monkeypatch.setattr(demo, "make_film", lambda path, progress: (made.append(path), path.write_bytes(b"film")))
    folder = tmp_path / "a demo, 100%"
    path = demo.prepare(folder, quiet)
    cameras = {camera.name: camera for camera in Invocation(path).load({}).cameras}
    assert list(cameras) == ["harbour", "lighthouse", "regatta", "terrace", "buoy"]
    assert cameras["terrace"].title == "Terrace (360°)"
    assert cameras["terrace"].source == "osc://127.0.0.1:5360"
    elsewhere = Invocation(path).load({demo.THETA: "127.0.0.1:7"}).cameras
    assert [camera.source for camera in elsewhere if camera.name == "terrace"] == ["osc://127.0.0.1:7"]
    assert (cameras["buoy"].options["outage_every"], cameras["buoy"].options["outage_for"]) == (45, 12)
    assert "by itself" in cameras["buoy"].title
    assert cameras["regatta"].make()._path == folder / demo.FILM  # type: ignore[attr-defined]
    path.write_text('[cameras.mine]\nsource = "testcard:mine"\n')
    assert demo.prepare(folder, quiet).read_text().startswith("[cameras.mine]")
    assert made == [folder / demo.FILM]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_its_360_camera_runs_with_it_and_ends_with_it(tmp_path: Path, end: signal.Signals) -> None:
    (tmp_path / demo.FILM).write_bytes(b"no film, to be quick")
    login = {"STREAM_USERNAME": USER, "STREAM_PASSWORD": PASSWORD}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [ONLOOKER, "demo", "--host", "127.0.0.1", "--port", str(port), "--data", str(tmp_path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **login})
        try:
            assert process.stdout is not None
            said = b""
            while b"Ctrl-C" not in said:
                line = process.stdout.readline()
                assert line, process.communicate()[1]
                said += line
            url = re.search(rb"http://127\.0\.0\.1:\d+/", said)
            assert url is not None
            headers = {"Authorization": AUTHORIZATION}
            still = urllib.request.Request(f"{url[0].decode()}cameras/terrace/still.jpg?wait=30", headers=headers)
            with urllib.request.urlopen(still, timeout=60) as answer:
                picture = jpegcodec.decode_rgb(answer.read())
            assert picture.shape == (512, 1024, 3)
            process.send_signal(end)
            process.communicate(timeout=30)
            assert process.returncode == 0
        finally:
            process.kill()
            process.communicate()


def test_a_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OnlookerError, match="Choose a folder: --data"):
        demo.prepare(tmp_path / "file" / "folder", quiet)


def test_a_taken_port_gives_the_next_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < demo.free_port("127.0.0.1", port) < port + 100
    assert demo.free_port("127.0.0.1", port) == port


def test_an_address_of_another_machine_is_a_sentence() -> None:
    with pytest.raises(OnlookerError, match=r"Cannot listen on 192\.0\.2\.77"):
        demo.free_port("192.0.2.77", 5000)


READY = Ready("http://127.0.0.1:5000/x/", ("http://192.0.2.9:5000/x/",), "the-password", "the-token")


def test_it_prints_addresses_log_in_link_and_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    showing.demo(READY)
    printed = capsys.readouterr().out
    for part in (READY.url, "user admin, password the-password", "http://192.0.2.9:5000/x/login?token=the-token", "▄"):
        assert part in printed


def test_later_starts_do_not_know_the_password(capsys: pytest.CaptureFixture[str]) -> None:
    showing.demo(Ready(READY.url))
    printed = capsys.readouterr().out
    assert "shown at the first start" in printed
    assert "login?token" not in printed
    assert "▄" not in printed


def test_a_terminal_without_blocks_gets_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", terminal)
    showing.demo(READY)
    terminal.seek(0)
    assert "cannot draw the code" in terminal.read()


def test_serve_says_the_first_password_once(capsys: pytest.CaptureFixture[str]) -> None:
    showing.serving(READY)
    assert "Log in as admin with the password the-password" in capsys.readouterr().out
    showing.serving(Ready(READY.url))
    assert capsys.readouterr().out.count("\n") == 1
    assert "the-password" not in repr(READY)
    assert "the-token" not in repr(READY)
