"""`[albums.NAME]`, and which albums there are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onlooker.archive.options import AlbumPlan
from onlooker.config import CameraSettings, Invocation, Settings
from onlooker.config.albums import AlbumSettings, album_plans
from onlooker.config.loading import parse
from onlooker.errors import ConfigError

FILE = Invocation(Path("onlooker.toml"))
PARTY = '[albums.party]\ntitle = " The party "\napprove = true\nquota = "20GB"\n'
GARDEN = '[cameras.garden]\nsource = "lamp:x"\ntitle = "Our garden"\n'
GATE = '[cameras.gate]\nsource = "lamp:y"\n'


def load(text: str, **environ: str) -> Settings:
    return parse(text, FILE, environ, {})


@pytest.mark.parametrize(
    ("text", "plans"),
    [
        ("", [AlbumPlan("photos", "Photos")]),
        (PARTY, [AlbumPlan("party", "The party", approve=True, quota=20_000_000_000)]),
        (
            "[albums.b]\n" + GARDEN + "[albums.a-1]\nquota = 0\n" + GATE,
            [
                AlbumPlan("b", "B"),
                AlbumPlan("a-1", "A 1"),
                AlbumPlan("garden", "Our garden"),
                AlbumPlan("gate", "Gate"),
            ],
        ),
        (GARDEN + GATE, [AlbumPlan("photos", "Photos"), AlbumPlan("garden", "Our garden"), AlbumPlan("gate", "Gate")]),
        # A camera's album that is configured stands where it is configured, once.
        (
            GARDEN + GATE + "[albums.gate]\nquota = 5\n[albums.x]\n",
            [AlbumPlan("gate", "Gate", quota=5), AlbumPlan("x", "X"), AlbumPlan("garden", "Our garden")],
        ),
        # Without a title of its own it has the camera's.
        (GARDEN + "[albums.garden]\napprove = true\n", [AlbumPlan("garden", "Our garden", approve=True)]),
        (GARDEN + '[albums.garden]\ntitle = "Flowers"\n', [AlbumPlan("garden", "Flowers")]),
        # A camera called “photos” shares its album with the photos that are sent.
        (
            GATE + '[cameras.photos]\nsource = "lamp:x"\ntitle = "Photo booth"\n',
            [AlbumPlan("photos", "Photo booth"), AlbumPlan("gate", "Gate")],
        ),
        (
            '[albums.party]\n[cameras.photos]\nsource = "lamp:x"\n',
            [AlbumPlan("party", "Party"), AlbumPlan("photos", "Photos")],
        ),
        ("[albums.photos]\nquota = 1\n", [AlbumPlan("photos", "Photos", quota=1)]),
    ],
)
def test_which_albums_there_are(text: str, plans: list[AlbumPlan]) -> None:
    assert list(load(text).album_plans()) == plans


NAMES = st.sampled_from(["photos", "garden", "gate", "party", "x"])


@given(st.lists(NAMES, unique=True), st.lists(NAMES, unique=True))
def test_every_name_once_the_configured_first(albums: list[str], cameras: list[str]) -> None:
    configured = [AlbumSettings(name, f"Album {name}") for name in albums]
    plans = album_plans(configured, [CameraSettings(name, f"Camera {name}", "lamp", "lamp:x") for name in cameras])
    names = [plan.name for plan in plans]
    assert names[: len(albums)] == albums
    assert sorted(names) == sorted({*(albums or ["photos"]), *cameras})
    assert plans[: len(albums)] == tuple(album.plan() for album in configured)
    assert albums or names[0] == "photos"


def test_values_from_the_environment() -> None:
    (album,) = load('[albums.a]\ntitle = "${T}"\napprove = "${A}"\nquota = "${Q}"\n', T="Tea", A="yes", Q="1GB").albums
    assert album == AlbumSettings("a", "Tea", approve=True, quota=1_000_000_000)
    (album,) = load('[albums.a]\nquota = "${Q:-}"\n').albums
    assert album.quota == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[albums]]\n", "albums: is not a table. Write [albums.NAME] for each, with a name of your own for NAME"),
        ("[albums]\nparty = 3\n", "albums.party: is not a table. Write [albums.party] and an album's keys below it"),
        (
            '[albums."My Party!"]\n',
            "albums.My Party!: an album's name is made of lower-case letters, digits, - and _, at most 63; "
            "“my-party” would do",
        ),
        (
            '[albums."ümlaut\\n"]\n',
            "albums.ümlaut\n: an album's name is made of lower-case letters, digits, - and _, at most 63; "
            "“mlaut” would do",
        ),
        (
            f"[albums.{'a' * 64}]\n",
            f"albums.{'a' * 64}: an album's name is made of lower-case letters, digits, - and _, at most 63; "
            f"“{'a' * 63}” would do",
        ),
        ("[albums.a]\ntitle = 3\n", "albums.a.title: “3” is not allowed. It takes text"),
        ("[albums.a]\napprove = 3\n", "albums.a.approve: “3” is not allowed. It takes true or false"),
        (
            '[albums.a]\nquota = "lots"\n',
            "albums.a.quota: “lots” is not an amount of bytes. Write it as in “500MB”, “200GB” or “1.5TB”.",
        ),
        (
            "[albums.a]\naprove = true\n",
            "albums.a.aprove: unknown key; did you mean “approve”? Allowed: approve, public, quota, title",
        ),
        (
            '[albums.a]\ntitle = "${NOT_THERE}"\n',
            "albums.a.title: the environment variable NOT_THERE is not set. Set it, in .env for example",
        ),
        ("[album.a]\n", "album: unknown key; did you mean “albums”? Allowed: albums, archive, cameras, server"),
    ],
)
def test_an_error_names_file_key_and_what_is_allowed(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(text)
    assert str(caught.value) == f"onlooker.toml: {said}"


def test_the_problems_of_albums_come_with_all_others() -> None:
    with pytest.raises(ConfigError) as caught:
        load("[server]\nport = -1\n[archive]\nreserve = -1\n[cameras.b]\n[albums.B]\n[albums.a]\nx = 1\n")
    keys = [line.split(": ")[1] for line in str(caught.value).splitlines()]
    assert keys == ["server.port", "archive.reserve", "cameras.b.source", "albums.B", "albums.a.x"]
