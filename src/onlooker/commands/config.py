"""`onlooker config …`: check the configuration, or print what it may contain."""

from __future__ import annotations

import json

import typer

from onlooker.commands.options import ConfigFile

app = typer.Typer(no_args_is_help=True, help="Check the configuration, or print its schema.")


@app.command("check")
def check(config: ConfigFile = None) -> None:
    """Read everything as `serve` would, and say what is wrong: file, key, allowed values."""
    from onlooker.config import Invocation

    invocation = Invocation(config)
    settings = invocation.load()
    count = len(settings.cameras)
    what = f"{settings.path} is fine" if settings.path.exists() else f"There is no {settings.path}, which is fine"
    typer.echo(f"{what}: {count} camera{'' if count == 1 else 's'}, data in {settings.server.data}")


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of onlooker.toml, for editors that complete and check."""
    from onlooker.config import json_schema

    typer.echo(json.dumps(json_schema.schema(), indent=2, ensure_ascii=False))
