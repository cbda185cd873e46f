"""Live: each camera is opened once; what it gives is encoded once and written to any number of viewers.

`Hub` holds the cameras. A `Camera` supervises one source: connects while somebody needs it, retries, notices stalls,
knows its state. A `Channel` is the live side of one `Rendition` of one camera; a `Viewer` attaches to one channel or
many and is handed finished wire bytes. Publishing never waits, keeps no queue per viewer, and counts what it skips:
latest wins.
"""
