"""Albums, photos, their events, and the garbage list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """From an empty database."""
    op.create_table(
        "albums",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("epoch", sa.String(16), nullable=False),
        sa.Column("last_seq", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_albums"),
        sa.UniqueConstraint("name", name="uq_albums_name"),
    )
    op.create_table(
        "photos",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("album_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("thumbhash", sa.LargeBinary, nullable=False),
        sa.Column("added_at", sa.BigInteger, nullable=False),
        sa.Column("shown_at", sa.BigInteger),
        sa.Column("taken_at", sa.BigInteger, nullable=False),
        sa.Column("taken_offset", sa.Integer),
        sa.Column("taken_from", sa.String(8), nullable=False),
        sa.Column("caption", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("filename", sa.Text, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("latitude", sa.Float),
        sa.Column("longitude", sa.Float),
        sa.Column("altitude", sa.Float),
        sa.Column("panorama", sa.Boolean, nullable=False),
        sa.Column("gpano", sa.JSON, nullable=False),
        sa.Column("deleted_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_photos"),
        sa.ForeignKeyConstraint(["album_id"], ["albums.id"], name="fk_photos_album_id"),
        sa.UniqueConstraint("album_id", "sha256", name="uq_photos_album_id_sha256"),
        sa.UniqueConstraint("path", name="uq_photos_path"),
    )
    op.create_index("ix_photos_shown", "photos", ["album_id", "state", "place"])
    op.create_table(
        "events",
        sa.Column("album_id", sa.Integer, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("photo_id", sa.String(26), nullable=False),
        sa.PrimaryKeyConstraint("album_id", "seq", name="pk_events"),
        sa.ForeignKeyConstraint(["album_id"], ["albums.id"], name="fk_events_album_id"),
    )
    op.create_index("ix_events_photo", "events", ["photo_id"])
    op.create_table(
        "garbage",
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_garbage"),
    )
