"""Adding a camera from a page: its password is in `.env`, for the owner only, and nowhere else."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onlooker.config import Invocation
from onlooker.config.adding import CameraBook
from onlooker.config.env_file import remove_variables, set_variables
from onlooker.config.loading import read_dotenv
from onlooker.discovery.proposal import Proposal
from onlooker.errors import ConfigError, NotWritable, UnfitCamera, UnknownCamera
from onlooker.formats.urls import split_login, with_login


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "onlooker.toml"


@pytest.fixture
def book(path: Path) -> CameraBook:
    return CameraBook(Invocation(path))


def sources(path: Path) -> dict[str, str]:
    return {camera.name: camera.source for camera in Invocation(path).load({}).cameras}


def test_a_password_goes_into_the_env_file_alone(
    book: CameraBook, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (path.parent / ".env").write_text("# mine\nOTHER=1")
    (path.parent / ".env").chmod(0o644)
    book.add("front-door", "Door", Proposal("lamp://cam/x?token=t0ken", "me", "p@ss'w\\rd"))
    text, env = path.read_text(), (path.parent / ".env").read_text()
    assert 'source = "lamp://me:${CAMERA_FRONT_DOOR_PASSWORD}@cam/x?token=${CAMERA_FRONT_DOOR_SECRET}"' in text
    assert env.startswith("# mine\nOTHER=1\nCAMERA_FRONT_DOOR_SECRET='t0ken'\n")
    assert stat.S_IMODE((path.parent / ".env").stat().st_mode) == 0o600
    assert sources(path) == {"front-door": "lamp://me:p%40ss%27w%5Crd@cam/x?token=t0ken"}
    assert "p@ss" not in caplog.text
    assert "t0ken" not in caplog.text
    book.remove("front-door")
    assert (path.parent / ".env").read_text() == "# mine\nOTHER=1\n"
    assert "cameras" not in path.read_text()
    with pytest.raises(UnknownCamera):
        book.remove("front-door")


def test_a_pasted_log_in_is_taken_apart_as_well(book: CameraBook, path: Path) -> None:
    book.add("door", "", Proposal("lamp://admin:hunter2@cam/x"))
    assert "hunter2" not in path.read_text()
    assert sources(path) == {"door": "lamp://admin:hunter2@cam/x"}


def test_a_variable_that_is_taken_is_left_alone(book: CameraBook, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMERA_DOOR_PASSWORD", "another")
    book.add("door", "", Proposal("lamp://cam", "me", "mine"))
    assert read_dotenv(path.parent / ".env") == {"CAMERA_DOOR_PASSWORD_2": "mine"}


def test_nothing_is_expanded_that_somebody_sent(book: CameraBook, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME_SECRET", "hunter2")
    monkeypatch.setenv("A", "hunter2")
    book.add("door", "${HOME_SECRET}", Proposal("lamp://evil/${HOME_SECRET}", "${A}", "${A}", {"password": "${A}"}))
    (camera,) = Invocation(path).load().cameras
    assert camera.title == "${HOME_SECRET}"
    assert camera.source == "lamp://%24%7BA%7D:%24%7BA%7D@evil/${HOME_SECRET}"
    assert camera.options["password"] == "${A}"


@pytest.mark.parametrize(
    ("name", "proposal", "said"),
    [
        ("door", Proposal("lump:x"), "No kind of camera takes “lump:”"),
        ("door", Proposal("lamp:broken"), "A lamp is not “broken”"),
        ("door", Proposal("lamp:x", options={"width": "wide"}), "width: “wide” is not allowed"),
        ("The Door", Proposal("lamp:x"), "A camera's name is made of lower-case letters"),
        ("door", Proposal("lamp:x\n"), "cannot be typed"),
        ("door", Proposal("lamp://x", "me", "a\x1bb"), "cannot be typed"),
        ("gate", Proposal("lamp://x", "me", "hunter2"), "There is a camera of that name already"),
    ],
)
def test_what_would_not_work_changes_nothing(
    book: CameraBook, path: Path, name: str, proposal: Proposal, said: str
) -> None:
    path.write_text('[cameras.gate]\nsource = "lamp:gate"\n')
    before = path.read_text()
    with pytest.raises(UnfitCamera) as caught:
        book.add(name, "", proposal)
    assert said in str(caught.value)
    assert str(path) not in str(caught.value)
    assert path.read_text() == before
    assert not (path.parent / ".env").exists()


def test_a_file_with_another_error_is_for_the_log(book: CameraBook, path: Path) -> None:
    path.write_text("[server]\nport = 'x'\n")
    with pytest.raises(ConfigError, match=r"server\.port"):
        book.add("door", "", Proposal("lamp://x", "me", "hunter2"))
    assert not (path.parent / ".env").exists()


@pytest.mark.parametrize("allowed", [False, True])
def test_without_write_access_it_is_said_what_to_write(allowed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    book = CameraBook(Invocation(Path("/proc/nowhere/onlooker.toml")))
    monkeypatch.setattr("os.access", lambda *_: allowed)  # and where that lies, it is found out
    assert book.writable() == allowed
    with pytest.raises(NotWritable) as caught:
        book.add("door", "Door", Proposal("lamp://x", "me", "hunter2"))
    assert '[cameras.door]\ntitle = "Door"\nsource = "lamp://me:${CAMERA_DOOR_PASSWORD}@x"\n' in caught.value.by_hand
    assert "CAMERA_DOOR_PASSWORD=…" in caught.value.by_hand
    assert "hunter2" not in caught.value.by_hand


def test_what_is_added_already_is_known_by_its_address(book: CameraBook, path: Path) -> None:
    book.add("door", "", Proposal("lamp://me:x@10.0.0.7:8000/a"))
    book.follow(Invocation(path).load({}).cameras)
    assert book.added("lantern://10.0.0.7") == "door"  # another way to the same machine
    assert book.added("lamp://10.0.0.7:8001") == ""
    assert book.added("lamp://10.0.0.8:8000") == ""
    assert book.added("lamp:x") == ""


def test_a_file_of_the_hubs_machine_is_not_for_an_account(
    book: CameraBook, monkeypatch: pytest.MonkeyPatch, lamp: object
) -> None:
    monkeypatch.setattr(lamp, "__name__", "onlooker.sources.file")
    with pytest.raises(UnfitCamera, match="on the machine that runs the hub"):
        book.check(Proposal("lamp:x"))


printable = st.text(min_size=1, max_size=30).filter(str.isprintable)


@settings(deadline=None, max_examples=40)  # each is flushed to the disk
@given(st.dictionaries(st.sampled_from("ABC"), printable, min_size=1))
def test_whatever_is_kept_is_read_back(tmp_path_factory: pytest.TempPathFactory, values: dict[str, str]) -> None:
    path = tmp_path_factory.mktemp("env") / ".env"
    path.write_text("FIRST=1\n")
    set_variables(path, values)
    assert read_dotenv(path) == {"FIRST": "1", **values}
    remove_variables(path, values)
    assert path.read_text() == "FIRST=1\n"


@given(printable, printable)
def test_a_log_in_goes_into_a_url_and_out_of_it(user: str, password: str) -> None:
    url = with_login("rtsp://cam:554/a@b?c", user, password)
    bare, login = split_login(url)
    assert (bare, login.user, login.password) == ("rtsp://cam:554/a@b?c", user, password)
    assert with_login(url, "", "") == bare
