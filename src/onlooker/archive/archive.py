"""The archive: takes photos in so that none that was acknowledged is lost, changes them, finds them, tells of them."""

from __future__ import annotations

import base64
import contextlib
import logging
import secrets
import shutil
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from onlooker.archive import writing
from onlooker.archive.albums import Album
from onlooker.archive.describing import Said, described
from onlooker.archive.examining import Examined, examine
from onlooker.archive.handing_out import Originals
from onlooker.archive.layout import Layout
from onlooker.archive.options import AlbumPlan, ArchiveOptions
from onlooker.archive.renditions import Renditions
from onlooker.archive.reserving import Reserved
from onlooker.archive.writing import Written
from onlooker.clock import Clock
from onlooker.db import garbage, photos
from onlooker.db import log as event_log
from onlooker.db.opening import Database
from onlooker.db.writer import Change
from onlooker.errors import NoSpace, TooLarge, TooMany, UnknownAlbum, UnknownPhoto, WrongDigest
from onlooker.events import wire
from onlooker.events.feed import TAIL, Feed
from onlooker.events.wire import Told
from onlooker.live.workers import Workers
from onlooker.media import Event, Photo, PhotoState, photo_key

log = logging.getLogger(__name__)

DISK_THREADS = 16  # mostly waiting for a flush
MOST_REMEMBERED = 4096  # photos
MOST_SENDING = 256  # requests; each may hold arrival.GATHER bytes in memory


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a photo that was sent: `new`, or the one that had these bytes before."""

    photo: Photo
    new: bool


class Archive:
    """One per hub. `apply` names the albums; photos of albums that are not named stay, but are not served."""

    def __init__(self, options: ArchiveOptions, database: Database, clock: Clock, root_path: str = "") -> None:
        self.options = options
        self.database = database
        self.layout = Layout(options.data, options.files)
        self.disk = Workers(DISK_THREADS)
        self._clock = clock
        self._root_path = root_path
        self._pictures = Workers()
        self.renditions = Renditions(self.layout, self._pictures)
        self.originals = Originals(self.layout, self.disk, self._pictures)
        self.albums: dict[str, Album] = {}
        self._sending = 0  # requests that bring bytes
        self._in_doubt: set[str] = set()  # ids of photos whose commit was begun, and its end not seen
        self.reserved = Reserved()
        self.chores: list[Callable[[], Awaitable[None]]] = []  # what upkeep does besides its own
        self._opened: dict[str, Album] = {}
        # Photos by album and SHA-256, so that a crowd that looks at one photo asks the database once.
        self._remembered: OrderedDict[tuple[int, bytes], Photo] = OrderedDict()

    async def apply(self, plans: Sequence[AlbumPlan]) -> None:
        """Serve these albums, in this order, and no others."""
        albums = {}
        for plan in plans:
            album = self._opened.get(plan.name)
            if album is None:
                album = self._opened[plan.name] = await self._open(plan)
            album.plan = plan
            albums[plan.name] = album
        gone = [album for name, album in self.albums.items() if name not in albums]
        self.albums = albums
        for album in gone:
            del self._opened[album.name]
            await album.feed.close()

    def album(self, name: str) -> Album:
        """The album of that name; UnknownAlbum."""
        try:
            return self.albums[name]
        except KeyError:
            raise UnknownAlbum(name) from None

    def public_albums(self) -> list[str]:
        """The names of those that are open to everybody."""
        return [name for name, album in self.albums.items() if album.plan.public]

    # Taking in

    def new_id(self) -> str:
        """An id for a photo whose upload starts: 128 random bits."""
        return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """One of those who may send bytes at the same time, so that memory is bounded; TooMany."""
        if self._sending >= MOST_SENDING:
            raise TooMany("Too many photos are being sent just now. Try again in a moment.")
        self._sending += 1
        try:
            yield
        finally:
            self._sending -= 1

    async def room_for(self, album: Album, size: int, *, upload: str = "") -> None:
        """TooLarge, or NoSpace where the album's quota or the disk has no room for so many bytes more.

        Room that was promised to other uploads than `upload` is taken.
        """
        if size > self.options.max_photo:
            raise TooLarge(
                f"A photo may have {self.options.max_photo / 1e6:g} MB here; this one has {size / 1e6:.1f} MB."
            )
        held = album.size + self.reserved.of_album(album.id, but=upload)
        if album.plan.quota and held + size > album.plan.quota:
            raise NoSpace(f"The album “{album.plan.title}” is full: it may hold {album.plan.quota / 1e9:g} GB.")
        free = await self.disk.run(lambda: shutil.disk_usage(self.layout.incoming).free)
        if free - self.reserved.on_disk(but=upload) - size < self.options.reserve:
            raise NoSpace("The disk of the hub is full; nothing was stored. Free some space, then send it again.")

    async def keep(self, album: Album, photo_id: str, part: Path, said: Said, kind: str = "upload") -> Kept:
        """Make the flushed file `part` of `incoming/` a photo of the album: acknowledged when this returns.

        PhotoRefused if it is not one, StorageError if it cannot be stored: then `part` is the caller's to delete,
        unless it may have been committed all the same; `forget` decides that.
        """
        examined = await self._pictures.run(examine, part, self.options.max_pixels)
        if said.sha256 is not None and said.sha256 != examined.sha256:
            raise WrongDigest("The bytes that arrived are not those that were announced. Send the photo again.")
        await self.room_for(album, 0 if album.plan.quota == 0 else examined.size, upload=photo_id)
        state = PhotoState.WAITING if album.plan.approve else PhotoState.SHOWN
        photo = described(photo_id, album.name, state, kind, examined, said, self._now())
        free_path = partial(
            self.layout.free_path, album.name, photo.taken_at, photo.taken_offset, wire.extension(photo.type)
        )
        self._in_doubt.add(photo_id)
        written = await self.database.writer.write(
            Change(
                apply=lambda connection: writing.insert(connection, album.id, photo, free_path),
                folders=(self.layout.incoming,),
                settle=self._settle,
                tell=lambda written: self._tell_new(album, written, examined),
            )
        )
        self._in_doubt.discard(photo_id)
        return Kept(written.photo, written.new)

    async def forget(self, photo_id: str) -> None:
        """Delete the bytes of an upload that came to nothing; not those of a photo that has a row after all."""
        if photo_id in self._in_doubt:
            kept = await self.committed(photo_id)
            self._in_doubt.discard(photo_id)
            if kept is not None:
                return
        with contextlib.suppress(OSError):
            await self.disk.run(self.layout.part(photo_id).unlink, missing_ok=True)

    async def committed(self, photo_id: str) -> Photo | None:
        """The photo of an upload, if it was committed although nobody was told; StorageError while that is open."""

        def stir(connection: Connection) -> Photo | None:
            # A commit that failed may still stand in the database's log after a crash. The next one overwrites it, so
            # only behind one that writes something is it sure what happened.
            garbage.stir(connection)
            return photos.anywhere(connection, photo_id)

        return await self.database.writer.write(Change(stir))

    def announce(self, album: Album, kind: str, photo_id: str, **about: str) -> None:
        """Signal something about an upload to those who watch."""
        album.feed.signal(wire.signal(kind, key=photo_key(photo_id), id=photo_id, **about))

    # Changing

    async def change(
        self, album: Album, photo_id: str, *, state: PhotoState | None = None, caption: str | None = None
    ) -> Photo:
        """Show, hide, delete (undo: show again) a photo, or change its caption; UnknownPhoto."""
        written = await self.database.writer.write(
            Change(
                apply=lambda connection: writing.change(
                    connection, album.id, photo_id, self._now(), state=state, caption=caption
                ),
                tell=lambda written: self._tell(album, written),
            )
        )
        return written.photo

    async def place(self, find: Callable[[Connection], Photo | None]) -> None:
        """Move the photo that `find` gives, in a transaction and perhaps with another path, out of `incoming/`."""

        def settle(photo: Photo | None) -> None:
            if photo is not None:
                self._place(photo)

        def tell(photo: Photo | None) -> None:
            album = self._opened.get(photo.album) if photo is not None else None
            if photo is not None and album is not None:
                self._remember(album, photo)

        await self.database.writer.write(Change(find, settle=settle, tell=tell))

    def let_go(self, gone: Sequence[Photo]) -> None:
        """On the event loop, after the rows of these photos went."""
        for photo in gone:
            album = self._opened.get(photo.album)
            if album is not None:
                album.size -= photo.size
                self._remembered.pop((album.id, photo.sha256), None)

    # Finding

    async def photo(self, album: Album, photo_id: str) -> Photo:
        """One photo, whatever its state; UnknownPhoto."""
        found = await self.database.read(lambda connection: photos.by_id(connection, album.id, photo_id))
        if found is None:
            raise UnknownPhoto
        return found

    async def photo_of(self, album: Album, sha256: bytes) -> Photo:
        """The photo with these bytes, whatever its state; UnknownPhoto."""
        known = self._remembered.get((album.id, sha256))
        if known is not None:
            self._remembered.move_to_end((album.id, sha256))
            return known
        seq = album.feed.last_seq
        found = await self.database.read(lambda connection: photos.by_sha256(connection, album.id, sha256))
        if found is None:
            raise UnknownPhoto
        if album.feed.last_seq == seq:  # else it may have changed since it was read, and would be remembered as it was
            self._remember(album, found)
        return found

    async def page(self, album: Album, states: Sequence[PhotoState], before: int | None, limit: int) -> list[Photo]:
        """Photos in these states, newest first, older than place `before`."""
        return await self.database.read(lambda connection: photos.page(connection, album.id, states, before, limit))

    async def newest(self, album: Album) -> Photo:
        """The newest photo that is shown; UnknownPhoto when there is none."""
        found = await self.page(album, [PhotoState.SHOWN], None, 1)
        if not found:
            raise UnknownPhoto
        return found[0]

    async def let_viewers_go(self) -> None:
        """Close the connections of all who watch; they come back where they were."""
        for album in self._opened.values():
            await album.feed.close()

    async def close(self) -> None:
        """Let all viewers go, finish what was begun, and let go of the database."""
        await self.let_viewers_go()
        await self.renditions.close()
        await self.database.close()
        self._pictures.close()
        self.disk.close()

    # Within

    async def _open(self, plan: AlbumPlan) -> Album:
        row = await self.database.writer.write(
            Change(lambda connection: event_log.LOG.owner(connection, plan.name, secrets.token_hex(4)))
        )

        def standing(connection: Connection) -> tuple[photos.Totals, int, list[Event]]:
            tail = event_log.after(connection, row.id, max(0, row.last_seq - TAIL), TAIL)
            return photos.totals(connection, row.id), event_log.LOG.first_seq(connection, row.id), tail

        totals, oldest, tail = await self.database.read(standing)

        async def read(seq: int, limit: int) -> list[Told]:
            events = await self.database.read(lambda connection: event_log.after(connection, row.id, seq, limit))
            return [wire.told(event, row.epoch, self._root_path) for event in events]

        told = [wire.told(event, row.epoch, self._root_path) for event in tail]
        feed = Feed(row.epoch, row.last_seq, oldest, told, read)
        return Album(row.id, plan, feed, totals.shown, totals.size)

    def _settle(self, written: Written) -> None:
        if written.new:
            self._place(written.photo)

    def _place(self, photo: Photo) -> None:
        """In the writer's thread, after the commit: the file goes to its place."""
        try:
            self.layout.settle(photo)
        except OSError as error:
            # It is safe where it is, found there, and moved by upkeep or when the archive is opened next.
            log.error("%s stays in incoming/ for now: %s", photo.path, error)

    def _tell_new(self, album: Album, written: Written, examined: Examined) -> None:
        if written.new:
            album.size += written.photo.size
            self.renditions.prepare(written.photo, examined.preview)
        self._tell(album, written)

    def _tell(self, album: Album, written: Written) -> None:
        """On the event loop, in the order of the commits."""
        self._remember(album, written.photo)
        if written.event is None:
            return
        now_shown, was_shown = (state is PhotoState.SHOWN for state in (written.photo.state, written.before))
        album.shown += now_shown - was_shown
        if was_shown and not now_shown:
            album.feed.withdraw(written.photo.id, lambda told: wire.gone(told, album.feed.epoch))
        album.feed.publish(wire.told(written.event, album.feed.epoch, self._root_path))

    def _remember(self, album: Album, photo: Photo) -> None:
        self._remembered[album.id, photo.sha256] = photo
        self._remembered.move_to_end((album.id, photo.sha256))
        if len(self._remembered) > MOST_REMEMBERED:
            self._remembered.popitem(last=False)

    def _now(self) -> int:
        return round(self._clock.now() * 1_000_000)
