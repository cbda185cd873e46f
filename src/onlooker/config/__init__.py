"""Configuration: `onlooker.toml`, the environment and `.env` become typed, frozen settings, or a sentence for people.

An option of the command line wins over the environment, that over `.env`, that over the file, that over the default.
Every error names the file, the key and what is allowed, and all of them come at once. Nothing below `onlooker.app` sees
the whole configuration; a camera's options are the keyword-only arguments of its kind's `Source`.
"""

from onlooker.config.albums import AlbumSettings
from onlooker.config.archive import ArchiveSettings
from onlooker.config.cameras import CameraSettings
from onlooker.config.json_schema import schema
from onlooker.config.loading import Invocation, Settings, StreamLogin
from onlooker.config.ready import Ready
from onlooker.config.server import ServerSettings
from onlooker.config.watching import watch

__all__ = [
    "AlbumSettings",
    "ArchiveSettings",
    "CameraSettings",
    "Invocation",
    "Ready",
    "ServerSettings",
    "Settings",
    "StreamLogin",
    "schema",
    "watch",
]
