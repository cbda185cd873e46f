"""`onlooker simulate photos` against a real hub: what it sends is seen and counted, trouble is not passed over."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.peers.served import ONLOOKER, PASSWORD, USER, Served

CONFIG = '[albums.party]\n[albums.careful]\napprove = true\n[archive]\nreserve = "0"\n'


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("hub"), CONFIG) as served:
        yield served


def simulate(hub: Served, url: str, *more: str, login: bool = True) -> tuple[int, str, str]:
    password = hub.log.parent / "password"
    password.write_text(f"{PASSWORD}\n")
    who = ["--user", USER, "--password-file", str(password)] if login else []
    command = [ONLOOKER, "simulate", "photos", url, "--size", "320x240", "--late", "60s", *who, *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, cwd=hub.log.parent)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("more", [(), ("--tus",)], ids=["plain", "tus"])
def test_every_photo_is_sent_and_seen(hub: Served, more: tuple[str, ...]) -> None:
    code, out, err = simulate(hub, hub.url("/albums/party"), "--count", "6", "--rate", "20", "--json", *more)
    assert code == 0, (out, err)
    said: dict[str, Any] = json.loads(out)
    assert (said["sent"], said["acknowledged"], said["seen"]) == (6, 6, 6)
    assert not any(said[name] for name in ("lost", "doubled", "out_of_order", "late", "refused", "unfetchable"))
    assert set(said["seconds"]) == {"shot_to_acknowledged", "shot_to_seen", "seen_to_fetched"}
    photos = json.loads(hub.get("/api/v1/albums/party/photos?limit=1"))["photos"]
    assert (photos[0]["taken_from"], photos[0]["device"], photos[0]["width"]) == ("exif", "Simulated phone", 320)


def test_by_a_share_link(hub: Served) -> None:
    data = str(hub.log.parent / "data")
    share = [ONLOOKER, "share", "album", "party", "--data", data, "--url", hub.url("")]
    shared = subprocess.run([*share, "--upload"], capture_output=True, text=True, cwd=hub.log.parent, check=True)
    code, out, err = simulate(hub, shared.stdout.strip(), "--count", "2", "--rate", "20", login=False)
    assert code == 0, (out, err)
    assert "sent 2, acknowledged 2, refused 0, seen 2, lost 0" in out
    shared = subprocess.run(share, capture_output=True, text=True, cwd=hub.log.parent, check=True)
    code, out, err = simulate(hub, shared.stdout.strip(), "--count", "2", login=False)
    assert (code, err) == (1, "onlooker: This album takes no photos from you.\n")


@pytest.mark.parametrize(
    ("path", "login", "said"),
    [
        ("/albums/none", True, "The hub answers 404"),
        ("/albums/party", False, "does not let us in"),
        ("/albums/careful", True, "photos wait for approval"),
        ("/s/nothing", False, "does not lead to an album"),
    ],
)
def test_what_cannot_be(hub: Served, path: str, login: bool, said: str) -> None:
    code, out, err = simulate(hub, hub.url(path), "--count", "1", login=login)
    assert (code, out) == (1, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_nobody_answers(hub: Served) -> None:
    code, _, err = simulate(hub, "http://127.0.0.1:9/albums/party", "--count", "1", "--timeout", "1s")
    assert code == 1
    assert "cannot be reached" in err


@pytest.mark.parametrize("wrong", [("--count", "0"), ("--count", "1000000"), ("--rate", "0"), ("--clients", "0")])
def test_absurd_counts(hub: Served, wrong: tuple[str, str]) -> None:
    assert simulate(hub, hub.url("/albums/party"), *wrong)[0] == 2


def test_a_refused_photo_is_a_failure(tmp_path: Path) -> None:
    with Served(tmp_path, f'{CONFIG}max_photo = "1kB"\n') as small:
        code, out, err = simulate(small, small.url("/albums/party"), "--count", "2", "--rate", "20", "--json")
        assert code == 1, (out, err)
        said = json.loads(out)
        assert (said["refused"], said["acknowledged"], said["seen"]) == (2, 0, 0)
        assert said["reasons"][0].startswith("413 ")
