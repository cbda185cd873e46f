"""`onlooker share …`: links with which guests look at, or add to, one album or camera without an account."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from onlooker.commands.options import ConfigFile, DataFolder, Json
from onlooker.errors import UnknownAlbum, UnknownCamera, UserError

if TYPE_CHECKING:
    from onlooker.config import Settings
    from onlooker.web.shares import Kind, Share, Shares

app = typer.Typer(no_args_is_help=True, help="Let guests look without an account.")

Expires = Annotated[
    str | None, typer.Option(help="How long it works, such as 3d or 12h.", show_default="until it is revoked")
]
WithPassword = Annotated[
    bool,
    typer.Option(
        "--password",
        help="Guests have to enter a password, too: asked for at a terminal, else the first line of standard input.",
    ),
]
Title = Annotated[str, typer.Option(help="What it is for; guests see it above the password.")]
Url = Annotated[
    str | None,
    typer.Option(help="Where guests reach the hub, such as https://example.org/cams.", show_default="this machine"),
]


@app.command("album")
def album(
    name: Annotated[str, typer.Argument(help="The album's name.")],
    upload: Annotated[bool, typer.Option("--upload", help="Guests may add photos.")] = False,
    expires: Expires = None,
    password: WithPassword = False,
    title: Title = "",
    url: Url = None,
    data: DataFolder = None,
    config: ConfigFile = None,
) -> None:
    """Make a link to one album and print it: the only time it is seen."""
    settings = _settings(config, data)
    if name not in [album.name for album in settings.album_plans()]:
        raise UnknownAlbum(name)
    _make("album", name, upload, expires, password, title, url, settings)


@app.command("camera")
def camera(
    name: Annotated[str, typer.Argument(help="The camera's name.")],
    upload: Annotated[bool, typer.Option("--upload", help="A guest's phone may be this camera.")] = False,
    expires: Expires = None,
    password: WithPassword = False,
    title: Title = "",
    url: Url = None,
    data: DataFolder = None,
    config: ConfigFile = None,
) -> None:
    """Make a link to one camera and print it: the only time it is seen."""
    settings = _settings(config, data)
    kinds = {camera.name: camera.kind for camera in settings.cameras}
    if name not in kinds:
        raise UnknownCamera(name)
    if upload and kinds[name] != "push":
        from onlooker.web.shares import PICTURES_OF_ITS_OWN

        raise UserError(PICTURES_OF_ITS_OWN.format(name))
    _make("camera", name, upload, expires, password, title, url, settings)


@app.command("list")
def list_(as_json: Json = False, data: DataFolder = None, config: ConfigFile = None) -> None:
    """Show the shares, the newest last; their links are not kept."""
    shares = _shares(_settings(config, data)).all()
    now = datetime.now(UTC)
    if as_json:
        kept = [
            {**share.model_dump(mode="json", exclude={"sha256", "password"}), **_told(share, now)} for share in shares
        ]
        typer.echo(json.dumps(kept, indent=2, ensure_ascii=False))
    elif not shares:
        typer.echo("Nothing is shared. Share an album: onlooker share album NAME")
    for share in shares if not as_json else []:
        typer.echo(_line(share, now))


@app.command("revoke")
def revoke(
    id: Annotated[str, typer.Argument(help="The share's id, as the list shows it.")],
    data: DataFolder = None,
    config: ConfigFile = None,
) -> None:
    """End a share at once."""
    share = _shares(_settings(config, data)).revoke(id)
    typer.echo(f"Revoked {share.id}, the share of the {share.kind} {share.name}")


def _make(
    kind: Kind,
    name: str,
    upload: bool,
    expires: str | None,
    with_password: bool,
    title: str,
    url: str | None,
    settings: Settings,
) -> None:
    from onlooker.commands import showing

    lasts = _span(expires)
    base = _base(url, settings)
    password = _password() if with_password else None
    share, token = _shares(settings).add(kind, name, upload=upload, lasts=lasts, password=password, title=title)
    link = f"{base.rstrip('/')}/s/{token}"
    typer.echo(link)
    if sys.stdout.isatty():
        showing.qr(link)
    until = f"until {_moment(share.expires)}" if share.expires else "until it is revoked"
    typer.echo(f"It works {until}, is shown only now, and ends with: onlooker share revoke {share.id}", err=True)


def _settings(config: ConfigFile, data: DataFolder) -> Settings:
    from onlooker.config import Invocation

    return Invocation(config, {"data": data}).load()


def _shares(settings: Settings) -> Shares:
    from onlooker.clock import SystemClock
    from onlooker.web.shares import Shares

    return Shares(settings.server.data, SystemClock())


def _span(text: str | None) -> timedelta | None:
    from onlooker.formats import duration

    return timedelta(seconds=duration.parsed(text)) if text is not None else None


def _base(url: str | None, settings: Settings) -> str:
    """Where guests reach the hub: as said, or as `serve` prints it."""
    if url is not None:
        if not url.startswith(("http://", "https://")) or any(sign in url for sign in "?#@ "):
            raise UserError(f"“{url}” is not where a hub can be. Give it as in --url https://example.org/cams")
        return url
    from onlooker.web.addresses import addresses

    server = settings.server
    if server.port == 0:
        raise UserError("The configuration leaves the port to the system. Say where guests reach the hub with --url.")
    tls = server.tls_certificate is not None
    return addresses(server.host, server.port, tls=tls, prefix=server.root_path).to_share


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    from onlooker.commands.asking import new_password

    return new_password("Password for guests: ")


def _told(share: Share, now: datetime) -> dict[str, object]:
    return {"expired": share.expired(now.timestamp()), "password": share.password is not None}


def _line(share: Share, now: datetime) -> str:
    parts = [f"{share.id}  {share.kind} {share.name}"]
    if share.title:
        parts.append(f"“{share.title}”")
    if share.upload:
        parts.append("upload")
    if share.password is not None:
        parts.append("password")
    if share.expires is not None:
        word = "expired" if share.expired(now.timestamp()) else "until"
        parts.append(f"{word} {_moment(share.expires)}")
    return "  ".join(parts)


def _moment(instant: datetime) -> str:
    return instant.astimezone().strftime("%Y-%m-%d %H:%M")
