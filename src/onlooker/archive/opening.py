"""Opens the archive: one hub at a time, what a crash left put right, and the tasks that go with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from onlooker.archive import renditions
from onlooker.archive.archive import Archive
from onlooker.archive.layout import Layout
from onlooker.archive.options import ArchiveOptions
from onlooker.archive.recovery import recover
from onlooker.archive.upkeep import keep_up
from onlooker.clock import Clock
from onlooker.db.failures import storage_error
from onlooker.db.opening import Database, open_engine
from onlooker.disk import make_folders
from onlooker.errors import ConfigError
from onlooker.events.pulse import beat
from onlooker.private_file import Locked, locked

DATABASE = "onlooker.db"
_PATIENCE = 2.0  # seconds for a hub that is just stopping


@asynccontextmanager
async def opened(options: ArchiveOptions, clock: Clock, root_path: str = "") -> AsyncIterator[Archive]:
    """The archive in the data folder, until the end of the block; ConfigError says why it cannot be had."""
    held = ExitStack()
    with held:
        database = await asyncio.to_thread(_prepare, options, held)
        archive = Archive(options, database, clock, root_path)
        tasks = [
            asyncio.create_task(beat(lambda: [album.feed for album in archive.albums.values()], clock), name="pulse"),
            asyncio.create_task(keep_up(archive, clock), name="upkeep"),
        ]
        try:
            yield archive
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await archive.close()


def hold(data: Path, held: ExitStack) -> None:
    """Be the only process that works with the archive of this data folder, until `held` is left; Locked."""
    try:
        make_folders(data)
        held.enter_context(locked(data / DATABASE, _PATIENCE))
    except Locked:
        raise Locked(
            f"{data} is in use by another hub. Stop that one first, or give this one a folder: --data."
        ) from None
    except OSError as error:
        raise ConfigError(f"{data}: cannot be used: {error.strerror}") from None


def _prepare(options: ArchiveOptions, held: ExitStack) -> Database:
    hold(options.data, held)
    layout = Layout(options.data, options.files)
    try:
        layout.prepare()
        renditions.sweep(layout)
    except OSError as error:
        raise ConfigError(f"{error.filename or options.data}: cannot be used: {error.strerror}") from None
    engine = open_engine(options.data / DATABASE)
    try:
        recover(engine, layout)
    except BaseException as error:
        engine.dispose()
        if isinstance(error, DBAPIError):
            raise ConfigError(f"{storage_error(error)} “onlooker check” says more.") from None
        raise
    return Database(engine)
