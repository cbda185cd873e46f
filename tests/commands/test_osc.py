"""`onlooker osc`: the predecessor's flags, what is refused among them, and a password that nobody sees."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from onlooker.cli import run
from onlooker.commands.osc import VARIABLE, source_of
from onlooker.config import Invocation
from onlooker.errors import UserError


def test_without_flags_it_is_the_camera_whose_network_was_joined() -> None:
    assert source_of(False, None, None, None, None) == "osc://192.168.1.1"


def test_with_the_routers_flags_it_is_a_camera_that_asks_for_a_password() -> None:
    source = source_of(True, "10.0.0.7", 8080, "THETA:YL0", "p@ss ${HOME}/#?")
    assert source == "osc://THETA%3AYL0:p%40ss%20%24%7BHOME%7D%2F%23%3F@10.0.0.7:8080"
    assert source_of(True, "fe80::1", None, "a", "b") == "osc://a:b@[fe80::1]"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((True, None, None, None, None), "-r needs -o, -i, --pwd"),
        ((True, "10.0.0.7", None, "a", None), "-r needs --pwd"),
        ((True, "10.0.0.7", None, None, "b"), "-r needs -i"),
        ((False, "10.0.0.7", 80, None, None), "-o, -p says where a camera is in your network"),
    ],
)
def test_flags_that_do_not_fit_together_are_refused(given: tuple[bool, str, int, str, str], said: str) -> None:
    with pytest.raises(UserError) as refusal:
        source_of(*given)
    assert str(refusal.value).startswith(said)


@pytest.mark.parametrize("flags", [["-r", "-o", "10.0.0.7"], ["-o", "10.0.0.7"], ["--pwd-file", "nowhere"]])
def test_what_is_refused_ends_with_one_line_and_an_exit_status(
    flags: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert run(["osc", *flags]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_camera_of_the_command_line_stands_first_and_gives_way_to_the_files(tmp_path: Path) -> None:
    path = tmp_path / "onlooker.toml"
    path.write_text('[cameras.yard]\nsource = "testcard:"\n')
    invocation = Invocation(path, {}, {"theta": {"source": "testcard:theta"}})
    assert [camera.name for camera in invocation.load({}).cameras] == ["theta", "yard"]
    path.write_text('[cameras.theta]\nsource = "testcard:"\ntitle = "Mine"\n')
    assert [camera.title for camera in invocation.load({}).cameras] == ["Mine"]


@pytest.mark.skipif(os.name != "posix", reason="a process replaces itself on POSIX systems only")
def test_the_password_leaves_the_arguments_of_the_process(tmp_path: Path) -> None:
    code = (
        "import os, sys; from onlooker.commands import osc\n"
        "if any(one.startswith('--pwd') for one in sys.argv): osc._hide('s3' 'cret')\n"
        "print(sys.orig_argv, os.environ['ONLOOKER_OSC_PASSWORD'])"
    )
    for flags in (["--pwd", "s3cret"], ["--pwd=s3cret"]):
        done = subprocess.run(
            [sys.executable, "-c", code, "osc", "-r", *flags, "-i", "me"], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        arguments, _, password = done.stdout.strip().rpartition(" ")
        assert password == "s3cret"
        assert "s3cret" not in arguments
        assert arguments.endswith("'osc', '-r', '-i', 'me']")
