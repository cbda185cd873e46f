"""How a camera's device looks to clients of the API: its facts, settings, stored files, places and jobs as JSON."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator

from onlooker.devices import Ability, CardFile, Details, Option
from onlooker.errors import CannotDo
from onlooker.events import wire
from onlooker.web.api.photos import PhotoFacts
from onlooker.web.device_jobs import Job, JobKind, JobState, Step


class DeviceFacts(BaseModel):
    """What a camera says of itself; what it does not say is null or empty."""

    abilities: list[Ability] = Field(description="What it can do now.")
    as_of: datetime = Field(description="When it said so.")
    maker: str
    model: str
    firmware: str
    serial: str
    battery: float | None = Field(description="How full its battery is, 0 to 1.")
    charging: bool | None = Field(description="Whether it is being charged.")
    storage_left: int | None = Field(description="Free bytes on its card.")
    storage: int | None = Field(description="Bytes its card holds.")
    pictures_left: int | None = Field(description="How many pictures more its card holds.")
    capture: str = Field(description="The camera's own word for what it does, like `idle`.")
    problems: list[str] = Field(description="What is wrong with it, as sentences for people.")


class OptionFacts(BaseModel):
    """A setting of a camera."""

    name: str = Field(description="The camera's own name for it.")
    value: JsonValue = Field(description="What is set; may be none of the `choices`.")
    choices: list[JsonValue] | None = Field(description="The values it takes, where the camera names them.")
    minimum: float | None = Field(description="The smallest number it takes.")
    maximum: float | None = Field(description="The largest number it takes.")


class Options(BaseModel):
    """All settings that can be looked at."""

    options: list[OptionFacts]


class Wanted(BaseModel):
    """What to set."""

    model_config = ConfigDict(strict=True)

    value: JsonValue = Field(description="Of the type that the setting has: a number is no text.")

    @field_validator("value")
    @classmethod
    def _is_json(cls, value: JsonValue) -> JsonValue:
        json.dumps(value, allow_nan=False)  # ValueError for what is no number
        return value


class StoredLinks(BaseModel):
    """Paths on this hub, with its prefix."""

    thumbnail: str = Field(description="A small JPEG of it.")
    fetch: str = Field(description="To `POST` to: brings it into the camera's album.")


class StoredFile(BaseModel):
    """A file that a camera has stored."""

    id: str = Field(description="Its id, in this hub's URLs.")
    name: str
    size: int | None = Field(description="Bytes.")
    type: str = Field(description="Its media type.")
    taken: str = Field(description="When it was taken, ISO 8601; with an offset where the camera knows one.")
    width: int = Field(description="Pixels; 0 if the camera does not say.")
    height: int = Field(description="Pixels; 0 if the camera does not say.")
    links: StoredLinks


class Stored(BaseModel):
    """Some of what a camera has stored, newest first."""

    files: list[StoredFile]
    next: str | None = Field(description="For `after`, to list on; null at the end.")
    total: int | None = Field(description="How many there are, if the camera says.")


class Movement(BaseModel):
    """How fast to move, from -1 to 1: right, up and closer are positive."""

    model_config = ConfigDict(extra="forbid")

    pan: float = Field(0.0, ge=-1, le=1, allow_inf_nan=False)
    tilt: float = Field(0.0, ge=-1, le=1, allow_inf_nan=False)
    zoom: float = Field(0.0, ge=-1, le=1, allow_inf_nan=False)


class PresetFacts(BaseModel):
    """A place to look at that the camera remembers."""

    id: str
    name: str


class Presets(BaseModel):
    """All of them."""

    presets: list[PresetFacts]


class Failure(BaseModel):
    """Why a job failed."""

    detail: str = Field(description="What happened and what to do next.")
    code: str = Field(description="The camera's own word for it; may be empty.")


class JobFacts(BaseModel):
    """A picture on its way from a camera into its album."""

    id: str
    camera: str
    kind: JobKind = Field(description="`shoot`: it is being taken; `fetch`: the camera has it.")
    file: str | None = Field(description="Which file is fetched.")
    state: JobState = Field(description="`running`, `done`, `failed` or `stopped`.")
    step: Step = Field(description="What it waits for: `taking` the picture, or `fetching` its bytes.")
    progress: float | None = Field(description="Of the step, 0 to 1; null while nobody knows.")
    began_at: datetime
    photo: PhotoFacts | None = Field(description="What it became, once it is done.")
    new: bool = Field(description="False where the album had it already.")
    error: Failure | None = Field(description="Why it failed, if it did.")


class JobList(BaseModel):
    """Those that run and those that are over, the newest first."""

    jobs: list[JobFacts]


def details_json(said: Details) -> dict[str, Any]:
    """What a camera says of itself."""
    return {
        "abilities": sorted(ability.value for ability in said.abilities),
        "as_of": _instant(said.as_of),
        "maker": said.maker,
        "model": said.model,
        "firmware": said.firmware,
        "serial": said.serial,
        "battery": said.battery,
        "charging": said.charging,
        "storage_left": said.storage_left,
        "storage": said.storage,
        "pictures_left": said.pictures_left,
        "capture": said.capture,
        "problems": list(said.problems),
    }


def option_json(option: Option) -> dict[str, Any]:
    """A setting."""
    return {
        "name": option.name,
        "value": option.value,
        "choices": list(option.choices) if option.choices is not None else None,
        "minimum": option.minimum,
        "maximum": option.maximum,
    }


def stored_json(file: CardFile, here: str) -> dict[str, Any]:
    """A stored file; `here` is the path of the files."""
    # A camera's own id may be a whole URL: as a segment of ours it has to survive every proxy.
    encoded = base64.urlsafe_b64encode(file.id.encode()).decode().rstrip("=")
    return {
        "id": encoded,
        "name": file.name,
        "size": file.size,
        "type": file.type,
        "taken": file.taken,
        "width": file.width,
        "height": file.height,
        "links": {"thumbnail": f"{here}/{encoded}/thumbnail", "fetch": f"{here}/{encoded}/fetch"},
    }


def file_id(text: str) -> str:
    """The camera's own id of a file; CannotDo."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise CannotDo("The camera has no such file. List its files again.") from None


def job_json(job: Job, root_path: str) -> dict[str, Any]:
    """A job."""
    return {
        "id": job.id,
        "camera": job.camera,
        "kind": job.kind,
        "file": job.file,
        "state": job.state,
        "step": job.step,
        "progress": round(job.progress, 4) if job.progress is not None else None,
        "began_at": _instant(job.began),
        "photo": wire.photo_json(job.photo, root_path) if job.photo is not None else None,
        "new": job.new,
        "error": {"detail": job.error, "code": job.code} if job.state is JobState.FAILED else None,
    }


def device_place(root_path: str, name: str) -> str:
    """The path of a camera's device on this hub."""
    return f"{root_path}/api/v1/cameras/{quote(name, safe='')}/device"


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
