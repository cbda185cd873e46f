"""Every layer of the configuration, and every way to get it wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from onlooker.config import Invocation, Settings
from onlooker.errors import ConfigError


def load(folder: Path, text: str = "", environ: dict[str, str] | None = None, **overrides: object) -> Settings:
    path = folder / "onlooker.toml"
    path.write_text(text, encoding="utf-8")
    return Invocation(path, overrides).load(environ or {})


def test_without_a_file_the_hub_starts_with_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Invocation().load({})
    assert (settings.server.host, settings.server.port, settings.cameras) == ("0.0.0.0", 5000, ())
    assert settings.server.data == Path("onlooker-data")
    assert settings.stream_login is None


def test_a_file_that_was_asked_for_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        Invocation(tmp_path / "missing.toml").load({})


def test_a_camera_with_common_and_own_options(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        '[cameras.front-door]\nsource = "lamp:one"\ntransport = "udp"\nwidth = 320\nalways_on = true\nidle_after = 3\n'
        '[cameras.garden]\nsource = "LANTERN:two"\ntitle = "  The garden "\n',
    )
    door, garden = settings.cameras
    assert (door.name, door.title, door.kind, door.always_on, door.idle_after) == (
        "front-door",
        "Front door",
        "lamp",
        True,
        3.0,
    )
    assert door.make().options == ("udp", 320, True, None, "")  # type: ignore[attr-defined]
    assert garden.title == "The garden"
    assert garden.make().options == ("tcp", 640, True, None, "")  # type: ignore[attr-defined]


def test_a_camera_with_a_smaller_stream(tmp_path: Path) -> None:
    text = '[cameras.door]\nsource = "lamp:one"\nwidth = 320\nsub = "{}"\n'
    plan = load(tmp_path, text.format("lamp:two")).cameras[0].plan()
    assert plan.small is not None
    assert plan.small().options[1] == 320  # type: ignore[union-attr]
    without = load(tmp_path, '[cameras.door]\nsource = "lamp:one"\nwidth = 320\n').cameras[0].plan()
    assert without.small is None
    assert without.fingerprint != plan.fingerprint
    with pytest.raises(ConfigError, match=r"cameras\.door\.sub: No kind of camera takes “candle:”"):
        load(tmp_path, text.format("candle:two"))


def test_the_command_line_wins_over_environment_dotenv_file_and_default(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ONLOOKER_PORT=3\nONLOOKER_HOST=c\nONLOOKER_LOG_LEVEL=error\n")
    text = '[server]\nport = 4\nhost = "d"\nlog_level = "debug"\nlog_format = "json"\n'
    environ = {"ONLOOKER_PORT": "2", "ONLOOKER_HOST": "b"}
    server = load(tmp_path, text, environ, port=1, host=None).server
    assert (server.port, server.host, server.log_level, server.log_format) == (1, "b", "error", "json")
    assert server.session_days == 30


def test_paths_are_relative_to_where_they_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(tmp_path).server.data == tmp_path / "onlooker-data"
    assert load(tmp_path, '[server]\ndata = "kept"\n').server.data == tmp_path / "kept"
    assert load(tmp_path, '[server]\ndata = "kept"\n', {"ONLOOKER_DATA": "here"}).server.data == Path("here")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert load(tmp_path, '[server]\ndata = "~/kept"\n').server.data == Path("/home/somebody/kept")


@pytest.mark.parametrize("written", ['["127.0.0.1", "10.1.0.0/8"]', '"127.0.0.1, 10.1.0.0/8"'])
def test_proxies_are_networks(tmp_path: Path, written: str) -> None:
    server = load(tmp_path, f"[server]\ntrusted_proxies = {written}\n").server
    assert server.trusted_proxies == ("127.0.0.1/32", "10.0.0.0/8")


@pytest.mark.parametrize(("written", "meant"), [("", ""), ("/", ""), ("cams/", "/cams"), ("/a/b", "/a/b")])
def test_the_root_path_has_one_form(tmp_path: Path, written: str, meant: str) -> None:
    assert load(tmp_path, f'[server]\nroot_path = "{written}"\n').server.root_path == meant


def test_placeholders_come_from_environment_and_dotenv(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("WIDTH=99\nWHO=dotenv\n")
    text = (
        '[cameras.a]\nsource = "lamp:${WHO}"\nwidth = "${WIDTH}"\ntitle = "${TITLE:-No name} $${x}"\n'
        'transport = "${EMPTY:-udp}"\n'
    )
    (camera,) = load(tmp_path, text, {"WHO": "real", "EMPTY": ""}).cameras
    assert (camera.source, camera.title) == ("lamp:real", "No name ${x}")
    assert camera.options["width"] == 99
    assert camera.options["transport"] == "udp"


def test_a_password_from_the_environment_may_hold_any_character(tmp_path: Path) -> None:
    text = '[cameras.a]\nsource = "lamp://${USER}:${PASS}@host/${PATH_OF_IT}?x=${PASS}"\n'
    (camera,) = load(tmp_path, text, {"USER": "me", "PASS": "p@s/s:", "PATH_OF_IT": "a/b"}).cameras
    assert camera.source == "lamp://me:p%40s%2Fs%3A@host/a/b?x=p@s/s:"
    assert "p%40s" not in repr(camera)


def test_the_predecessors_variables_make_an_account(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("STREAM_USERNAME=me\nSTREAM_PASSWORD=from dotenv\n")
    assert load(tmp_path).stream_login is not None
    login = load(tmp_path, environ={"STREAM_PASSWORD": "real"}).stream_login
    assert login is not None
    assert (login.username, login.password) == ("me", "real")
    assert "real" not in repr(login)


@pytest.mark.parametrize(("there", "missing"), [("USERNAME", "PASSWORD"), ("PASSWORD", "USERNAME")])
def test_half_an_account_is_an_error_not_an_open_door(tmp_path: Path, there: str, missing: str) -> None:
    with pytest.raises(ConfigError, match=f"STREAM_{missing}: is missing"):
        load(tmp_path, environ={f"STREAM_{there}": "x"})


CAMERA = '[cameras.garden]\nsource = "lamp:x"\n'
BROKEN = [
    ("[server]\nprot = 1\n", ["server.prot: unknown key", "did you mean “port”?", "host", "root_path"]),
    ("[server]\nport = 70000\n", ["server.port: “70000” is not allowed", "a whole number from 0 to 65535"]),
    ('[server]\nport = "many"\n', ["server.port: “many” is not allowed", "a whole number from 0 to 65535"]),
    ('[server]\nlog_level = "warn"\n', ["server.log_level", "one of debug, info, warning, error", "“warning”?"]),
    ('[server]\naccess_log = "perhaps"\n', ["server.access_log: “perhaps”", "true or false"]),
    ('[server]\ntrusted_proxies = ["home"]\n', ["server.trusted_proxies", "'home'", "10.0.0.0/8"]),
    ("[server]\ntrusted_proxies = 7\n", ["server.trusted_proxies", "a list of text"]),
    ('[server]\nroot_path = "http://x"\n', ["server.root_path: “http://x”", "/cams"]),
    ('[server]\ntls_key = "no.pem"\n', ["server.tls_key", "the path of a file that exists"]),
    ("server = 3\n", ["server: is not a table"]),
    ("[camera.x]\n", ["camera: unknown key", "did you mean “cameras”?", "Allowed: albums, archive, cameras, server"]),
    ("[[cameras]]\n", ["cameras: is not a table", "[cameras.NAME]"]),
    ("[cameras]\ngarden = 3\n", ["cameras.garden: is not a table"]),
    ("[cameras.Garden]\n", ["cameras.Garden", "lower-case letters, digits, - and _", "“garden” would do"]),
    ("[cameras.garden]\n", ["cameras.garden.source: is missing"]),
    ("[cameras.garden]\nsource = 7\n", ["cameras.garden.source: “7” is not allowed. It takes text"]),
    ('[cameras.garden]\nsource = "lump:x"\n', ["cameras.garden.source", "“lump:”", "lamp:, lantern:", "mean “lamp”?"]),
    ('[cameras.garden]\nsource = "lump:x"\ntitle = 3\n', ["cameras.garden.source", "cameras.garden.title: “3”"]),
    ('[cameras.garden]\nsource = "lamp:broken"\n', ["cameras.garden.source: a lamp is not “broken”"]),
    (CAMERA + 'transport = "tpc"\n', ["cameras.garden.transport: “tpc”", "one of tcp, udp", "did you mean “tcp”?"]),
    (CAMERA + "width = 0\n", ["cameras.garden.width: “0”", "a whole number from 1 to 4096"]),
    (CAMERA + 'wait = "long"\n', ["cameras.garden.wait: “long” is not allowed. It takes a number"]),
    (CAMERA + "stall_after = 0\n", ["cameras.garden.stall_after: “0”", "above 0"]),
    (CAMERA + "alwayson = true\n", ["cameras.garden.alwayson: unknown key; did you mean “always_on”?", "transport"]),
    (CAMERA + 'title = "${NOBODY}"\n', ["cameras.garden.title", "variable NOBODY is not set"]),
    ("[server\n", ["not valid TOML"]),
]


@pytest.mark.parametrize(("text", "said"), BROKEN)
def test_an_error_names_file_key_and_what_is_allowed(tmp_path: Path, text: str, said: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{tmp_path / 'onlooker.toml'}: ") for line in lines)
    for part in said:
        assert part in str(caught.value)


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, "x = 1\n[server]\nport = -1\n" + CAMERA + "width = 0\nwdith = 1\n[cameras.b]\n")
    keys = [line.split(": ")[1] for line in str(caught.value).splitlines()]
    assert sorted(keys) == ["cameras.b.source", "cameras.garden.wdith", "cameras.garden.width", "server.port", "x"]


def test_an_error_names_the_layer_it_is_in(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^environment: ONLOOKER_PORT: “many” is not allowed"):
        load(tmp_path, environ={"ONLOOKER_PORT": "many"})
    with pytest.raises(ConfigError, match=r"^command line: --root-path: “a b” is not allowed"):
        load(tmp_path, root_path="a b")
    (tmp_path / ".env").write_text("ONLOOKER_LOG_FORMAT=xml")
    with pytest.raises(
        ConfigError, match=r"env: ONLOOKER_LOG_FORMAT: “xml” is not allowed. It takes one of text, json"
    ):
        load(tmp_path)


def test_no_secret_stands_in_an_error(tmp_path: Path) -> None:
    text = (
        '[cameras.a]\nsource = "lump://me:hunter2@host"\n'
        '[cameras.b]\nsource = "lamp:x"\npassword = 5\ntransport = "${SECRET}"\n'
    )
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, {"SECRET": "hunter2"})
    assert "hunter2" not in str(caught.value)
    assert "cameras.b.transport: “${SECRET}” is not allowed" in str(caught.value)
    assert "cameras.b.password: this value is not allowed" in str(caught.value)


def test_tls_files_belong_together(tmp_path: Path) -> None:
    (tmp_path / "chain.pem").write_text("")
    with pytest.raises(ConfigError, match="set both or neither"):
        load(tmp_path, '[server]\ntls_certificate = "chain.pem"\n')


def test_a_file_that_is_not_text_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "onlooker.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not a UTF-8 text file"):
        Invocation(tmp_path / "onlooker.toml").load({})
