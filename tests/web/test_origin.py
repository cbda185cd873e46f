"""Where a log-in may lead."""

from __future__ import annotations

import pytest

from onlooker.web.origin import local_path


@pytest.mark.parametrize("path", ["/", "/cameras/a", "/?camera=a&x=//y", "/a//b"])
def test_paths_of_this_hub_stay(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "a",
        "//evil.example",
        "/\\evil.example",
        "http://evil.example",
        "javascript:x",
        "/\t/evil",
        "/a\r\nX: y",
        "/ä",
    ],
)
def test_everything_else_is_the_wall(path: str) -> None:
    assert local_path(path) == "/"
