"""What happened at a camera, from what it says all day: topics of many makers in a few words of ours."""

from __future__ import annotations

from collections import OrderedDict

from onlooker.devices import Happening
from onlooker.formats.onvif_events import MAX_ITEMS, Message

_MAX_SUBJECTS = 256  # whose last state is remembered

# By what stands in a topic, the first that fits: names differ by maker, the words in them hardly.
_KINDS = (
    ("digitalinput", "input"),
    ("linedetector", "line"),
    ("crossline", "line"),
    ("linecross", "line"),
    ("crossed", "line"),
    ("audio", "sound"),
    ("sound", "sound"),
    ("motion", "motion"),
    ("fielddetector", "motion"),
    ("intrusion", "motion"),
)
# What cameras tell all day long about their own inside.
_NO_NEWS = ("monitoring/", "processorusage", "recordingconfig", "configuration", "networkcapabilities", "relay")


class Subjects:
    """Turns one camera's messages into what happened. That something goes on is told as often as the camera says it;
    that it is over only where it went on.

    `ahead` is by how many seconds the camera's clock is ahead of ours.
    """

    def __init__(self, ahead: float) -> None:
        self._ahead = ahead
        self._active: OrderedDict[tuple[str, ...], bool] = OrderedDict()

    def happening(self, message: Message, now: float) -> Happening | None:
        """What this tells, None if nothing; `now` is UTC seconds since 1970."""
        topic, active = message.topic, message.active
        known = next((kind for word, kind in _KINDS if word in topic.lower()), None)
        if known is None and (active is None or any(word in topic.lower() for word in _NO_NEWS)):
            return None
        if message.initial and not active:
            return None
        if active is not None and not self._goes_on((topic, *message.source.values()), active):
            return None
        # Of what begins and ends only what is the same both times, so that an end is known for that of its beginning.
        facts = {"topic": topic, **message.source, **(message.data if active is None else {})}
        kind = known or topic.rpartition("/")[2] or "event"
        return Happening(kind, self._at(message.at, now), active, dict(list(facts.items())[: MAX_ITEMS + 1]))

    def _goes_on(self, subject: tuple[str, ...], active: bool) -> bool:
        """Whether it does now, or did until now."""
        before = self._active.pop(subject, False)
        self._active[subject] = active
        if len(self._active) > _MAX_SUBJECTS:
            self._active.popitem(last=False)
        return before or active

    def _at(self, stated: float | None, now: float) -> float:
        """Its time on our clock; that of arrival where the camera's cannot be true."""
        if stated is None:
            return now
        corrected = stated - self._ahead
        return corrected if now - 60 <= corrected <= now + 2 else now
