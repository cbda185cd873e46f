"""`onlooker config …`: check the configuration, or print what it may contain."""

from __future__ import annotations

import json
from collections.abc import Sized

import typer

from onlooker.commands.options import ConfigFile

app = typer.Typer(no_args_is_help=True, help="Check the configuration, or print its schema.")


@app.command("check")
def check(config: ConfigFile = None) -> None:
    """Read everything as `serve` would, and say what is wrong: file, key, allowed values."""
    from onlooker.config import Invocation

    invocation = Invocation(config)
    settings = invocation.load()
    what = f"{settings.path} is fine" if settings.path.exists() else f"There is no {settings.path}, which is fine"
    counts = f"{_count(settings.cameras, 'camera')}, {_count(settings.album_plans(), 'album')}"
    typer.echo(f"{what}: {counts}, data in {settings.server.data}")


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of onlooker.toml, for editors that complete and check."""
    from onlooker.config import json_schema

    typer.echo(json.dumps(json_schema.schema(), indent=2, ensure_ascii=False))


def _count(things: Sized, noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
