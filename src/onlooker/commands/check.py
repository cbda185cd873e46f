"""`onlooker check`: verify everything that the archive promises, and put right what can be."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer

from onlooker.commands.options import ConfigFile, DataFolder, Json
from onlooker.errors import ConfigError

if TYPE_CHECKING:
    from onlooker.archive.check import Check, Finding, Progress
    from onlooker.archive.options import ArchiveOptions

MOST_LISTED = 10_000  # findings in JSON; counts are always of all


@dataclass
class _Tally:
    counts: dict[str, int] = field(default_factory=lambda: {"problem": 0, "pending": 0, "unknown": 0, "repaired": 0})
    listed: list[dict[str, Any]] = field(default_factory=list)


def check(
    repair: Annotated[bool, typer.Option("--repair", help="Put right what can be; the hub has to be stopped.")] = False,
    as_json: Json = False,
    data: DataFolder = None,
    config: ConfigFile = None,
) -> None:
    """Read all photos and rows, and verify that nothing is missing, damaged or left over."""
    from sqlalchemy.exc import DBAPIError

    from onlooker.config import Invocation

    settings = Invocation(config, {"data": data}).load()
    options = settings.archive.options(settings.server.data)
    try:
        code = _run(options, repair, as_json)
    except DBAPIError as error:
        raise ConfigError(f"The database cannot be read: {error.orig}. Restore it from a backup.") from None
    raise typer.Exit(code)


def _run(options: ArchiveOptions, repair: bool, as_json: bool) -> int:
    from onlooker.archive.check import Check
    from onlooker.archive.layout import Layout
    from onlooker.archive.opening import DATABASE
    from onlooker.db.opening import open_engine, open_to_look

    database = options.data / DATABASE
    if not database.exists():
        raise typer.BadParameter(f"there is no archive in {options.data}; a hub makes one", param_hint="--data")
    with ExitStack() as held:
        running = not _held(options, held) if repair else _is_running(options)
        if repair and running:
            raise ConfigError("The hub is running: stop it first, then repair.")
        engine = open_engine(database) if repair else open_to_look(database)
        held.callback(engine.dispose)
        layout = Layout(options.data, options.files)
        if running:
            typer.echo("The hub is running: this is a look while things change.", err=True)
        with _bar() as (begin, progress):
            looked = Check(engine, options.data, layout, running=running, progress=progress)
            begin(looked.total_bytes())
            tally = _tallied(looked, repair, as_json)
        return _told(looked, tally, running, as_json)


def _held(options: ArchiveOptions, held: ExitStack) -> bool:
    from onlooker.archive.opening import hold
    from onlooker.private_file import Locked

    try:
        hold(options.data, held)
    except Locked:
        return False
    return True


def _is_running(options: ArchiveOptions) -> bool:
    with ExitStack() as briefly:
        return not _held(options, briefly)


def _tallied(looked: Check, repair: bool, as_json: bool) -> _Tally:
    tally = _Tally()
    for finding in looked.findings():
        repaired = repair and _mended(finding)
        tally.counts["repaired" if repaired else finding.weight] += 1
        if as_json:
            if len(tally.listed) < MOST_LISTED:
                tally.listed.append(_facts(finding, repaired))
        else:
            typer.echo(f"{'repaired: ' if repaired else ''}{finding.text}")
    return tally


def _mended(finding: Finding) -> bool:
    if finding.mend is None:
        return False
    try:
        finding.mend()
    except OSError as error:
        typer.echo(f"This cannot be repaired: {error.strerror}.", err=True)
        return False
    return True


def _facts(finding: Finding, repaired: bool) -> dict[str, Any]:
    return {
        "weight": finding.weight.value,
        "kind": finding.kind,
        "text": finding.text,
        "album": finding.album,
        "photo": finding.photo,
        "path": finding.path,
        "repaired": repaired,
    }


def _told(looked: Check, tally: _Tally, running: bool, as_json: bool) -> int:
    from onlooker.formats import byte_size

    counts = tally.counts
    if as_json:
        about = {"running": running, "photos": looked.photos, "bytes": looked.bytes, "uploads": looked.uploads}
        names = {"problem": "problems", "pending": "pending", "unknown": "unknown", "repaired": "repaired"}
        about |= {names[weight]: count for weight, count in counts.items()}
        typer.echo(json.dumps({**about, "findings": tally.listed}, indent=2, ensure_ascii=False))
    else:
        found = [f"{counts['problem']} problems" if counts["problem"] != 1 else "1 problem"]
        found += [f"{counts['repaired']} repaired"] if counts["repaired"] else []
        found += [f"{counts['pending']} for the hub to put right"] if counts["pending"] else []
        found += [f"{counts['unknown']} not known here"] if counts["unknown"] else []
        noun = "photo" if looked.photos == 1 else "photos"
        typer.echo(f"{looked.photos} {noun}, {byte_size.shown(looked.bytes)}: {', '.join(found)}")
    return 1 if counts["problem"] else 0


@contextmanager
def _bar() -> Iterator[tuple[Any, Progress]]:
    """(what is told the total, what is told each step): a bar at a terminal, else nothing."""
    if not sys.stderr.isatty():
        yield (lambda total: None), (lambda count: None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Reading"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield (lambda total: bar.update(task, total=total)), (lambda count: bar.advance(task, count))
