"""`onlooker discover`: which cameras are in the network and at this computer, and how to add them."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from onlooker.commands.options import Json

if TYPE_CHECKING:
    from onlooker.discovery.found import Found


def discover(
    as_json: Json = False,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for answers.", min=0.5, max=60)] = 5.0,
    interface: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="Search only the network of this address of this computer; repeatable."),
    ] = None,
) -> None:
    """Look for cameras in the network and at this computer."""
    found, problems = asyncio.run(_search(timeout, interface or (), quiet=as_json))
    for problem in problems:
        typer.echo(f"onlooker: {problem}", err=True)
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(one) for one in found], indent=2, ensure_ascii=False))
        return
    _print(found)


async def _search(seconds: float, only: Sequence[str], *, quiet: bool) -> tuple[list[Found], list[str]]:
    from onlooker.clock import SystemClock
    from onlooker.commands import showing
    from onlooker.discovery.search import every_way, look

    found: list[Found] = []
    with showing.counting("Searching for cameras", seconds, hidden=quiet) as said:

        def note(one: Found) -> None:
            found.append(one)
            said(f"Searching for cameras, {len(found)} found")

        problems = await look(note, every_way(SystemClock(), seconds, only=only))
    return found, problems


def _print(found: Sequence[Found]) -> None:
    from onlooker.commands import tables
    from onlooker.discovery.naming import name_of

    cameras = [one for one in found if one.kind != "hub"]
    if found:
        tables.show(
            ("Title", "Kind", "Model", "Address"), ((one.title, one.kind, one.model, one.address) for one in found)
        )
    if not cameras:
        typer.echo("No camera answered. It may be off, or in another network. Its address can be tried:")
        typer.echo("  onlooker camera probe rtsp://192.168.1.20/stream1")
        return
    typer.echo("To add one:")
    taken: set[str] = set()
    for one in cameras:
        name = name_of(one.title, taken)
        taken.add(name)
        typer.echo(f"  onlooker camera add {name} {shlex.quote(one.url)} --title {shlex.quote(one.title)}")
    if any(one.kind in ("onvif", "osc") for one in cameras):
        typer.echo("Where it has a password: 'onvif://USER:${CAMERA_PASSWORD}@ADDRESS', with CAMERA_PASSWORD in .env")
