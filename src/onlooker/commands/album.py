"""`onlooker album …`: see, add and remove albums."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onlooker.commands.options import ConfigFile, Json

if TYPE_CHECKING:
    from onlooker.config import Settings

app = typer.Typer(no_args_is_help=True, help="See, add and remove albums.")

Name = Annotated[str, typer.Argument(help="The album's name: lower-case letters, digits, - and _.")]


@app.command("add")
def add(
    name: Name,
    title: Annotated[str, typer.Option(help="What people read.")] = "",
    approve: Annotated[
        bool, typer.Option("--approve", help="Photos wait until somebody with an account approves them.")
    ] = False,
    quota: Annotated[str, typer.Option(help="Most that its photos may take up, such as 20GB.")] = "",
    config: ConfigFile = None,
) -> None:
    """Add an album to the file; a running hub shows it within two seconds."""
    from onlooker.config import Invocation
    from onlooker.config.albums import FIRST
    from onlooker.config.editing import add_album
    from onlooker.config.loading import DEFAULT_FILE

    path = config or DEFAULT_FILE
    add_album(path, name, title, approve, quota)
    typer.echo(f"Added {name} to {path}")
    settings = Invocation(path).load()
    if len(settings.albums) == 1 and FIRST.name not in [plan.name for plan in settings.album_plans()]:
        typer.echo(
            f"The album “{FIRST.name}” is there only while the file names none. "
            f"To keep it: onlooker album add {FIRST.name}",
            err=True,
        )


@app.command("list")
def list_(config: ConfigFile = None, as_json: Json = False) -> None:
    """Show the albums: those in the file, and those that come with the cameras."""
    from onlooker.commands import tables
    from onlooker.config import Invocation
    from onlooker.formats import byte_size

    settings = Invocation(config).load()
    configured = {album.name for album in settings.albums}
    albums = settings.album_plans()
    if as_json:
        facts = [
            {
                "name": one.name,
                "title": one.title,
                "approve": one.approve,
                "quota": one.quota or None,
                "configured": one.name in configured,
            }
            for one in albums
        ]
        typer.echo(json.dumps(facts, indent=2, ensure_ascii=False))
        return
    tables.show(
        ("Name", "Title", "Approve", "Quota", "In the file"),
        (
            (
                one.name,
                one.title,
                _yes(one.approve),
                byte_size.shown(one.quota) if one.quota else "none",
                _yes(one.name in configured),
            )
            for one in albums
        ),
    )


@app.command("remove")
def remove(name: Name, config: ConfigFile = None) -> None:
    """Take an album out of the file; its photos stay on the disk."""
    from onlooker.config import Invocation
    from onlooker.config.editing import remove_album
    from onlooker.config.loading import DEFAULT_FILE

    path = config or DEFAULT_FILE
    remove_album(path, name)
    settings = Invocation(path).load()
    typer.echo(f"Removed {name} from {path}. Its photos stay on the disk: {_folder(settings, name)}")
    if name in [plan.name for plan in settings.album_plans()]:
        typer.echo(f"The hub still shows the album “{name}”, as one that needs no line in the file.", err=True)


def _folder(settings: Settings, album: str) -> Path:
    """The innermost folder that has all files of the album: the template's, up to the first that tells the time."""
    from onlooker.archive.layout import Layout

    options = settings.archive.options(settings.server.data)
    folder = Layout(options.data, options.files).archive
    for part in options.files.split("/")[:-1]:
        if "%" in part:
            break
        folder /= part.replace("{album}", album)
    return folder


def _yes(value: bool) -> str:
    return "yes" if value else "no"
