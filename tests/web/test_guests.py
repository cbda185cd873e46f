"""What a guest reaches, as a table: all that is named, and nothing that only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onlooker.web import guests
from onlooker.web.visitor import Grant, Visitor

LOOK = Visitor("", "share", grants=(Grant("album", "party", upload=False, share_id="a"),))
ADD = Visitor("", "share", grants=(Grant("album", "party", upload=True, share_id="b"),))
YARD = Visitor("", "share", grants=(Grant("camera", "yard", upload=False, share_id="c"),))
SEND = Visitor("", "share", grants=(Grant("camera", "yard", upload=True, share_id="d"),))
BOTH = Visitor("", "share", grants=(*ADD.grants, *YARD.grants))
ANNA = Visitor("anna", "session", by_cookie=True)

ALBUM = [
    "/albums/party",
    "/albums/party/show",
    "/albums/party/events",
    "/albums/party/latest.jpg",
    "/albums/party/beam",
    "/albums/party/all.zip",
    "/albums/party/i/0a1b/1440.webp",
    "/albums/party/i/0a1b/original.jpg",
    "/api/v1/albums/party",
    "/api/v1/albums/party/photos",
    "/api/v1/albums/party/photos/abc",
    "/api/v1/albums/party/days",
    "/api/v1/albums/party/events",
    "/api/v1/clock",
]
UPLOADS = [
    ("POST", "/api/v1/albums/party/photos"),
    ("POST", "/api/v1/albums/party/photos/check"),
    ("POST", "/api/v1/uploads"),
    ("OPTIONS", "/api/v1/uploads"),
    ("HEAD", "/api/v1/uploads/abc234"),
    ("PATCH", "/api/v1/uploads/abc234"),
    ("DELETE", "/api/v1/uploads/abc234"),
    ("POST", "/upload"),
    ("GET", "/albums/party/snap"),
]
CAMERA = [
    ("/cameras/yard", ""),
    ("/cameras/yard/live.mjpg", "width=640"),
    ("/cameras/yard/still.jpg", ""),
    ("/api/v1/cameras/yard", ""),
    ("/api/v1/cameras/yard/events", ""),
    ("/live", "cameras=yard"),
    ("/live", "cameras=yard&width=640"),
]
SENDING = [
    ("GET", "/cameras/yard/broadcast"),
    ("HEAD", "/cameras/yard/broadcast"),
    ("WEBSOCKET", "/cameras/yard/broadcast/socket"),
    ("PUT", "/cameras/yard/frame"),
    ("POST", "/cameras/yard/stream"),
]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WEBSOCKET"]
NOBODYS = [
    *("/cameras/yard/events", "/api/v1/cameras/door/events", "/api/v1/cameras/yard/events/1"),
    *("/", "", "/albums", "/albums/", "/albums/other", "/albums/other/i/0a1b/1440.webp", "/albums/party2"),
    *("/albums/Party", "/albums/PARTY/show", "/ALBUMS/party", "/albums/party/", "/albums//party", "//albums/party"),
    *("/albums/party/../other", "/albums/party/..", "/albums/./party", "/albums/party/i/..", "/albums/party/.hidden"),
    *("/albums/party%2f..%2fother", "/albums/party;a=b", "/albums/party/show;x", "/albums/party\\show", "albums/party"),
    *("/albums/party/show\x00", "/albums/party\n", "/albums/party/sh\u00f6w", "/albums/ party", "/albums/party /show"),
    *("/albums/\uff50arty", "/api/v1/albums", "/api/v1/albums/other", "/api/v1/albums/party/", "/api/v1/shares"),
    *(
        "/api/v1/albums/other/photos/abc",
        "/api/v1/albums/party/photos/abc/x",
        "/api/v1/albums/other/photos",
        "/api/v1/albums/party/trash",
        "/api/v2/clock",
    ),
    *("/api/v1/clock/", "/api/v1//clock", "/api/v1/openapi.json", "/docs", "/metrics", "/video_feed", "/video_feed/0"),
    *("/api/stream.mjpeg", "/api/frame.jpeg", "/cameras", "/cameras/door", "/cameras/door/live.mjpg", "/live"),
    *("/cameras/yard/settings", "/cameras/yard/", "/api/v1/cameras", "/api/v1/cameras/door", "/x/albums/party"),
]


@pytest.mark.parametrize("path", ALBUM)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_album_is_looked_at(method: str, path: str) -> None:
    assert guests.may(LOOK, method, path, b"")
    assert guests.may(ADD, method, path, b"")
    assert not guests.may(YARD, method, path, b"")


@pytest.mark.parametrize("path", ALBUM)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "get", "TRACE", "CONNECT"])
def test_looking_changes_nothing(method: str, path: str) -> None:
    assert not guests.may(LOOK, method, path, b"")
    assert guests.may(ADD, method, path, b"") == ((method, path) in UPLOADS)


@pytest.mark.parametrize(("method", "path"), UPLOADS)
def test_adding_takes_a_share_for_it(method: str, path: str) -> None:
    assert guests.may(ADD, method, path, b"")
    assert not guests.may(LOOK, method, path, b"")
    assert not guests.may(YARD, method, path, b"")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/albums/other/photos"),
        ("POST", "/api/v1/albums/party/photos/other"),
        ("PATCH", "/api/v1/albums/party/photos/abc"),
        ("DELETE", "/api/v1/albums/party/photos/abc"),
        ("GET", "/api/v1/uploads/abc"),
        ("PUT", "/api/v1/uploads/abc"),
        ("PATCH", "/api/v1/uploads/abc/more"),
        ("POST", "/api/v1/uploads/"),
        ("GET", "/upload"),
        ("POST", "/upload/"),
        ("POST", "/UPLOAD"),
        ("POST", "/albums/party/snap"),
        ("POST", "/api/v1/shares"),
    ],
)
def test_adding_is_not_editing(method: str, path: str) -> None:
    assert not guests.may(ADD, method, path, b"")


@pytest.mark.parametrize("path", ["/albums/party/snap", "/albums/party/snap/x"])
def test_the_page_for_shooting_is_for_those_who_may_add(path: str) -> None:
    assert not guests.may(LOOK, "GET", path, b"")
    assert guests.may(ADD, "GET", path, b"")


@pytest.mark.parametrize(("path", "query"), CAMERA)
def test_a_camera_is_looked_at(path: str, query: str) -> None:
    assert guests.may(YARD, "GET", path, query.encode())
    assert guests.may(YARD, "HEAD", path, query.encode())
    assert not guests.may(YARD, "POST", path, query.encode())
    assert not guests.may(ADD, "GET", path, query.encode())


@pytest.mark.parametrize(("method", "path"), SENDING)
def test_being_a_camera_takes_a_share_for_it(method: str, path: str) -> None:
    assert guests.may(SEND, method, path, b"")
    assert not guests.may(YARD, method, path, b"")
    assert not guests.may(ADD, method, path, b"")
    assert not guests.may(SEND, method, path.replace("yard", "door"), b"")
    assert not guests.may(SEND, method, path + "/", b"")
    others = [other for other in METHODS if (other, path) not in SENDING]
    assert not any(guests.may(SEND, other, path, b"") for other in others)


@pytest.mark.parametrize(("path", "query"), CAMERA)
def test_who_is_the_camera_may_look_at_it(path: str, query: str) -> None:
    assert guests.may(SEND, "GET", path, query.encode())
    assert not guests.may(SEND, "WEBSOCKET", path, query.encode())


@pytest.mark.parametrize(
    "query",
    [
        *("", "cameras=", "cameras=door", "cameras=yard,door", "cameras=door,yard", "cameras=yard&cameras=door"),
        *(
            "cameras=door&cameras=yard",
            "cameras=yard&cameras=yard",
            "cameras=yard,",
            "Cameras=yard",
            "cameras=yard%2Cdoor",
        ),
        *(
            "cameras=yard%00",
            "cameras=yard&%63ameras=door",
            "cameras=Yard",
            "width=3",
            "cameras[]=yard",
            "cameras=yard;cameras=x",
        ),
    ],
)
def test_the_wall_is_exactly_the_shared_camera(query: str) -> None:
    assert not guests.may(YARD, "GET", "/live", query.encode())


@pytest.mark.parametrize("path", NOBODYS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_everything_else_is_nobodys(method: str, path: str) -> None:
    assert not guests.may(BOTH, method, path, b"")
    assert not guests.may(SEND, method, path, b"")


@given(st.text(alphabet="/.%;\\abpartyPARTY2eF\x00 ", max_size=20), st.sampled_from(["GET", "POST", "DELETE"]))
def test_no_spelling_leads_out(tail: str, method: str) -> None:
    path = f"/albums/{tail}"
    if guests.may(BOTH, method, path, b""):
        assert path == "/albums/party" or path.startswith("/albums/party/")
        assert not {"", ".", ".."} & set(path.split("/")[1:])
        assert not set("%;\\\x00 ") & set(path)


def test_who_has_an_account_goes_everywhere() -> None:
    assert all(guests.may(ANNA, "DELETE", path, b"") for path in (*ALBUM, *NOBODYS))


@pytest.mark.parametrize(
    ("visitor", "album", "look", "upload", "edit"),
    [
        (None, "party", False, False, False),
        (ANNA, "party", True, True, True),
        (LOOK, "party", True, False, False),
        (LOOK, "other", False, False, False),
        (ADD, "party", True, True, False),
        (ADD, "other", False, False, False),
        (YARD, "yard", False, False, False),
        (Visitor("", "share"), "party", False, False, False),
    ],
)
def test_what_endpoints_ask(visitor: Visitor | None, album: str, look: bool, upload: bool, edit: bool) -> None:
    told = (guests.may_look(visitor, album), guests.may_upload(visitor, album), guests.may_edit(visitor, album))
    assert told == (look, upload, edit)


@pytest.mark.parametrize(
    ("visitor", "camera", "send"),
    [(None, "yard", False), (ANNA, "yard", True), (SEND, "yard", True), (SEND, "door", False), (YARD, "yard", False)],
)
def test_who_may_send(visitor: Visitor | None, camera: str, send: bool) -> None:
    assert guests.may_send(visitor, camera) == send


def test_where_the_photos_of_a_phone_without_an_album_go() -> None:
    assert guests.upload_album(BOTH) == "party"
    assert guests.upload_album(LOOK) is None
    assert guests.upload_album(ANNA) is None
    assert guests.upload_album(None) is None
