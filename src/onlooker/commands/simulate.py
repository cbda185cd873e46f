"""`onlooker simulate …`: photos that are sent to a hub and watched for, and a 360° camera that is not there."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onlooker.commands.options import Json
from onlooker.simulation.theta.models import TRAITS, Model

if TYPE_CHECKING:
    from onlooker.simulation.outcome import Outcome
    from onlooker.simulation.running import Plan
    from onlooker.simulation.target import Login
    from onlooker.simulation.theta.faults import Wanted
    from onlooker.simulation.theta.server import Login as Account
    from onlooker.simulation.theta.server import Theta

PASSWORD = "ONLOOKER_OSC_PASSWORD"

app = typer.Typer(no_args_is_help=True, help="Try a hub with photos, viewers and a camera that are not there.")


@app.callback()
def _group() -> None:
    pass


@app.command("photos")
def photos(
    url: Annotated[str, typer.Argument(help="The album's page, the hub, or a share link with --upload.")],
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many photos.")] = 20,
    rate: Annotated[float, typer.Option(min=0.01, max=1000, help="Photos a second.")] = 2.0,
    clients: Annotated[int, typer.Option(min=1, max=256, help="Phones that send at the same time.")] = 4,
    viewers: Annotated[int, typer.Option(min=1, max=256, help="Viewers that follow the album.")] = 2,
    size: Annotated[str, typer.Option(help="Pixels of a photo, such as 4032x3024.")] = "1600x1200",
    seed: Annotated[
        int | None, typer.Option(min=0, help="Draw the same pictures again.", show_default="random")
    ] = None,
    tus: Annotated[bool, typer.Option("--tus", help="Send resumably, by tus.")] = False,
    late: Annotated[str, typer.Option(help="A photo that is seen later than this after its shot is late.")] = "5s",
    timeout: Annotated[str, typer.Option(help="How long a photo may take to be acknowledged, then seen.")] = "30s",
    user: Annotated[str, typer.Option(help="The account, if it is not in the URL.")] = "",
    password_file: Annotated[Path | None, typer.Option(help="A file whose first line is the password.")] = None,
    token: Annotated[str, typer.Option(envvar="ONLOOKER_TOKEN", help="An API token; better in the environment.")] = "",
    as_json: Json = False,
) -> None:
    """Send numbered photos to an album, watch for them, and say what became of each."""
    from onlooker.formats import duration
    from onlooker.formats import size as sizes
    from onlooker.simulation.running import Plan
    from onlooker.simulation.target import Login

    plan = Plan(
        count=count,
        rate=rate,
        clients=clients,
        viewers=viewers,
        seed=secrets.randbits(32) if seed is None else seed,
        size=sizes.parsed(size),
        resumably=tus,
        timeout=duration.parsed(timeout),
        late_after=duration.parsed(late),
    )
    login = Login(user, _first_line(password_file), token)
    with _bar(count) as progress:
        outcome = asyncio.run(_run(url, login, plan, progress))
    _tell(outcome, as_json)
    raise typer.Exit(0 if outcome.clean() else 1)


@app.command("theta")
def theta(
    model: Annotated[Model, typer.Option(help="Which camera it is.")] = Model.X,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for any.")] = 5360,
    id: Annotated[str, typer.Option("--id", help="Ask for this id and a password, as in client mode.")] = "",
    password_file: Annotated[
        Path | None, typer.Option(help=f"A file whose first line is the password, if not in {PASSWORD}.")
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option(metavar="NAME[=NUMBER]", help="What goes wrong on purpose; may be repeated.")
    ] = None,
) -> None:
    """Be a Ricoh Theta until Ctrl-C: its OSC protocol, a moving picture, shooting, a card and, if wanted, faults."""
    from onlooker.simulation.theta.faults import wanted
    from onlooker.simulation.theta.server import Login

    password = _first_line(password_file) or os.environ.get(PASSWORD, "")
    if id and not TRAITS[model].account:
        raise typer.BadParameter(f"the {TRAITS[model].name} never asks for a password", param_hint="--id")
    if id and not password:
        raise typer.BadParameter(f"with --id a password is needed, in a file or in {PASSWORD}", param_hint="--id")
    login = Login(id, password) if id else None
    asyncio.run(_be_a_camera(model, host, port, login, [wanted(text) for text in fault or []]))


async def _be_a_camera(model: Model, host: str, port: int, login: Account | None, faults: list[Wanted]) -> None:
    from onlooker.simulation.theta.server import simulated

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows, where Ctrl-C ends it all the same
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with simulated(model, faults, host=host, port=port, login=login) as camera:
        _introduce(camera, login)
        await stop.wait()


def _introduce(camera: Theta, login: Account | None) -> None:
    who = f"{login.username}@" if login else ""
    typer.echo(f"A simulated {TRAITS[camera.model].name} is at osc://{who}{camera.address}")
    if login:
        typer.echo("It asks for the id and the password that you gave.")
    if names := camera.faults.names():
        typer.echo(f"What goes wrong: {', '.join(names)}.")
    typer.echo(f"Change that while it runs: POST to http://{camera.address}/_simulator. Stop with Ctrl-C.")
    sys.stdout.flush()


async def _run(url: str, login: Login, plan: Plan, progress: Callable[[], None]) -> Outcome:
    from onlooker.simulation.running import simulate
    from onlooker.simulation.target import reached

    async with reached(url, login) as target:
        return await simulate(target, plan, progress)


def _first_line(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError):
        raise typer.BadParameter(f"{path} cannot be read", param_hint="--password-file") from None


def _tell(outcome: Outcome, as_json: bool) -> None:
    from onlooker.commands import tables
    from onlooker.simulation.outcome import PERCENTILES

    counts, spans = outcome.counts(), outcome.spans()
    if as_json:
        said = {name.replace(" ", "_"): span for name, span in spans.items()}
        typer.echo(json.dumps({**counts, "seconds": said, "reasons": outcome.reasons}, indent=2, ensure_ascii=False))
        return
    tables.show(
        ["milliseconds", *PERCENTILES],
        [[name, *(f"{1000 * value:.0f}" for value in span.values())] for name, span in spans.items()],
    )
    typer.echo(", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items()))
    for reason in outcome.reasons:
        typer.echo(f"Refused: {reason}", err=True)


@contextmanager
def _bar(total: int) -> Iterator[Callable[[], None]]:
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Sending", total=total)
        yield lambda: bar.advance(task)
