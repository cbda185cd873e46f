"""Asks a person for a new password, twice, without showing it."""

from __future__ import annotations

import getpass

from onlooker.errors import UserError


def new_password(prompt: str, *, may_be_empty: bool = False) -> str:
    """What was typed; UserError if the two differ, or nothing was typed."""
    first = getpass.getpass(prompt)
    if not first and may_be_empty:
        return ""
    if not first:
        raise UserError("The password is empty; nothing was changed. Try again.")
    if getpass.getpass("The same again: ") != first:
        raise UserError("The two passwords differ; nothing was changed. Try again.")
    return first
