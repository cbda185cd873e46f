"""Fetch the one library that the pages bring along, unchanged and with its licences: `python scripts/vendor.py`.

tus-js-client's bundle for browsers holds parts of other packages; their licences come from those packages. Needs npm;
what it fetches is used only if its SHA-256 is the one written here.
"""

from __future__ import annotations

import hashlib
import subprocess
import tarfile
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "src" / "onlooker" / "web" / "static" / "vendor"
BUNDLE = ("tus-js-client@4.3.1", "package/dist/tus.min.js", "tus.min.js")
# name@version: (SHA-256 of the package, its licence); in the order in which they stand in LICENSES.txt.
PACKAGES = {
    "tus-js-client@4.3.1": ("919f46808b2c689be9214df5c0f21879bee4a4599b34e212ada8f14de1db9bc0", "LICENSE"),
    "js-base64@3.7.7": ("097efa419e4ee43214424e0719f29ed8bcb7584c507e48d0f06246efb99342c3", "LICENSE.md"),
    "url-parse@1.5.10": ("714aa16ce764f7d51a4a35afe13ad813b948a1ea1b3d4dc49d1407c45d2e080a", "LICENSE"),
    "querystringify@2.2.0": ("fbb07a2a8c58d951fbc574c0179034c07ffc295c31f6b4e3c6d90f3adc2a6bfa", "LICENSE"),
    "requires-port@1.0.0": ("6150769f202060d925a510d13afa2fbf0b1154bb59ccc766935719ff1605c6e2", "LICENSE"),
    "base64-js@1.5.1": ("b1b7a945b52685269083425216d6597e33d97bf21699d656e92fdb3eb5210a85", "LICENSE"),
    "buffer@5.7.1": ("98bfac55b7a37ade644f5eccbcf94a59269afd13e1f9af597e61fd06c057c0bc", "LICENSE"),
    "ieee754@1.2.1": ("8ef14b9b397e339db89db97881fb714f49319d8f0eb1275901f45567b28f9dac", "LICENSE"),
    "regenerator-runtime@0.14.1": ("7e8df38fb205ed668cb38d9d9b154ba3ea14786b0480c21f26f3a95b90497c20", "LICENSE"),
}


def fetched(package: str, scratch: Path) -> Path:
    """The package as npm gives it, checked."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(scratch), package]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]
    path = scratch / name
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != PACKAGES[package][0]:
        raise SystemExit(f"{package} has the SHA-256 {found}, not the one that is pinned. Nothing was written.")
    return path


def member(path: Path, name: str) -> bytes:
    """One file out of a package."""
    with tarfile.open(path) as archive:
        file = archive.extractfile(name)
        assert file is not None
        return file.read()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        got = {package: fetched(package, Path(folder)) for package in PACKAGES}
        bundle = member(got[BUNDLE[0]], BUNDLE[1])
        licences = [
            f"{package}\n\n{member(path, f'package/{PACKAGES[package][1]}').decode().strip()}\n"
            for package, path in got.items()
        ]
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / BUNDLE[2]).write_bytes(bundle)
    (FOLDER / "LICENSES.txt").write_text(f"\n{'-' * 72}\n\n".join(licences), encoding="utf-8")


if __name__ == "__main__":
    main()
