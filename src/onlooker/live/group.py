"""The coded video since the last key frame, kept so that who joins need not wait for the next one."""

from __future__ import annotations

from onlooker.media import Sample

MOST_SAMPLES = 300
MOST_BYTES = 16 << 20


class Group:
    """A group of pictures that grows until the next key frame; one that outgrows its bounds is forgotten."""

    def __init__(self) -> None:
        self._samples: list[Sample] = []
        self._bytes = 0

    def add(self, sample: Sample) -> None:
        """Take a sample in decoding order; those before the first key frame are of no use."""
        if sample.key:
            self.clear()
        elif not self._samples:
            return
        self._samples.append(sample)
        self._bytes += len(sample.data)
        if len(self._samples) > MOST_SAMPLES or self._bytes > MOST_BYTES:
            # The key frame alone is still good for a still; what follows it would have a hole.
            del self._samples[1:]
            self._bytes = MOST_BYTES + 1

    def samples(self) -> list[Sample]:
        """Everything since the last key frame; empty where that is not known whole."""
        return [] if self._bytes > MOST_BYTES else list(self._samples)

    @property
    def key(self) -> Sample | None:
        """The last key frame."""
        return self._samples[0] if self._samples else None

    def clear(self) -> None:
        """Forget all."""
        self._samples = []
        self._bytes = 0
