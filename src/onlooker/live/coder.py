"""The coder of one camera: from the media that waited to the JPEG renditions asked for, in a worker thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from onlooker.errors import MalformedInput
from onlooker.live.status import Rendition
from onlooker.live.transcode import Decoder, Picture, decode_jpeg, encode_jpeg
from onlooker.media import Frame, Media, Sample, VideoFormat


class Coder:
    """Blocking; used by one thread at a time. Keeps the decoder between calls, as coded video needs."""

    def __init__(self) -> None:
        self._decoder: Decoder | None = None
        self._format: VideoFormat | None = None

    def render(self, waiting: Sequence[Media], renditions: Iterable[Rendition]) -> dict[Rendition, Frame]:
        """Decode all that waited, and encode the newest picture once per width.

        Gives nothing where no picture came out. Raises SourceRefused for a codec that is not known.
        """
        wanted = list(renditions)
        picture = self._newest_picture(waiting, max((r.width for r in wanted), default=1))
        if picture is None:
            return {}
        try:
            coded = {width: encode_jpeg(picture, width=width) for width in {r.width for r in wanted}}
        except MalformedInput:
            return {}  # a picture no JPEG can hold; the next one may be another
        return {r: Frame(coded[r.width], picture.captured) for r in wanted}

    def _newest_picture(self, waiting: Sequence[Media], width: int) -> Picture | None:
        newest: Picture | None = None
        for media in waiting:
            if isinstance(media, Sample):
                for picture in self._decode(media):
                    newest = picture
            else:
                try:
                    newest = decode_jpeg(media.data, max_width=width, captured=media.captured)
                except MalformedInput:
                    continue  # a damaged frame from a camera is skipped; the next one is on its way
        return newest

    def _decode(self, sample: Sample) -> list[Picture]:
        if self._decoder is None or self._format != sample.format:
            self.close()
            self._decoder = Decoder(sample.format)
            self._format = sample.format
        return self._decoder.decode(sample)

    def close(self) -> None:
        """Free the decoder."""
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None


def render_alone(media: Media, rendition: Rendition) -> Frame | None:
    """One still from one frame or one key sample, with a decoder of its own; blocking."""
    coder = Coder()
    try:
        return coder.render([media], [rendition]).get(rendition)
    finally:
        coder.close()
