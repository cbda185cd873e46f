"""`onlooker osc`: a hub for one 360° camera, with the flags of OSCVideoStreamExample."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from onlooker.commands.options import ConfigFile, DataFolder, Host, Port
from onlooker.errors import UserError

NAME = "theta"
DIRECT = "192.168.1.1"  # where a camera is whose own network one has joined
VARIABLE = "ONLOOKER_OSC_PASSWORD"
_LONGEST = 1024  # characters


def osc(
    router: Annotated[
        bool, typer.Option("-r", "--router", help="The camera is in your network: needs -o, -i.")
    ] = False,
    address: Annotated[str | None, typer.Option("-o", "--osc-host", help="The camera's address.")] = None,
    camera_port: Annotated[
        int | None, typer.Option("-p", "--osc-port", min=1, max=65535, help="The camera's port.", show_default="80")
    ] = None,
    login: Annotated[
        str | None, typer.Option("-i", "--id", help="The id it asks for: its serial number, often.")
    ] = None,
    password: Annotated[
        str | None,
        typer.Option("--pwd", help=f"Its password; better in the environment, as {VARIABLE}, or in a file."),
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option("--pwd-file", help="A file whose first line is the password.")
    ] = None,
    config: ConfigFile = None,
    data: DataFolder = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """Run a hub for one 360° camera: without options one whose own network this machine has joined (192.168.1.1)."""
    from onlooker import app
    from onlooker.commands import showing
    from onlooker.commands.serve import stop_on_sigterm
    from onlooker.config import Invocation

    if password is not None:
        _hide(password)
    source = source_of(router, address, camera_port, login, _password(password, password_file))
    stop_on_sigterm()
    cameras = {NAME: {"title": "Theta", "source": source}}
    invocation = Invocation(config, {"data": data, "host": host, "port": port}, cameras)
    raise typer.Exit(app.main(invocation, on_ready=showing.serving))


def source_of(router: bool, address: str | None, port: int | None, login: str | None, password: str | None) -> str:
    """The camera's URL; UserError where the flags do not fit together."""
    given = {"-o": address, "-p": port, "-i": login}
    if not router:
        if named := [flag for flag, value in given.items() if value is not None]:
            raise UserError(
                f"{', '.join(named)} says where a camera is in your network: add -r, or leave that out for a camera "
                "whose own network this machine has joined."
            )
        return f"osc://{DIRECT}"
    missing = [flag for flag in ("-o", "-i") if not given[flag]]
    missing += [] if password else [f"--pwd (or {VARIABLE}, or --pwd-file)"]
    if missing:
        raise UserError(
            f"-r needs {', '.join(missing)} as well: a camera in your network asks for its id and password."
        )
    assert address is not None
    assert login is not None
    assert password is not None
    shown = f"[{address}]" if ":" in address else address
    return f"osc://{quote(login, safe='')}:{quote(password, safe='')}@{shown}" + (f":{port}" if port else "")


def _password(said: str | None, path: Path | None) -> str | None:
    if said is not None and path is not None:
        raise UserError("Give either --pwd or --pwd-file.")
    if path is None:
        return said if said is not None else os.environ.get(VARIABLE) or None
    try:
        return path.read_text(encoding="utf-8")[:_LONGEST].partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError):
        raise UserError(f"{path}: the password cannot be read from this file.") from None


def _hide(password: str) -> None:
    """Start anew with the password in the environment: what stands in the arguments, every user of the machine sees."""
    if os.name != "posix":
        return
    kept: list[str] = []
    arguments = iter(sys.orig_argv)
    for argument in arguments:
        if argument == "--pwd":
            next(arguments, None)
        elif not argument.startswith("--pwd="):
            kept.append(argument)
    if len(kept) < len(sys.orig_argv):
        os.execve(sys.executable, kept, {**os.environ, VARIABLE: password})
