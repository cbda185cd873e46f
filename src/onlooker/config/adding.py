"""Adds and removes cameras as somebody at a page asks for it: checked, secrets in `.env` and never in the file."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlsplit

import tomlkit

from onlooker.config.cameras import CameraSettings, camera_settings
from onlooker.config.editing import add_camera, remove_camera
from onlooker.config.env_file import remove_variables, set_variables
from onlooker.config.expansion import expand
from onlooker.config.loading import Invocation, read_dotenv, read_text
from onlooker.config.problems import Problems
from onlooker.discovery.proposal import Proposal, Tried
from onlooker.errors import ConfigError, NotWritable, UnfitCamera, UnknownCamera
from onlooker.formats.urls import replace_secrets, split_login, with_login
from onlooker.private_file import write_private
from onlooker.sources import make

log = logging.getLogger(__name__)

_PREFIX = "CAMERA_"
_OURS = re.compile(r"\$\{(CAMERA_[A-Z0-9_]+)\}")
# What is on the disk of this machine is for who works at it, not for who has an account.
_ONLY_BY_HAND = frozenset({"file"})


def proposed(source: str, options: Mapping[str, str], environ: Mapping[str, str]) -> CameraSettings:
    """The camera as it would be configured, `${NAME}` expanded; ConfigError says what is wrong with it."""
    problems = Problems("SOURCE")
    written = {"source": source, **options}
    camera = camera_settings("probe", expand(written, environ, "cameras.probe", problems), written, problems)
    # The camera has no name yet: only the option is of interest.
    problems.lines = [line.replace("SOURCE: cameras.probe.", "", 1) for line in problems.lines]
    problems.raise_if_any()
    assert camera is not None  # no problem, no None
    return camera


class CameraBook:
    """A `Book` (`onlooker.discovery.proposal`) over the file that this invocation reads."""

    def __init__(self, invocation: Invocation) -> None:
        self._invocation = invocation
        self._one_at_a_time = threading.Lock()
        self._cameras: Sequence[CameraSettings] = ()

    def follow(self, cameras: Sequence[CameraSettings]) -> None:
        """These are configured now."""
        self._cameras = cameras

    def check(self, proposal: Proposal) -> Tried:
        if not all(text.isprintable() for text in (proposal.source, proposal.user, proposal.password)):
            raise UnfitCamera("The address or the log-in has a character that cannot be typed. Write it anew.")
        # Nothing is expanded: a variable of the hub's environment could be sent to an address of somebody's choice.
        options = {key: _literal(value) for key, value in proposal.options.items()}
        try:
            camera = proposed(_literal(proposal.url), options, {})
        except ConfigError as error:
            raise UnfitCamera(_sentence(str(error))) from None
        if camera.kind in _ONLY_BY_HAND:
            raise UnfitCamera(
                "Files are added on the machine that runs the hub: onlooker camera add NAME file:PATH. "
                "An account is not enough to look into its folders."
            )
        return Tried(camera.kind, make(camera.source, camera.options))

    def add(self, name: str, title: str, proposal: Proposal) -> None:
        self.check(proposal)
        path, env_path = self._invocation.path, self._invocation.env_path
        with self._one_at_a_time:
            taken = {**read_dotenv(env_path), **os.environ}
            source, secrets = _apart(name, proposal, taken)
            options = {key: _literal(value) for key, value in proposal.options.items()}
            by_hand = _by_hand(name, title, source, options, secrets)
            if not self.writable():
                raise _not_writable(by_hand)
            before = read_text(env_path)
            try:
                if secrets:
                    set_variables(env_path, secrets)
                try:
                    add_camera(path, name, source, _literal(title), options)
                except BaseException:
                    if secrets:
                        self._put_back(before)
                    raise
            except OSError as error:
                log.error("%s cannot be changed: %s", path, error)
                raise _not_writable(by_hand) from None
            except ValueError as error:
                raise UnfitCamera(str(error)) from None
            except ConfigError as error:
                raise self._explained(error, name) from None
        log.info("added", extra={"camera": name})

    def remove(self, name: str) -> None:
        path, env_path = self._invocation.path, self._invocation.env_path
        by_hand = f"[cameras.{name}]"
        with self._one_at_a_time:
            before = read_text(path) or ""
            if not self.writable():
                raise NotWritable("The hub may not change its configuration. Take the camera out by hand.", by_hand)
            try:
                remove_camera(path, name)
                gone = set(_OURS.findall(before)) - set(_OURS.findall(read_text(path) or ""))
                remove_variables(env_path, gone)
            except OSError as error:
                log.error("%s cannot be changed: %s", path, error)
                raise NotWritable(
                    "The hub could not change its configuration; its log says why. Take the camera out by hand.",
                    by_hand,
                ) from None
            except ConfigError as error:
                if f"cameras.{name}: this file has no" in str(error):
                    raise UnknownCamera(name) from None
                raise
        log.info("removed", extra={"camera": name})

    def writable(self) -> bool:
        path = self._invocation.path.resolve()
        folder = path.parent
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        return os.access(folder, os.W_OK | os.X_OK) and (not path.exists() or os.access(path, os.W_OK))

    def added(self, url: str) -> str:
        wanted = _place(url)
        return next((one.name for one in self._cameras if _same_place(_place(one.source), wanted)), "")

    def _put_back(self, before: str | None) -> None:
        env_path = self._invocation.env_path
        if before is None:
            env_path.unlink(missing_ok=True)
        else:
            write_private(env_path.resolve(), before.encode())

    def _explained(self, error: ConfigError, name: str) -> Exception:
        """What is wrong with this camera, without the file's name; the rest of the file is for the log."""
        here = f"{self._invocation.path}: cameras.{name}"
        lines = str(error).splitlines()
        own = [line.removeprefix(here).removeprefix(".").removeprefix(": ") for line in lines if line.startswith(here)]
        if len(own) < len(lines):
            return error
        return UnfitCamera(_sentence("\n".join(own)))


