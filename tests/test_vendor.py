"""What the pages bring along from others is what `scripts/vendor.py` makes of it, to the byte, with its licences."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).parent.parent / "src" / "onlooker" / "web" / "static" / "vendor"
# `python scripts/vendor.py` writes these out of packages with pinned hashes.
EXPECTED = {
    "photo-sphere-viewer.css": "de908f4ada0be8211a68303179254c2dcb7e28701973cb813f493dd70d0c33ba",
    "photo-sphere-viewer.js": "f176b1d3e329c7e6c192e6128a258d1415da587f67944b526452249bca5461c8",
    "tus.min.js": "8cbb1b63fccc3bba0ae73ad1deb160ce046c3750851d0c3e94921ae3ef070eb8",
    "LICENSES.txt": "faf78cffd1625d49d4dbb182c22e9d25cc748927c274e84c69385688e99383ef",
}


def test_the_vendored_files_are_unchanged() -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.iterdir()}
    assert found == EXPECTED


def test_every_part_of_the_bundles_has_its_licence() -> None:
    licences = (VENDOR / "LICENSES.txt").read_text(encoding="utf-8")
    for package in ("tus-js-client@4.3.1", "js-base64@", "url-parse@", "querystringify@", "requires-port@", "buffer@"):
        assert package in licences
    for package in ("core@5.15.1", "dual-fisheye-adapter@5.15.1", "gyroscope-plugin@5.15.1"):
        assert f"@photo-sphere-viewer/{package}" in licences
    assert "three@0.185.1" in licences


def test_the_bundle_loads_nothing_from_elsewhere() -> None:
    text = (VENDOR / "photo-sphere-viewer.js").read_text(encoding="utf-8")
    assert not re.search(r"\bimport\s*[({*\"']|\}\s*from\s*\"|\beval\(|new Function\(", text)
