"""`onlooker serve` and `onlooker demo`: run the hub until it is told to stop."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onlooker.commands.options import ConfigFile, DataFolder, Host, Port

if TYPE_CHECKING:
    from onlooker.config import Ready


def serve(
    config: ConfigFile = None,
    data: DataFolder = None,
    host: Host = None,
    port: Port = None,
    root_path: Annotated[str | None, typer.Option(help="Path prefix under which a proxy shows the hub.")] = None,
) -> None:
    """Run the hub: every camera of the configuration, live, behind a password."""
    from onlooker import app
    from onlooker.config import Invocation

    stop_on_sigterm()
    overrides = {"data": data, "host": host, "port": port, "root_path": root_path}
    raise typer.Exit(app.main(Invocation(config, overrides), on_ready=_announce))


def demo(
    port: Port = None,
    host: Host = None,
    data: Annotated[Path, typer.Option("--data", help="Folder for the demo's file, video and accounts.")] = Path(
        "demo-data"
    ),
) -> None:
    """Show the product without any hardware: five moving cameras, one all around, one that drops out by itself."""
    from onlooker import app
    from onlooker.commands import showing
    from onlooker.config import Invocation
    from onlooker.demo import THETA, free_port, prepare
    from onlooker.simulation.theta.beside import beside
    from onlooker.simulation.theta.models import Model

    stop_on_sigterm()
    path = prepare(data, showing.progress)
    wanted = 5000 if port is None else port
    chosen = free_port(host or "0.0.0.0", wanted)
    if chosen != wanted:
        typer.echo(f"Port {wanted} is taken by another program, so this is port {chosen}.", err=True)
    invocation = Invocation(path, {"data": data, "host": host, "port": chosen})
    with beside(Model.X) as theta:
        os.environ[THETA] = theta
        raise typer.Exit(app.main(invocation, log_in_link=True, on_ready=showing.demo))


def stop_on_sigterm() -> None:
    """SIGTERM means what Ctrl-C means, from the first moment on: leave through every `finally`, with exit code 0."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def _announce(ready: Ready) -> None:
    from onlooker.commands import showing

    showing.serving(ready)