def _apart(name: str, proposal: Proposal, taken: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The source as the file has it, and the variables that hold its secrets."""
    secrets: dict[str, str] = {}

    def variable(word: str, value: str) -> str:
        stem = f"{_PREFIX}{re.sub(r'[^A-Z0-9]', '_', name.upper())}_{word}"
        chosen, number = stem, 2
        while chosen in taken or chosen in secrets:
            chosen, number = f"{stem}_{number}", number + 1
        secrets[chosen] = value
        return f"${{{chosen}}}"

    bare, login = split_login(proposal.url)
    parts: list[str] = []

    def keep(value: str) -> str:
        parts.append(variable("SECRET", value))
        return f"\0{len(parts) - 1}\0"

    source = _literal(replace_secrets(bare, keep))
    for number, part in enumerate(parts):
        source = source.replace(f"\0{number}\0", part)
    if not login.password:
        return with_login(source, login.user, ""), secrets
    scheme, _, rest = source.partition("://")
    return f"{scheme}://{quote(login.user, safe='')}:{variable('PASSWORD', login.password)}@{rest}", secrets


def _literal(text: str) -> str:
    """So that nothing in it is taken for a variable."""
    return text.replace("${", "$${")


def _by_hand(name: str, title: str, source: str, options: Mapping[str, str], secrets: Mapping[str, str]) -> str:
    table = ({"title": title} if title else {}) | {"source": source, **options}
    block = tomlkit.dumps({"cameras": {name: table}})
    return "".join([block, *(f"# and in the file .env beside it: {secret}=…\n" for secret in secrets)])


def _not_writable(by_hand: str) -> NotWritable:
    return NotWritable("The hub may not change its configuration. Whoever runs it can add this to the file:", by_hand)


def _sentence(lines: str) -> str:
    """One text out of several problems, each of which names its key."""
    told = [re.sub(r"^source: ", "", line).rstrip(".") for line in lines.splitlines()]
    return " ".join(f"{line if re.match(r'[a-z_]+: ', line) else line[:1].upper() + line[1:]}." for line in told)


def _place(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port; for what has no host, the whole URL as the host."""
    bare = split_login(url)[0]
    try:
        parts = urlsplit(bare)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    return (parts.scheme, host, port) if host else ("", bare, None)


def _same_place(one: tuple[str, str, int | None], other: tuple[str, str, int | None]) -> bool:
    """One machine may be several cameras of one kind, at different ports, but hardly of two kinds."""
    return one[1] == other[1] and (one[0] != other[0] or one[2] == other[2])
