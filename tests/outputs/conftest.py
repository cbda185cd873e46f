"""Applications served over real sockets, as in tests/web."""

from tests.web.conftest import client, serve

__all__ = ["client", "serve"]
