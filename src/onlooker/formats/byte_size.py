"""Amounts of bytes as people write them: “200GB” in the configuration, “3.1 MB” on a page."""

from __future__ import annotations

import re
from decimal import Decimal

from onlooker.errors import ConfigError

_UNITS = {
    **{unit.lower(): 1000**power for power, unit in enumerate(("B", "kB", "MB", "GB", "TB", "PB"))},
    **{unit.lower(): 1024**power for power, unit in enumerate(("KiB", "MiB", "GiB", "TiB", "PiB"), start=1)},
}
_SHOWN = ("B", "kB", "MB", "GB", "TB", "PB")
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*([a-zA-Z]*)")
_LARGEST = 2**63 - 1


def parsed(text: str) -> int:
    """How many bytes; ConfigError says how a size is written.

    kB, MB, GB and TB count in thousands, KiB, MiB, GiB and TiB in 1024s, a plain number is bytes; case does not matter.
    """
    found = _SIZE.fullmatch(text.strip())
    unit = _UNITS.get(found[2].lower() or "b") if found else None
    if found is None or unit is None:
        raise ConfigError(f"“{text}” is not an amount of bytes. Write it as in “500MB”, “200GB” or “1.5TB”.")
    size = int(Decimal(found[1]) * unit)
    if size > _LARGEST:
        raise ConfigError(f"“{text}” is more than any disk holds.")
    return size


def shown(size: int) -> str:
    """As in “3.1 MB”: thousands, one decimal below 10, none above."""
    value, unit = Decimal(size), 0
    while abs(value) >= Decimal("999.5") and unit < len(_SHOWN) - 1:
        value, unit = value / 1000, unit + 1
    decimals = 1 if unit and abs(value) < Decimal("9.95") else 0
    return f"{value:.{decimals}f} {_SHOWN[unit]}"
