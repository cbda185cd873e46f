"""What a person at the terminal sees once the hub is listening: addresses, the first password, a QR code."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import onlooker
from onlooker.config import Ready


def serving(ready: Ready) -> None:
    """The addresses, and the admin's password if the first start made one."""
    print(f"Onlooker {onlooker.__version__} is at {', '.join((ready.url, *ready.lan_urls))}")
    if ready.admin_password is not None:
        print(f"Log in as admin with the password {ready.admin_password}")
        print("It is shown only now. Change it with: onlooker user password admin")
    sys.stdout.flush()


def demo(ready: Ready) -> None:
    """The addresses, how to log in, and a link that does it, also as a QR code for a phone in the same network."""
    print(f"\nOnlooker {onlooker.__version__}, the demo")
    print(f"\n  on this machine    {ready.url}")
    for url in ready.lan_urls:
        print(f"  in your network    {url}")
    password = ready.admin_password or "the one shown at the first start"
    print(f"\n  user admin, password {password}")
    if ready.login_token is not None:
        link = f"{(ready.lan_urls or (ready.url,))[0].rstrip('/')}/login?token={ready.login_token}"
        print(f"\nThis link logs in once, within fifteen minutes:\n\n  {link}\n")
        if ready.lan_urls:
            print("Scan it with a phone in the same network:\n")
            qr(link)
    print("Stop with Ctrl-C.")
    sys.stdout.flush()


def progress(steps: Iterable[int], total: int, said: str) -> Iterator[int]:
    """The steps, with a bar while they are taken."""
    from rich.console import Console
    from rich.progress import track

    yield from track(steps, description=said, total=total, console=Console(stderr=True), transient=True)


@contextmanager
def counting(said: str, seconds: float, *, hidden: bool) -> Iterator[Callable[[str], None]]:
    """A bar that fills in so many seconds by itself, while something else happens; call it to say something new."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), console=Console(stderr=True), transient=True, disable=hidden
    )
    with bar:
        task = bar.add_task(said, total=None if hidden else seconds)
        stop = threading.Event()

        def fill() -> None:
            while not stop.wait(0.1):
                bar.advance(task, 0.1)

        filling = threading.Thread(target=fill, name="progress", daemon=True)
        filling.start()
        try:
            yield lambda text: bar.update(task, description=text)
        finally:
            stop.set()
            filling.join()


def qr(link: str) -> None:
    """The link as a QR code, where the terminal can draw one."""
    import segno

    code = segno.make(link, error="l", micro=False)
    if "utf" in (sys.stdout.encoding or "").lower():
        code.terminal(out=sys.stdout, compact=True)
    else:
        print("(this terminal cannot draw the code)")
