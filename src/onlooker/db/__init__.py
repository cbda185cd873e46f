"""The rows: what is known of albums, photos and their events, in SQLite (or another database that SQLAlchemy speaks).

`schema.py` says what the tables mean; `writer.py` is the only place that changes them: one thread that commits what
waits together, with one flush to the disk. Queries stand by topic in `photos.py`, `log.py` and `garbage.py`; they take
a connection and never commit. Nothing here knows about files, viewers or HTTP.
"""
