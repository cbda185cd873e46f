"""`onlooker user …`: who may look. A password is never an argument: everybody on the machine can read those."""

from __future__ import annotations

import json
import secrets
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from onlooker.commands.options import ConfigFile, DataFolder, Json
from onlooker.errors import UserError

if TYPE_CHECKING:
    from onlooker.web.users import Users

app = typer.Typer(no_args_is_help=True, help="Say who may look.")

UserName = Annotated[str, typer.Argument(help="The user's name.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
]


@app.command("add")
def add(name: UserName, password_stdin: FromStdin = False, data: DataFolder = None, config: ConfigFile = None) -> None:
    """Make an account; without a terminal and without --password-stdin a random password is printed."""
    users = _users(config, data)
    if name in users.names():
        raise UserError(f"There is a user “{name}” already. Change the password: onlooker user password {name}")
    password, made_up = _password(password_stdin)
    users.add(name, password)
    typer.echo(f"Added {name}")
    _tell(password, made_up)


@app.command("list")
def list_(as_json: Json = False, data: DataFolder = None, config: ConfigFile = None) -> None:
    """Show the accounts and the labels of their tokens."""
    users = _users(config, data)
    accounts = [{"name": name, "tokens": [token.label for token in users.tokens(name)]} for name in users.names()]
    if as_json:
        typer.echo(json.dumps(accounts, indent=2, ensure_ascii=False))
    elif not accounts:
        typer.echo("There are no accounts yet; the first start of the hub makes “admin”.")
    for account in accounts if not as_json else []:
        labels = ", ".join(account["tokens"])
        typer.echo(f"{account['name']}" + (f"  (tokens: {labels})" if labels else ""))


@app.command("remove")
def remove(name: UserName, data: DataFolder = None, config: ConfigFile = None) -> None:
    """Take an account away, with its tokens and sessions."""
    _users(config, data).remove(name)
    typer.echo(f"Removed {name}")


@app.command("password")
def password(
    name: UserName, password_stdin: FromStdin = False, data: DataFolder = None, config: ConfigFile = None
) -> None:
    """Give an account a new password; its sessions end, its tokens stay."""
    users = _users(config, data)
    if name not in users.names():
        raise UserError(f"There is no user “{name}”. Add one: onlooker user add {name}")
    new, made_up = _password(password_stdin)
    users.set_password(name, new)
    typer.echo(f"Changed the password of {name}")
    _tell(new, made_up)


@app.command("token")
def token(
    name: UserName,
    label: Annotated[str, typer.Option(help="What it is for; unique among the user's tokens.")] = "script",
    revoke: Annotated[bool, typer.Option("--revoke", help="Take the token of this label away instead.")] = False,
    data: DataFolder = None,
    config: ConfigFile = None,
) -> None:
    """Make an API token for a script and print it: the only time it is seen."""
    users = _users(config, data)
    if revoke:
        users.remove_token(name, label)
        typer.echo(f"Revoked the token “{label}” of {name}")
    else:
        typer.echo(users.add_token(name, label))


def _users(config: ConfigFile, data: DataFolder) -> Users:
    from onlooker.web.users import Users

    if data is None:
        from onlooker.config import Invocation

        data = Invocation(config).load().server.data
    return Users(data)


def _password(from_stdin: bool) -> tuple[str, bool]:
    """A password, and whether it was made up here."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    if not sys.stdin.isatty():
        return secrets.token_urlsafe(12), True
    from onlooker.commands.asking import new_password

    typed = new_password("Password (empty for a random one): ", may_be_empty=True)
    return (typed, False) if typed else (secrets.token_urlsafe(12), True)


def _tell(password: str, made_up: bool) -> None:
    if made_up:
        typer.echo(f"The password is {password} and is shown only now.")
