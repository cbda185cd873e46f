"""`onlooker`: the command line, and the place where every error becomes one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.exceptions import TyperException

import onlooker
from onlooker.commands import album, camera, check, config, discover, osc, serve, share, simulate, user
from onlooker.errors import OnlookerError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Any camera, live, for any number of onlookers. Begin with: onlooker demo",
)
app.command("serve")(serve.serve)
app.command("demo")(serve.demo)
app.command("osc")(osc.osc)
app.command("discover")(discover.discover)
app.command("check")(check.check)
app.add_typer(camera.app, name="camera")
app.add_typer(album.app, name="album")
app.add_typer(user.app, name="user")
app.add_typer(share.app, name="share")
app.add_typer(simulate.app, name="simulate")
app.add_typer(config.app, name="config")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"onlooker {onlooker.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point of the installed command; always ends the process."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """The exit code; what went wrong is on standard error in one line a problem, never a traceback."""
    try:
        code = app(args=arguments, prog_name="onlooker", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except OnlookerError as error:
        return _failed(str(error), 1)
    except TyperException as error:
        return _misused(error)
    except (KeyboardInterrupt, typer.Abort):
        return _failed("stopped", 130)
    except BrokenPipeError:
        # The reader went away (`| head`); without this, Python would complain once more while closing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if os.environ.get("ONLOOKER_DEBUG"):
            raise
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        return _failed(f"something unexpected went wrong: {said}. Run with ONLOOKER_DEBUG=1 to see the trace", 70)


def _misused(error: TyperException) -> int:
    """A wrong option or argument; the help, where nothing at all was said."""
    text = getattr(error, "format_message", error.__str__)()
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return 2
    hint = f" See: {context.command_path} --help" if context is not None else ""
    return _failed(" ".join(text.split()).rstrip(".") + "." + hint, int(getattr(error, "exit_code", 2)))


def _failed(text: str, code: int) -> int:
    from onlooker.formats.urls import redacted_text

    for line in text.splitlines():
        print(f"onlooker: {redacted_text(line)}", file=sys.stderr)
    return code
