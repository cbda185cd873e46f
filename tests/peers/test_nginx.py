"""Behind a real nginx, under a path prefix: log-in, pages, live streams and stills work as without it."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

import pytest

from tests.peers.nginx import Nginx
from tests.peers.served import AUTHORIZATION, PASSWORD, TEST_CARD, USER, Served
from tests.peers.wire import is_jpeg, read_part

pytestmark = pytest.mark.peers

CONFIG = f'[server]\ntrusted_proxies = ["127.0.0.1"]\n\n{TEST_CARD}'
PREFIX = "/cams"


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    folder: Path = tmp_path_factory.mktemp("nginx")
    with Served(folder, CONFIG) as served, Nginx(folder, served.port) as front:
        yield front


@pytest.fixture
def visit(nginx: Nginx) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=20)
    yield connection
    connection.close()


def log_in(nginx: Nginx) -> str:
    """The session cookie, got as a browser gets it."""
    connection = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=20)
    form = urlencode({"username": USER, "password": PASSWORD, "next": "/"})
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": f"http://127.0.0.1:{nginx.port}",
        "Sec-Fetch-Site": "same-origin",
    }
    connection.request("POST", f"{PREFIX}/login", form, headers)
    answer = connection.getresponse()
    cookie = answer.getheader("Set-Cookie") or ""
    assert answer.status == 303, answer.read()
    assert urlsplit(answer.getheader("Location") or "").path == f"{PREFIX}/"
    assert f"Path={PREFIX};" in cookie
    connection.close()
    return cookie.partition(";")[0]


def test_without_a_session_a_browser_is_led_to_the_login_under_the_prefix(visit: http.client.HTTPConnection) -> None:
    visit.request("GET", f"{PREFIX}/", headers={"Accept": "text/html"})
    answer = visit.getresponse()
    assert answer.status == 303
    assert (answer.getheader("Location") or "").startswith(f"{PREFIX}/login?next=")


def test_login_leads_to_a_wall_whose_links_stay_under_the_prefix(
    nginx: Nginx, visit: http.client.HTTPConnection
) -> None:
    headers = {"Cookie": log_in(nginx), "Accept": "text/html"}
    visit.request("GET", f"{PREFIX}/", headers=headers)
    answer = visit.getresponse()
    page = answer.read().decode()
    assert answer.status == 200
    assert "Test card" in page
    base = re.search(r'<base href="([^"]+)"', page)
    here = urljoin(f"{PREFIX}/", base[1]) if base else f"{PREFIX}/"
    links = {urljoin(here, link) for link in re.findall(r'(?:href|src)="([^"#]+)"', page) if ":" not in link}
    assert links
    for link in sorted(links):
        assert link.startswith(f"{PREFIX}/"), f"{link} leaves the prefix"
        visit.request("GET", link, headers=headers)
        linked = visit.getresponse()
        linked.read()
        assert linked.status == 200, f"{link}: {linked.status}"


def test_api_links_lead_back_through_the_proxy(visit: http.client.HTTPConnection) -> None:
    headers = {"Authorization": AUTHORIZATION}
    visit.request("GET", f"{PREFIX}/api/v1/cameras", headers=headers)
    [camera] = json.loads(visit.getresponse().read())["cameras"]
    for name, link in camera["links"].items():
        assert urlsplit(link).path.startswith(f"{PREFIX}/"), f"{name}: {link} leaves the prefix"
    visit.request("GET", camera["links"]["still"], headers=headers)
    still = visit.getresponse()
    assert still.status == 200
    assert is_jpeg(still.read())


@pytest.mark.parametrize("path", ["/cameras/card/live.mjpg", "/live?cameras=card"])
def test_live_pictures_flow_through_the_proxy(visit: http.client.HTTPConnection, path: str) -> None:
    visit.request("GET", f"{PREFIX}{path}", headers={"Authorization": AUTHORIZATION})
    answer = visit.getresponse()
    assert answer.status == 200
    assert (answer.getheader("Content-Type") or "").startswith("multipart/x-mixed-replace")
    parts = [part for part in (read_part(answer) for _ in range(12)) if part.headers["x-state"] == "live"]
    assert len(parts) > 1, "only placards came"
    assert all(is_jpeg(part.body) for part in parts)
    sequences = [int(part.headers["x-sequence"]) for part in parts]
    assert sequences == sorted(set(sequences))


def test_limits_on_tries_see_the_visitors_address(visit: http.client.HTTPConnection) -> None:
    wrong = {"Authorization": "Basic YWRhOm5vdCBpdCBhdCBhbGw=", "X-Forwarded-For": "203.0.113.9"}
    statuses = []
    for _ in range(12):
        visit.request("GET", f"{PREFIX}/api/v1/cameras", headers=wrong)
        answer = visit.getresponse()
        answer.read()
        statuses.append(answer.status)
    assert statuses[0] == 401
    assert statuses[-1] == 429
    # nginx appended the real address 127.0.0.1, itself a trusted proxy, so the tries counted for 203.0.113.9 alone.
    visit.request("GET", f"{PREFIX}/api/v1/cameras", headers={"Authorization": AUTHORIZATION})
    assert visit.getresponse().status == 200
