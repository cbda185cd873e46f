"""Who the visitor is behind proxies, and which of their words are believed."""

from __future__ import annotations

from typing import Any

import pytest

from onlooker.errors import ConfigError
from onlooker.web.options import WebOptions
from onlooker.web.proxies import Proxies

TRUSTED = ("127.0.0.1", "10.0.0.0/8", "::1")


def seen(peer: str | None, headers: list[tuple[str, str]], path: str = "/x", **options: Any) -> dict[str, Any]:
    scope = {
        "type": "http",
        "scheme": "http",
        "path": path,
        "root_path": "",
        "client": (peer, 1234) if peer else None,
        "headers": [(b"host", b"inside:5000"), *((name.encode(), value.encode()) for name, value in headers)],
    }
    before = {**scope, "headers": list(scope["headers"])}
    result = Proxies(WebOptions(trusted_proxies=TRUSTED, **options)).seen(scope)
    assert scope == before
    return dict(result)


@pytest.mark.parametrize(
    ("peer", "hops", "visitor"),
    [
        ("203.0.113.1", ["198.51.100.1"], "203.0.113.1"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6, 198.51.100.1, 10.1.2.3"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6", "198.51.100.1", "10.1.2.3"], "198.51.100.1"),
        ("127.0.0.1", ["10.1.2.3, 10.3.2.1"], "10.1.2.3"),
        ("127.0.0.1", ["198.51.100.1, rubbish, 10.1.2.3"], "10.1.2.3"),
        ("127.0.0.1", ["198.51.100.1:5555"], "198.51.100.1"),
        ("::1", ["[2001:db8::1]:5555"], "2001:db8::1"),
        ("::1", ["2001:db8::1"], "2001:db8::1"),
        ("::ffff:127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
    ],
)
def test_the_nearest_hop_that_is_no_trusted_proxy(peer: str, hops: list[str], visitor: str) -> None:
    assert seen(peer, [("x-forwarded-for", hop) for hop in hops])["client"][0] == visitor


def test_a_unix_socket_without_address_is_not_trusted() -> None:
    assert seen(None, [("x-forwarded-proto", "https")])["scheme"] == "http"


@pytest.mark.parametrize(("said", "scheme"), [("https", "https"), ("http, https", "https"), ("gopher", "http")])
def test_the_scheme(said: str, scheme: str) -> None:
    assert seen("127.0.0.1", [("x-forwarded-proto", said)])["scheme"] == scheme


@pytest.mark.parametrize(
    ("root_path", "said", "path", "expected"),
    [
        ("", "", "/x", ("", "/x")),
        ("/a", "", "/x", ("/a", "/a/x")),
        ("/a", "", "/a/x", ("/a", "/a/x")),
        ("/a", "", "/a", ("/a", "/a")),
        ("/a", "", "/ab", ("/a", "/a/ab")),
        ("", "/b/", "/x", ("/b", "/b/x")),
        ("/a", "/b", "/x", ("/b", "/b/x")),
        ("", "//evil.example", "/x", ("", "/x")),
        ("", "/a/../b", "/x", ("", "/x")),
        ("", "/a?b", "/x", ("", "/x")),
    ],
)
def test_the_prefix(root_path: str, said: str, path: str, expected: tuple[str, str]) -> None:
    result = seen("127.0.0.1", [("x-forwarded-prefix", said)], path, root_path=root_path)
    assert (result["root_path"], result["path"]) == expected


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"root_path": "cams"}, "root_path"),
        ({"root_path": "/cams/"}, "root_path"),
        ({"root_path": "//x"}, "root_path"),
        ({"trusted_proxies": ("nginx",)}, "trusted_proxies"),
        ({"session_days": 0}, "session_days"),
    ],
)
def test_wrong_options_are_named(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        WebOptions(**options)
