"""Which Chromium the tests drive, and how it is kept from talking to anybody but the hub."""

from __future__ import annotations

import os
import shutil

CHROMIUM = shutil.which(os.environ.get("ONLOOKER_CHROMIUM", "chromium"))
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"]
