"""The command line as a person or a script meets it: answers on stdout, one line on stderr, an exit code."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from onlooker import __version__, cli
from onlooker.config import Invocation
from onlooker.web.users import Users

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in an empty folder without a terminal; gives exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("onlooker.commands.serve.stop_on_sigterm", lambda: None)  # this process is not the command
    for name in [name for name in os.environ if name.startswith(("ONLOOKER_", "STREAM_"))]:
        monkeypatch.delenv(name)

    def run(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = cli.run(arguments)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_the_version(run: Run) -> None:
    assert run("--version") == (0, f"onlooker {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve", "--prot", "3"], "No such option: --prot"),
        (["serve", "--port", "70000"], "--port"),
        (["srve"], "No such command 'srve'"),
        (["camera", "add", "x"], "Missing argument"),
        (["camera", "add", "x", "testcard:x", "--option", "fps"], "“fps” is not KEY=VALUE"),
    ],
)
def test_a_misuse_is_one_line_and_exit_code_2(run: Run, arguments: list[str], said: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("onlooker: ")
    assert said in err
    assert "--help" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["config", "check", "--config", "no.toml"], "no.toml: there is no such file"),
        (["serve", "--config", "no.toml"], "no.toml: there is no such file"),
        (["serve", "--root-path", "a b"], "command line: --root-path: “a b” is not allowed"),
        (["camera", "add", "x", "telnet://x"], "onlooker.toml: cameras.x.source: No kind of camera takes “telnet:”"),
        (["camera", "add", "x", "testcard:x", "--option", "fsp=2"], "cameras.x.fsp: unknown key; did you mean “fps”?"),
        (["camera", "add", "x", "testcard:x", "--option", "size=big"], "onlooker.toml: cameras.x.size: “big”"),
        (["camera", "remove", "x"], "cameras.x: this file has no camera of that name"),
        (["camera", "probe", "file:/does/not/exist"], "/does/not/exist"),
        (["camera", "probe", "telnet://me:hunter2@x"], "source: No kind of camera takes “telnet:”"),
        (["camera", "probe", "testcard:${NOT_SET_ANYWHERE}"], "source: the environment variable NOT_SET_ANYWHERE"),
        (["user", "remove", "nobody"], "There is no user “nobody”"),
        (["user", "password", "nobody"], "There is no user “nobody”"),
        (["user", "token", "nobody"], "There is no user “nobody”"),
    ],
)
def test_an_error_is_one_line_and_exit_code_1(run: Run, arguments: list[str], said: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("onlooker: ")
    assert said in err
    assert "hunter2" not in err


def test_several_problems_are_a_line_each(run: Run) -> None:
    Path("onlooker.toml").write_text('[server]\nprot = 1\n[cameras.a]\nsource = "testcard:a"\nfps = "fast"\n')
    code, _, err = run("config", "check")
    assert code == 1
    assert [line.split(": ")[2] for line in err.splitlines()] == ["server.prot", "cameras.a.fps"]


def test_the_unexpected_is_one_line_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def defect(*_: object) -> None:
        raise RuntimeError("rtsp://me:hunter2@cam broke\nbadly")

    monkeypatch.setattr("onlooker.config.json_schema.schema", defect)
    code, _, err = run("config", "schema")
    assert code == 70
    assert err == (
        "onlooker: something unexpected went wrong: RuntimeError: rtsp://me:***@cam broke. "
        "Run with ONLOOKER_DEBUG=1 to see the trace\n"
    )
    monkeypatch.setenv("ONLOOKER_DEBUG", "1")
    with pytest.raises(RuntimeError):
        run("config", "schema")


def test_ctrl_c_is_no_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("onlooker.config.json_schema.schema", interrupted)
    code, out, err = run("config", "schema")
    assert (code, out) == (130, "")
    assert "Traceback" not in err


def test_cameras_are_added_listed_and_removed(run: Run) -> None:
    code, out, _ = run("camera", "add", "porch", "testcard:porch", "--title", "The porch", "--option", "fps=2")
    assert (code, out) == (0, "Added porch to onlooker.toml\n")
    run("camera", "add", "gate", "rtsp://me:hunter2@cam.local/x")
    assert Invocation().load({}).cameras[0].options["fps"] == 2.0
    code, out, _ = run("camera", "list", "--json")
    assert json.loads(out) == [
        {"name": "porch", "title": "The porch", "kind": "testcard", "source": "testcard:porch"},
        {"name": "gate", "title": "Gate", "kind": "rtsp", "source": "rtsp://me:***@cam.local/x"},
    ]
    code, out, _ = run("camera", "list")
    assert "The porch" in out
    assert "hunter2" not in out
    assert run("camera", "remove", "porch")[0] == 0
    assert [camera.name for camera in Invocation().load({}).cameras] == ["gate"]


def test_an_empty_list_says_what_to_do(run: Run) -> None:
    assert "camera add NAME SOURCE" in run("camera", "list")[1]
    assert json.loads(run("camera", "list", "--json")[1]) == []


def test_probe_measures_and_saves(run: Run) -> None:
    options = ["--option", "size=320x180", "--option", "fps=20"]
    code, out, err = run("camera", "probe", "testcard:x", *options, "--json", "--save", "x.jpg")
    assert (code, err) == (0, "")
    finding = json.loads(out)
    assert (finding["kind"], finding["codec"], finding["width"], finding["height"]) == ("testcard", "mjpeg", 320, 180)
    assert finding["frame_rate"] > 0
    assert Path("x.jpg").read_bytes().startswith(b"\xff\xd8")


def test_check_and_schema(run: Run) -> None:
    assert run("config", "check")[1].startswith("There is no onlooker.toml, which is fine: 0 cameras, 1 album,")
    Path("onlooker.toml").write_text('[cameras.a]\nsource = "testcard:a"\n')
    assert run("config", "check") == (0, "onlooker.toml is fine: 1 camera, 2 albums, data in onlooker-data\n", "")
    assert json.loads(run("config", "schema")[1])["title"] == "onlooker.toml"


def test_users_come_and_go(run: Run) -> None:
    users = Users(Path("onlooker-data"))
    assert "There are no accounts yet" in run("user", "list")[1]
    assert run("user", "add", "ann", "--password-stdin", stdin="correct horse\n") == (0, "Added ann\n", "")
    assert users.verify("ann", "correct horse")
    _, out, _ = run("user", "add", "bob")
    made_up = re.search(r"The password is (\S+) and is shown only now", out)
    assert made_up is not None
    assert users.verify("bob", made_up[1])
    assert run("user", "password", "bob", "--password-stdin", stdin="battery staple\n")[0] == 0
    assert users.verify("bob", "battery staple")
    token = run("user", "token", "ann", "--label", "wall")[1].strip()
    assert users.token_owner(token) == "ann"
    assert json.loads(run("user", "list", "--json")[1]) == [
        {"name": "ann", "tokens": ["wall"]},
        {"name": "bob", "tokens": []},
    ]
    assert run("user", "list")[1] == "ann  (tokens: wall)\nbob\n"
    assert run("user", "token", "ann", "--label", "wall", "--revoke")[0] == 0
    assert users.token_owner(token) is None
    assert run("user", "remove", "ann")[0] == 0
    assert users.names() == ["bob"]
    assert "already" in run("user", "add", "bob")[2]


def test_a_person_at_a_terminal_is_asked_twice(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    answers = iter(["correct horse", "correct house", "correct horse", "correct horse"])
    monkeypatch.setattr("getpass.getpass", lambda _: next(answers))
    monkeypatch.setattr(io, "StringIO", Terminal)
    assert "The two passwords differ" in run("user", "add", "ann", "--data", "d")[2]
    assert run("user", "add", "ann", "--data", "d")[:2] == (0, "Added ann\n")
    assert Users(Path("d")).verify("ann", "correct horse")


def test_help_does_not_load_the_heavy_parts() -> None:
    code = (
        "import sys; from onlooker.cli import run; run(['--help']); "
        "heavy = {'av', 'numpy', 'fastapi', 'uvicorn', 'aiohttp', 'pydantic'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


MAIN = [sys.executable, "-c", "from onlooker.cli import main; main()"]


@contextmanager
def serving(folder: Path, *arguments: str, environ: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """The real command with its standard input closed, as a service manager starts it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ONLOOKER_", "STREAM_"))}
    process = subprocess.Popen(
        [*MAIN, *arguments],
        cwd=folder,
        env={**kept, **(environ or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=20)


def printed(process: subprocess.Popen[str], pattern: str) -> str:
    """The first group of the first line of standard output that matches."""
    assert process.stdout is not None
    for line in process.stdout:
        if match := re.search(pattern, line):
            return match[1]
    assert process.stderr is not None
    raise AssertionError(f"{pattern} was not printed: {process.stderr.read()}")


def status_of(url: str, username: str, password: str) -> int:
    manager = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    manager.add_password(None, url, username, password)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPBasicAuthHandler(manager))
    try:
        with opener.open(url, timeout=20) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.mark.skipif(os.name != "posix", reason="stops the process with SIGTERM")
def test_serve_needs_no_terminal_and_stops_cleanly(tmp_path: Path) -> None:
    (tmp_path / "onlooker.toml").write_text('[cameras.a]\nsource = "testcard:a"\nalways_on = true\n')
    with serving(tmp_path, "serve", "--host", "127.0.0.1", "--port", "0") as process:
        url = printed(process, r"(http://127\.0\.0\.1:\d+/)")
        password = printed(process, r"Log in as admin with the password (\S+)")
        assert status_of(f"{url}api/v1/cameras", "admin", password) == 200
        assert status_of(f"{url}api/v1/cameras", "admin", "wrong") == 401
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in out + err
    assert password not in err
    assert (tmp_path / "onlooker-data" / "users.json").exists()


def test_serve_takes_the_predecessors_variables_from_dotenv(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("STREAM_USERNAME=me\nSTREAM_PASSWORD=correct horse\nONLOOKER_PORT=0\n")
    with serving(tmp_path, "serve", "--host", "127.0.0.1") as process:
        url = printed(process, r"(http://127\.0\.0\.1:\d+/)")
        assert status_of(f"{url}api/v1/cameras", "me", "correct horse") == 200
        assert status_of(f"{url}api/v1/cameras", "admin", "") == 401


def test_serve_on_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with serving(tmp_path, "serve", "--host", "127.0.0.1", "--port", str(port)) as process:
            out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err == f"onlooker: Port {port} is taken by another program. Choose another with --port.\n"
