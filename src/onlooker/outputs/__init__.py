"""Outputs: one file per way to watch; they read from live channels and change nothing.

A kind of output offers `router(hub) -> APIRouter`. `connection.py` is the one place that knows how bytes leave the
process: it takes a socket over from the HTTP server, or streams through ASGI where there is no plain socket.
"""
