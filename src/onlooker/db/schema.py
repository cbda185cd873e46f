"""The tables, and what they promise.

An instant is an integer: microseconds since 1970, UTC. A sequence number counts from 1 and never has a gap or a repeat
within one album: `albums.last_seq` is the newest one, and it is raised in the transaction that writes the event. The
events of cameras are counted alike, within one camera.

Invariants (docs/durability.md; `onlooker check` verifies them):

1. A photo's row has a file of its `size` and `sha256`, at `path` in the archive's folder. For a moment after its commit
   or after a crash in that moment, the file lies in `incoming/` under the photo's id; opening the archive places it.
2. A file of ours without a row is in `garbage`, or in `incoming/` and swept when the archive is opened.
3. `events.seq` has no gap from the oldest that is kept to `albums.last_seq`, nor `camera_events.seq` to
   `cameras.last_seq`.
4. A photo whose state is `shown` has at least one event that says so.

The row is written after the bytes are on the disk, and goes before they do.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# An album, once seen, keeps its row for good: its log goes on where it was when it is configured again.
albums = Table(
    "albums",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("epoch", String(16), nullable=False),  # stands in every event's id; changes when the log starts anew
    Column("last_seq", BigInteger, nullable=False),  # the newest event's number, 0 before the first
)

photos = Table(
    "photos",
    metadata,
    Column("id", String(26), primary_key=True),  # random; given when the upload starts
    Column("album_id", ForeignKey("albums.id"), nullable=False),
    Column("kind", String(16), nullable=False),  # upload, snapshot, closeup
    Column("state", String(16), nullable=False),  # shown, waiting (for approval), hidden, deleted (can be undone)
    Column("place", BigInteger, nullable=False),  # the number of the event that showed it first: its order in the album
    Column("path", Text, nullable=False, unique=True),  # of the file, relative to the archive's folder, with slashes
    Column("sha256", LargeBinary(32), nullable=False),
    Column("size", BigInteger, nullable=False),  # bytes
    Column("type", String(32), nullable=False),  # image/jpeg …, from the content
    Column("width", Integer, nullable=False),  # pixels, as displayed
    Column("height", Integer, nullable=False),
    Column("thumbhash", LargeBinary, nullable=False),
    Column("added_at", BigInteger, nullable=False),
    Column("shown_at", BigInteger),  # when it was first shown: at its arrival, or when it was approved
    Column("taken_at", BigInteger, nullable=False),
    Column("taken_offset", Integer),  # minutes east of UTC where it was taken, if known
    Column("taken_from", String(8), nullable=False),  # exif, client, arrival: who says when
    Column("caption", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("filename", Text, nullable=False),  # the sender's name for it
    Column("device", Text, nullable=False),  # make and model of the camera
    Column("latitude", Float),  # degrees, WGS 84
    Column("longitude", Float),
    Column("altitude", Float),  # metres
    Column("panorama", Boolean, nullable=False),
    Column("gpano", JSON, nullable=False),  # Google's photo sphere properties, as written in the file
    Column("deleted_at", BigInteger),  # when it went to the trash
    # The same bytes are one photo of an album, however often they are sent.
    UniqueConstraint("album_id", "sha256"),
    Index("ix_photos_shown", "album_id", "state", "place"),
)

events = Table(
    "events",
    metadata,
    Column("album_id", ForeignKey("albums.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),  # complete, updated, hidden, deleted, waiting
    # The photo it tells of; what is sent is the photo as it is when it is read, so a hidden one is not told again.
    Column("photo_id", String(26), nullable=False),
    Index("ix_events_photo", "photo_id"),
)

# A camera, once seen, keeps its row for good, as an album does.
cameras = Table(
    "cameras",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("epoch", String(16), nullable=False),  # as of albums
    Column("last_seq", BigInteger, nullable=False),
)

camera_events = Table(
    "camera_events",
    metadata,
    Column("camera_id", ForeignKey("cameras.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", String(32), nullable=False),  # lost, refused, back, started, ended; motion and what else it notices
    Column("active", Boolean),  # whether it began or ended; null: it was over at once
    # The event that began what this one ended. Its instant stands here too: it may be forgotten before this one.
    Column("began", BigInteger),
    Column("began_at", BigInteger),
    Column("facts", JSON, nullable=False),  # what the hub or the camera says of it: a few short texts by name
    # What began and has not ended: found by asking which beginnings no event names.
    Index("ix_camera_events_began", "camera_id", "began"),
)

# Files whose row is gone, and which go next. What stands here is deleted, then taken off the list.
garbage = Table(
    "garbage",
    metadata,
    Column("path", Text, primary_key=True),
    Column("since", BigInteger, nullable=False),
)
