"""What the pages bring along from others is what its authors published, to the byte, with its licences."""

from __future__ import annotations

import hashlib
from pathlib import Path

VENDOR = Path(__file__).parent.parent / "src" / "onlooker" / "web" / "static" / "vendor"
# `python scripts/vendor.py` writes these out of packages with pinned hashes.
EXPECTED = {
    "tus.min.js": "8cbb1b63fccc3bba0ae73ad1deb160ce046c3750851d0c3e94921ae3ef070eb8",
    "LICENSES.txt": "457954b1dfcb867d3703e8e3faad8aebdf9e80e915d5a3cd4eb624ae03ed6127",
}


def test_the_vendored_files_are_unchanged() -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.iterdir()}
    assert found == EXPECTED


def test_every_part_of_the_bundle_has_its_licence() -> None:
    licences = (VENDOR / "LICENSES.txt").read_text(encoding="utf-8")
    for package in ("tus-js-client@4.3.1", "js-base64@", "url-parse@", "querystringify@", "requires-port@", "buffer@"):
        assert package in licences
