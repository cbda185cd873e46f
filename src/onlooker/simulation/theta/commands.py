"""What a simulated Theta does when told: every command of either API level, and its parameters."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from onlooker.simulation.theta.camera import SESSION_SECONDS, Camera, short
from onlooker.simulation.theta.card import Stored, entry
from onlooker.simulation.theta.models import Format
from onlooker.simulation.theta.protocol import (
    Check,
    Code,
    OscError,
    Parameters,
    Shape,
    is_count,
    is_flag,
    is_names,
    is_object,
    is_text,
    one_of,
)


@dataclass(frozen=True, slots=True)
class Picture:
    """The answer is a JPEG."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Live:
    """The answer is the live picture."""

    format: Format


Answer = dict[str, Any] | Picture | Live
Run = Callable[[Camera, Parameters, str], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Command:
    """What is done, with which parameters, and whether only in an open session."""

    run: Run
    shape: Shape
    in_session: bool = False


async def execute(camera: Camera, name: str, parameters: Parameters, files: str) -> Answer:
    """Do it; `files` is the address of the card. OscError if the camera refuses."""
    command = _COMMANDS.get((camera.level, name))
    if command is None:
        raise OscError(Code.UNKNOWN_COMMAND, f"{name} is not a command of this camera.")
    command.shape.check(parameters)
    if command.in_session:
        camera.check_session(parameters["sessionId"])
    if camera.traits.touchy and name != "camera.getLivePreview":
        camera.end_preview()
    return await command.run(camera, parameters, files)


def status(camera: Camera, id: str, files: str) -> dict[str, Any]:
    """How far a command has come; an error is raised once it has failed."""
    operation = camera.operation(id)
    told: dict[str, Any] = {"name": operation.name}
    if operation.error is not None:
        raise operation.error
    if operation.results is None:
        return {**told, "state": "inProgress", "id": id, "progress": {"completion": camera.completion(operation)}}
    stored: Stored = operation.results["stored"]
    where = {"fileUri": short(stored)} if camera.level == 1 else {"fileUrl": files + stored.path}
    return {**told, "state": "done", "results": where}


async def _start_session(camera: Camera, _: Parameters, __: str) -> Answer:
    camera.refuse_while_shooting()
    return {"sessionId": camera.start_session(), "timeout": SESSION_SECONDS}


async def _update_session(_: Camera, parameters: Parameters, __: str) -> Answer:
    return {"sessionId": parameters["sessionId"], "timeout": SESSION_SECONDS}


async def _close_session(camera: Camera, _: Parameters, __: str) -> Answer:
    camera.end_session()
    camera.end_preview()
    return {}


async def _take_picture(camera: Camera, _: Parameters, files: str) -> Answer:
    return status(camera, camera.take_picture(), files)


async def _live(camera: Camera, _: Parameters, __: str) -> Answer:
    camera.refuse_while_shooting()
    if len(camera.traits.previews) == 1 and camera.options["captureMode"] != "image":
        raise OscError(Code.DISABLED, "There is a live picture only while the camera is set to take pictures.")
    camera.refuse_after_change(Code.UNAVAILABLE)
    return Live(camera.preview_format)


async def _get_options(camera: Camera, parameters: Parameters, _: str) -> Answer:
    return {"options": camera.options.get(parameters["optionNames"], camera.counted())}


async def _set_options(camera: Camera, parameters: Parameters, _: str) -> Answer:
    camera.set_options(parameters["options"])
    return {}


async def _list_files(camera: Camera, parameters: Parameters, files: str) -> Answer:
    everything = [] if parameters["fileType"] == "video" else camera.card.newest_first()
    if parameters.get("_sort") == "oldest":
        everything.reverse()
    begin = _position(camera, everything, parameters)
    some = everything[begin : begin + parameters["entryCount"]]
    detail = parameters.get("_detail", camera.traits.details_unasked)
    entries = [entry(stored, camera.card, files, detail=detail) for stored in some]
    if parameters["maxThumbSize"]:
        if len(entries) > 1:
            raise OscError(Code.WRONG_VALUE, "Thumbnails come with one entry at a time.")
        for stored, told in zip(some, entries, strict=True):
            told["thumbnail"] = b64encode(await camera.card.thumbnail(stored)).decode()
    return {"entries": entries, "totalEntries": len(everything)}


def _position(camera: Camera, everything: list[Stored], parameters: Parameters) -> int:
    if "_startFileUrl" not in parameters:
        begin: int = parameters.get("startPosition", 0)
        return begin
    return everything.index(_by_url(camera, parameters["_startFileUrl"]))


async def _list_images(camera: Camera, parameters: Parameters, _: str) -> Answer:
    everything = camera.card.newest_first()
    token = parameters.get("continuationToken", "0")
    if not token.isdecimal() or len(token) > 9:
        raise OscError(Code.WRONG_VALUE, "This is no token of a list.")
    begin, count = int(token), parameters["entryCount"]
    some = everything[begin : begin + count]
    told: dict[str, Any] = {
        "entries": [_image(camera, stored) for stored in some],
        "totalEntries": len(everything),
    }
    if begin + count < len(everything):
        told["continuationToken"] = str(begin + count)
    return told


def _image(camera: Camera, stored: Stored) -> dict[str, Any]:
    width, height = camera.card.still
    return {
        "name": stored.name,
        "uri": short(stored),
        "size": stored.size,
        "dateTimeZone": entry(stored, camera.card, "", detail=True)["dateTimeZone"],
        "width": width,
        "height": height,
    }


async def _get_image(camera: Camera, parameters: Parameters, _: str) -> Answer:
    stored = _by_uri(camera, parameters["fileUri"])
    small = parameters.get("_type", "full") == "thumb"
    return Picture(await (camera.card.thumbnail(stored) if small else camera.card.content(stored)))


async def _delete(camera: Camera, parameters: Parameters, _: str) -> Answer:
    camera.refuse_while_shooting()
    for stored in [_by_url(camera, url) for url in parameters["fileUrls"]]:
        camera.card.remove(stored)
    return {}


async def _delete_one(camera: Camera, parameters: Parameters, _: str) -> Answer:
    camera.refuse_while_shooting()
    camera.card.remove(_by_uri(camera, parameters["fileUri"]))
    return {}


async def _metadata(camera: Camera, parameters: Parameters, _: str) -> Answer:
    url = parameters.get("fileUrl")
    stored = _by_url(camera, url) if url else _by_uri(camera, parameters["fileUri"])
    return camera.card.described(stored)


def _by_url(camera: Camera, url: str) -> Stored:
    return _by_uri(camera, url.partition("/files/")[2])


def _by_uri(camera: Camera, path: str) -> Stored:
    stored = camera.card.find(path)
    if stored is None:
        raise OscError(Code.WRONG_VALUE, "There is no such file.")
    return stored


def _both(
    old: str, new: str, run: Run, required: Mapping[str, Check], optional: Mapping[str, Check] | None = None
) -> dict[tuple[int, str], Command]:
    """A command that is in both levels; in the first one it needs a session."""
    return {
        (1, old): Command(run, Shape({"sessionId": is_text, **required}, optional or {}), in_session=True),
        (2, new): Command(run, Shape(required, optional or {})),
    }


_FILE_TYPES = one_of("all", "image", "video")
_COMMANDS: dict[tuple[int, str], Command] = {
    (1, "camera.startSession"): Command(_start_session, Shape({}, {"timeout": is_count})),
    (1, "camera.updateSession"): Command(_update_session, Shape({"sessionId": is_text}, {}), in_session=True),
    (1, "camera.closeSession"): Command(_close_session, Shape({"sessionId": is_text}, {}), in_session=True),
    (1, "camera.listImages"): Command(
        _list_images,
        Shape({"entryCount": is_count}, {"maxSize": is_count, "continuationToken": is_text, "includeThumb": is_flag}),
    ),
    (1, "camera.getImage"): Command(
        _get_image, Shape({"fileUri": is_text}, {"maxSize": is_count, "_type": one_of("thumb", "full")})
    ),
    (1, "camera.getMetadata"): Command(_metadata, Shape({"fileUri": is_text}, {})),
    (1, "camera.delete"): Command(_delete_one, Shape({"fileUri": is_text}, {})),
    (2, "camera.listFiles"): Command(
        _list_files,
        Shape(
            {"fileType": _FILE_TYPES, "entryCount": is_count, "maxThumbSize": one_of(0, 640)},
            {
                "startPosition": is_count,
                "_detail": is_flag,
                "_sort": one_of("newest", "oldest"),
                "_startFileUrl": is_text,
                "_storage": one_of("IN", "SD", "default"),
            },
        ),
    ),
    (2, "camera._getMetadata"): Command(_metadata, Shape({"fileUrl": is_text}, {})),
    (2, "camera.delete"): Command(_delete, Shape({"fileUrls": is_names}, {})),
    **_both("camera.takePicture", "camera.takePicture", _take_picture, {}),
    **_both("camera._getLivePreview", "camera.getLivePreview", _live, {}),
    **_both("camera.getOptions", "camera.getOptions", _get_options, {"optionNames": is_names}),
    **_both("camera.setOptions", "camera.setOptions", _set_options, {"options": is_object}),
}
