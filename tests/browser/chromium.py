"""Which Chromium the tests drive, and how it is kept from talking to anybody but the hub."""

from __future__ import annotations

import os
import shutil

CHROMIUM = shutil.which(os.environ.get("ONLOOKER_CHROMIUM", "chromium"))
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"]
QUIET += ["--use-fake-device-for-media-stream=device-count=0"]  # no camera, whatever this machine has
# Two cameras that are only drawn: 3840 × 2160, a hand that turns; and a person who allows every page to use it.
FAKE_CAMERA = ["--use-fake-device-for-media-stream=device-count=2"]
ALLOWED = ["--use-fake-ui-for-media-stream"]
