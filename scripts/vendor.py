"""Fetch the libraries that the pages bring along, with their licences: `python scripts/vendor.py`. Needs npm and Node.

tus-js-client comes unchanged, as its authors bundled it for browsers. Photo Sphere Viewer and what it needs of three.js
are bundled here into one module: their files name each other as packages, which a browser cannot follow.
What is fetched, the bundler included, is used only if its SHA-256 is the one written here.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "src" / "onlooker" / "web" / "static" / "vendor"
BUNDLER = "esbuild-wasm@0.28.2"  # the same program on every system
SPHERE = "@photo-sphere-viewer/core@5.15.1"
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
    SPHERE: ("592bd80d1e5c3c15f657f2296e700d9c7b40bca8fd96c077e38e4f31c5b3ad4d", "LICENSE"),
    "@photo-sphere-viewer/dual-fisheye-adapter@5.15.1": (
        "fcb02fa57c2a0ce28619e5fd4f8e03408e8d72be58391ee536cf16ce1c07fc97",
        "LICENSE",
    ),
    "@photo-sphere-viewer/gyroscope-plugin@5.15.1": (
        "3557d015f55d956a7901b286da82a8dcdf6d16271b71de4da29d7e0662906614",
        "LICENSE",
    ),
    "three@0.185.1": ("a2143f5bf978bd3470a51024b2b6bdd581913ba8f36ff1538d433f3a95adf2df", "LICENSE"),
}
BUNDLER_SHA256 = "61594de12ce998652be2aa0ab72dda54bfa49407fb37ee3464468a2aac306baa"
UNCHANGED = {  # the file here: the package, and the file there
    "tus.min.js": ("tus-js-client@4.3.1", "package/dist/tus.min.js"),
    "photo-sphere-viewer.css": (SPHERE, "package/index.css"),
}
# What our pages use of them, and what the bundle therefore holds.
ENTRY = """
export { EquirectangularAdapter, Viewer } from "@photo-sphere-viewer/core";
export { DualFisheyeAdapter } from "@photo-sphere-viewer/dual-fisheye-adapter";
export { GyroscopePlugin } from "@photo-sphere-viewer/gyroscope-plugin";
export { CanvasTexture, LinearFilter } from "three";
"""
BANNER = "/* Photo Sphere Viewer and three.js, both under the MIT licence: see LICENSES.txt. */"


def fetched(package: str, sha256: str, scratch: Path) -> Path:
    """The package as npm gives it, checked."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(scratch), package]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]
    path = scratch / name
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise SystemExit(f"{package} has the SHA-256 {found}, not the one that is pinned. Nothing was written.")
    return path


def member(path: Path, name: str) -> bytes:
    """One file out of a package."""
    with tarfile.open(path) as archive:
        file = archive.extractfile(name)
        assert file is not None
        return file.read()


def bundled(got: dict[str, Path], bundler: Path, scratch: Path) -> bytes:
    """The module that holds `ENTRY` and all it needs; the same bytes every time."""
    place = scratch / "bundling"
    for package, path in {**got, BUNDLER: bundler}.items():
        unpack(path, place / "node_modules" / package.rpartition("@")[0])
    (place / "entry.js").write_text(ENTRY, encoding="utf-8")
    options = ["--bundle", "--format=esm", "--minify", "--target=es2022", "--charset=utf8", "--legal-comments=none"]
    command = ["node", "node_modules/esbuild-wasm/bin/esbuild", "entry.js", *options, f"--banner:js={BANNER}"]
    environment = {**os.environ, "NODE_PATH": ""}
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=place, env=environment).stdout


def unpack(package: Path, folder: Path) -> None:
    """A package's files, as npm would install them."""
    with tarfile.open(package) as archive:
        for one in archive.getmembers():
            one.name = one.name.partition("/")[2]
            archive.extract(one, folder, filter="data")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        got = {package: fetched(package, sha256, scratch) for package, (sha256, _) in PACKAGES.items()}
        files = {name: member(got[package], path) for name, (package, path) in UNCHANGED.items()}
        bundler = fetched(BUNDLER, BUNDLER_SHA256, scratch)
        files["photo-sphere-viewer.js"] = bundled(got, bundler, scratch)
        licences = [
            f"{package}\n\n{member(path, f'package/{PACKAGES[package][1]}').decode().strip()}\n"
            for package, path in got.items()
        ]
    FOLDER.mkdir(exist_ok=True)
    for name, content in files.items():
        (FOLDER / name).write_bytes(content)
    (FOLDER / "LICENSES.txt").write_text(f"\n{'-' * 72}\n\n".join(licences), encoding="utf-8")


if __name__ == "__main__":
    main()
