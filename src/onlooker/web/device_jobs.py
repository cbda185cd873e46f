"""What a camera does for somebody over a longer time, a picture on its way into an album: begun, looked at, stopped.

A request is over long before a camera has taken a picture of many megapixels and handed it out; so it begins a job, and
others ask how it stands. Jobs are lost with the hub: what was kept of them stands in the album.
"""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from onlooker.archive.archive import Kept
from onlooker.errors import CannotDo, DeviceAway, DeviceBusy, DeviceError, OnlookerError, TooMany
from onlooker.media import Photo

log = logging.getLogger(__name__)

LONGEST = 1800.0  # seconds a job may take
RELEASE = 5.0  # seconds one that is stopped has to let go of its camera before we go on without it
MOST_OF_CAMERA = 4  # that run at the same time
MOST_RUNNING = 32  # of the whole hub
MOST_OVER = 128  # of the whole hub, to be looked at afterwards


class JobKind(StrEnum):
    """What is done."""

    SHOOT = "shoot"  # take a picture
    FETCH = "fetch"  # bring one that the camera has stored


class JobState(StrEnum):
    """How far it came."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"  # by somebody, or because the hub was


class Step(StrEnum):
    """What a running job waits for."""

    TAKING = "taking"  # the camera takes the picture
    FETCHING = "fetching"  # its bytes come


@dataclass(slots=True, eq=False)
class Job:
    """One of them. `progress` is that of its step, 0 to 1, None while nobody knows it."""

    camera: str
    kind: JobKind
    began: float
    file: str | None = None
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    state: JobState = JobState.RUNNING
    step: Step = Step.FETCHING
    progress: float | None = None
    photo: Photo | None = None
    new: bool = False
    error: str = ""
    code: str = ""

    def __post_init__(self) -> None:
        if self.kind is JobKind.SHOOT:
            self.step = Step.TAKING

    def heard(self, share: float | None) -> None:
        """The progress of the step, whatever a camera says."""
        self.progress = min(1.0, max(0.0, share)) if share is not None and math.isfinite(share) else None

    def enter(self, step: Step) -> None:
        """Begin another step."""
        self.step, self.progress = step, None


Work = Callable[[Job], Awaitable[Kept]]


class Jobs:
    """All of them; owns their tasks until `close`."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._jobs: dict[str, Job] = {}
        self._closed = False

    def begin(self, job: Job, work: Work) -> None:
        """Let it run from now on; DeviceBusy while the camera is taking a picture, TooMany."""
        running = [other for other in self._jobs.values() if other.state is JobState.RUNNING]
        of_camera = [other for other in running if other.camera == job.camera]
        if job.kind is JobKind.SHOOT and any(other.kind is JobKind.SHOOT for other in of_camera):
            raise DeviceBusy("The camera is taking a picture already. Wait until it is there.")
        if len(of_camera) >= MOST_OF_CAMERA or len(running) >= MOST_RUNNING or self._closed:
            raise TooMany("Too much is being fetched from cameras just now. Try again in a moment.")
        self._jobs[job.id] = job
        self._forget_old()
        task = asyncio.create_task(self._run(job, work), name=f"{job.kind} {job.camera}")
        self._tasks[job.id] = task
        task.add_done_callback(lambda _: self._over(job))

    def of_camera(self, name: str) -> list[Job]:
        """The jobs of a camera that are remembered, the newest first."""
        return [job for job in reversed(self._jobs.values()) if job.camera == name]

    def job(self, camera: str, job_id: str) -> Job:
        """One of them; CannotDo if it is none of this camera's, or long over."""
        job = self._jobs.get(job_id)
        if job is None or job.camera != camera:
            raise CannotDo("There is no such job of this camera. It may be long over: look into its album.")
        return job

    async def stop(self, job: Job) -> None:
        """End it, if it still runs; nothing of what it was bringing is kept."""
        if task := self._tasks.get(job.id):
            task.cancel()
            await asyncio.wait({task}, timeout=RELEASE)

    async def close(self) -> None:
        """Stop all; none can be begun any more."""
        self._closed = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=RELEASE)

    async def _run(self, job: Job, work: Work) -> None:
        try:
            async with asyncio.timeout(LONGEST):
                kept = await work(job)
        except asyncio.CancelledError:
            job.state = JobState.STOPPED
        except TimeoutError:
            self._failed(job, DeviceAway(f"The camera needed more than {LONGEST / 60:g} minutes; it was given up."))
        except OnlookerError as error:
            self._failed(job, error)
        except Exception:
            log.exception("a job of a camera failed unexpectedly", extra={"camera": job.camera, "job": job.kind})
            self._failed(job, OnlookerError("Something unexpected went wrong here; the hub's log says what."))
        else:
            job.state, job.progress, job.photo, job.new = JobState.DONE, 1.0, kept.photo, kept.new

    def _failed(self, job: Job, error: OnlookerError) -> None:
        log.warning("a picture did not come", extra={"camera": job.camera, "job": job.kind, "reason": str(error)})
        job.state, job.error = JobState.FAILED, str(error)
        job.code = error.code if isinstance(error, DeviceError) else ""

    def _over(self, job: Job) -> None:
        del self._tasks[job.id]
        if job.state is JobState.RUNNING:  # stopped before it had begun
            job.state = JobState.STOPPED

    def _forget_old(self) -> None:
        over = [job.id for job in self._jobs.values() if job.state is not JobState.RUNNING]
        for job_id in over[: max(0, len(over) - MOST_OVER)]:
            del self._jobs[job_id]
