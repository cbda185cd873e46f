"""Events: what happens in an album, told to everybody who watches it, live and after the fact.

`wire.py` says how a photo and an event look as JSON and as Server-Sent Events; `feed.py` is the live end of one album's
log: its newest events in memory, and its viewers. The log itself is rows (`db/log.py`), written in the transaction of
the photo; only what is committed is published here.
"""
