"""`onlooker camera …`: see, try, add and remove cameras."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
from pathlib import Path
from typing import Annotated

import typer

from onlooker.commands.options import Assignments, ConfigFile, Json, assignments
from onlooker.errors import OnlookerError

app = typer.Typer(no_args_is_help=True, help="See, try, add and remove cameras.")

Name = Annotated[str, typer.Argument(help="The camera's name: lower-case letters, digits, - and _.")]
SourceUrl = Annotated[
    str, typer.Argument(help="Where its pictures come from, such as usb:0 or rtsp://host/path; ${NAME} is expanded.")
]


@app.command("add")
def add(
    name: Name,
    source: SourceUrl,
    title: Annotated[str, typer.Option(help="What people read.")] = "",
    option: Assignments = None,
    config: ConfigFile = None,
) -> None:
    """Add a camera to the file; a running hub shows it within two seconds."""
    from onlooker.config.editing import add_camera
    from onlooker.config.loading import DEFAULT_FILE

    path = config or DEFAULT_FILE
    add_camera(path, name, source, title, assignments(option))
    typer.echo(f"Added {name} to {path}")


@app.command("list")
def list_(config: ConfigFile = None, as_json: Json = False) -> None:
    """Show the cameras of the file."""
    from onlooker.commands import tables
    from onlooker.config import Invocation
    from onlooker.formats.urls import redacted

    cameras = Invocation(config).load().cameras
    if as_json:
        facts = [
            {"name": one.name, "title": one.title, "kind": one.kind, "source": redacted(one.source)} for one in cameras
        ]
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    if not cameras:
        typer.echo("There are no cameras yet. Add one: onlooker camera add NAME SOURCE")
        return
    tables.show(
        ("Name", "Title", "Kind", "Source"),
        ((one.name, one.title, one.kind, redacted(one.source)) for one in cameras),
    )


@app.command("remove")
def remove(name: Name, config: ConfigFile = None) -> None:
    """Take a camera out of the file; a running hub lets it go within two seconds."""
    from onlooker.config.editing import remove_camera
    from onlooker.config.loading import DEFAULT_FILE

    path = config or DEFAULT_FILE
    remove_camera(path, name)
    typer.echo(f"Removed {name} from {path}")


@app.command("probe")
def probe(
    source: SourceUrl,
    option: Assignments = None,
    as_json: Json = False,
    save: Annotated[Path | None, typer.Option(help="Save a picture to this file.", metavar="FILE")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the first picture.", min=0.1)] = 10.0,
) -> None:
    """Connect once, and say what comes: kind, codec, size, frames a second."""
    from onlooker.clock import SystemClock
    from onlooker.config.adding import proposed
    from onlooker.config.loading import read_dotenv
    from onlooker.discovery import probing
    from onlooker.sources import make

    environment = {**read_dotenv(Path(".env")), **os.environ}
    camera = proposed(source, assignments(option), environment)
    made = make(camera.source, camera.options)
    finding, picture = asyncio.run(
        probing.probe(camera.kind, made, SystemClock(), patience=timeout, want_picture=save is not None)
    )
    if save is not None:
        _save(picture, save)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(finding), indent=2))
        return
    typer.echo(
        f"{finding.kind}: {finding.codec} {finding.width}×{finding.height}, {finding.frame_rate:.1f} frames a second, "
        f"{finding.bytes_per_second * 8 / 1e6:.2f} Mbit/s, first picture after {finding.first_after:.1f} s"
    )
    if save is not None:
        typer.echo(f"Saved a picture to {save}")


def _save(picture: bytes, path: Path) -> None:
    try:
        path.write_bytes(picture)
    except OSError as error:
        raise OnlookerError(f"{path}: the picture cannot be saved: {error.strerror}") from None
