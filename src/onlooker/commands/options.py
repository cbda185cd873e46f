"""Options that several commands take, said in the same words everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="The configuration file.", show_default="onlooker.toml")
]
DataFolder = Annotated[
    Path | None, typer.Option("--data", help="Folder for accounts and everything stored.", show_default="from the file")
]
Host = Annotated[str | None, typer.Option(help="Address to listen on.", show_default="every address")]
Port = Annotated[int | None, typer.Option(help="Port to listen on.", show_default="5000", min=0, max=65535)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Assignments = Annotated[
    list[str] | None, typer.Option("--option", metavar="KEY=VALUE", help="An option of the camera; may be repeated.")
]


def assignments(given: list[str] | None) -> dict[str, str]:
    """`KEY=VALUE` texts as a mapping."""
    pairs = {}
    for one in given or []:
        key, sign, value = one.partition("=")
        if not sign or not key.strip():
            raise typer.BadParameter(f"“{one}” is not KEY=VALUE, such as transport=udp", param_hint="--option")
        pairs[key.strip()] = value
    return pairs
