"""What a server tells the command that started it, once it is listening."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Ready:
    """Where the server can be reached, and the secrets that are shown once.

    `url` works on this machine, `lan_urls` from others in the network. `admin_password` is set when the first start
    made an admin; `login_token` when a one-time log-in link was asked for.
    """

    url: str
    lan_urls: tuple[str, ...] = ()
    admin_password: str | None = field(default=None, repr=False)
    login_token: str | None = field(default=None, repr=False)
