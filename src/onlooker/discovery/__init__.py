"""Discovery: which cameras are in the network and at this computer, and what one of them gives.

Each way to look is one file with `async def look(report, …)`: it calls `report(Found)` for whatever turns up until its
time is over, and never raises for a network that is poor or absent: a `Silent` sentence says what could not be asked.
What others answer is theirs to choose, so it is bounded and made plain before it goes on. `search.py` runs all ways at
once, `probing.py` tries one camera, `announcing.py` lets others find this hub.
"""
