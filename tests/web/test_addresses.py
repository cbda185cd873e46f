"""The addresses people are told."""

from __future__ import annotations

import pytest

from onlooker.web import addresses
from onlooker.web.addresses import Addresses


@pytest.mark.parametrize(
    ("host", "tls", "prefix", "told"),
    [
        ("127.0.0.1", False, "", Addresses("http://127.0.0.1:5000/", ())),
        ("::1", True, "/cams", Addresses("https://[::1]:5000/cams/", ())),
        ("0.0.0.0", False, "", Addresses("http://127.0.0.1:5000/", ("http://192.0.2.7:5000/",))),
    ],
)
def test_where_a_hub_can_be_reached(
    monkeypatch: pytest.MonkeyPatch, host: str, tls: bool, prefix: str, told: Addresses
) -> None:
    monkeypatch.setattr(addresses, "_own", lambda: ["192.0.2.7"])
    assert addresses.addresses(host, 5000, tls=tls, prefix=prefix) == told


def test_a_machine_without_a_network_shares_its_own_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "_own", list)
    assert addresses.addresses("0.0.0.0", 5000, tls=False, prefix="").to_share == "http://127.0.0.1:5000/"
