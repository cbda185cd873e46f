"""`onlooker simulate …`: photos that are sent to a hub and watched for, to see that it loses none."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onlooker.commands.options import Json

if TYPE_CHECKING:
    from onlooker.simulation.outcome import Outcome
    from onlooker.simulation.running import Plan
    from onlooker.simulation.target import Login

app = typer.Typer(no_args_is_help=True, help="Try a hub with photos and viewers that are not there.")


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
