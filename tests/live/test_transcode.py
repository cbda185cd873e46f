"""Coded video and JPEG to pictures and back: colours, sizes, damage."""

from __future__ import annotations

import dataclasses
import os

import av
import numpy as np
import pytest
import simplejpeg

from onlooker.errors import MalformedInput, SourceRefused
from onlooker.formats import jpegcodec
from onlooker.live.transcode import Decoder, Picture, decode_jpeg, encode_jpeg, fitted
from onlooker.media import Sample, VideoFormat
from tests.clips import BLACK, BLUE, GREEN, RED, SKY, WHITE, Colour, samples


def middle(data: bytes) -> np.ndarray:
    pixels = jpegcodec.decode_rgb(data)
    return pixels[pixels.shape[0] // 2, pixels.shape[1] // 2].astype(int)


def decoded(coded: list[Sample]) -> list[Picture]:
    decoder = Decoder(coded[0].format)
    pictures = [picture for sample in coded for picture in decoder.decode(sample)]
    decoder.close()
    return pictures


@pytest.mark.parametrize(
    ("encoder", "pixel_format", "width", "height", "hd"),
    [
        ("libx264", "yuv420p", 64, 48, False),
        ("libx264", "yuvj420p", 64, 48, False),
        ("libx264", "yuv444p", 64, 48, False),
        ("libx264", "yuv420p", 1280, 720, True),
        ("libx265", "yuv420p", 64, 48, False),
    ],
)
@pytest.mark.parametrize("colour", [BLACK, WHITE, RED, GREEN, BLUE, SKY])
def test_colours_survive_video_to_jpeg(
    encoder: str, pixel_format: str, width: int, height: int, hd: bool, colour: Colour
) -> None:
    coded = samples([colour], width, height, encoder=encoder, pixel_format=pixel_format, hd=hd)
    (picture,) = decoded(coded)
    assert (picture.width, picture.height) == (width, height)
    assert np.abs(middle(encode_jpeg(picture, quality=90)) - colour).max() <= 6
    assert np.abs(middle(encode_jpeg(picture, width=width // 2, quality=90)) - colour).max() <= 6


def test_a_sample_in_is_a_picture_out_with_its_time() -> None:
    coded = samples([RED, GREEN, BLUE])
    decoder = Decoder(coded[0].format)
    for sample in coded:
        (picture,) = decoder.decode(sample)
        assert picture.captured == sample.captured


def test_decoding_starts_at_a_key_frame() -> None:
    coded = samples([RED, GREEN])
    decoder = Decoder(coded[0].format)
    assert decoder.decode(coded[1]) == []
    assert len(decoder.decode(coded[0])) == 1
    assert len(decoder.decode(coded[1])) == 1


def test_damage_gives_no_picture_until_the_next_key_frame() -> None:
    coded = samples([RED, GREEN])
    decoder = Decoder(coded[0].format)
    assert len(decoder.decode(coded[0])) == 1
    assert decoder.decode(dataclasses.replace(coded[1], data=os.urandom(400))) == []
    assert decoder.decode(coded[1]) == []
    assert len(decoder.decode(coded[0])) == 1


@pytest.mark.parametrize("data", [b"", b"\0", os.urandom(3000), b"\0\0\0\1" * 50])
def test_no_bytes_make_the_decoder_raise(data: bytes) -> None:
    coded = samples([RED])
    decoder = Decoder(coded[0].format)
    decoder.decode(dataclasses.replace(coded[0], data=data))
    assert len(decoder.decode(coded[0])) == 1


def test_raw_pictures_of_a_webcam() -> None:
    fmt = VideoFormat("rawvideo", 64, 48, 30.0, "yuyv422")
    sample = Sample(bytes([235, 128] * 64 * 48), True, 0.0, 5.0, fmt)
    (picture,) = Decoder(fmt).decode(sample)
    assert np.abs(middle(encode_jpeg(picture)) - 255).max() <= 3


@pytest.mark.parametrize("codec", ["no-such-codec", "aac"])
def test_an_unknown_codec_is_refused(codec: str) -> None:
    with pytest.raises(SourceRefused, match=codec):
        Decoder(VideoFormat(codec))


@pytest.mark.parametrize("subsampling", ["420", "422", "444", "Gray"])
def test_a_jpeg_made_smaller(subsampling: str) -> None:
    grey = subsampling == "Gray"
    pixels = np.full((481, 641, 1 if grey else 3), 90, np.uint8)
    data = simplejpeg.encode_jpeg(pixels, 90, "GRAY" if grey else "RGB", subsampling)
    picture = decode_jpeg(data, max_width=200, captured=7.0)
    assert 200 <= picture.width < 641
    assert picture.captured == 7.0
    small = encode_jpeg(picture, width=200)
    assert jpegcodec.decode_rgb(small).shape == (150, 200, 3)
    assert np.abs(middle(small) - 90).max() <= 3


def test_never_enlarged() -> None:
    picture = decode_jpeg(jpegcodec.encode_rgb(np.full((48, 64, 3), 90, np.uint8)))
    assert jpegcodec.decode_rgb(encode_jpeg(picture, width=640)).shape == (48, 64, 3)


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p", "yuyv422", "nv12", "gray", "yuv420p10le"])
@pytest.mark.parametrize(("width", "height"), [(641, 481), (64, 48), (17, 3)])
def test_any_layout_and_odd_sizes_encode(pixel_format: str, width: int, height: int) -> None:
    picture = Picture(av.VideoFrame(width, height, pixel_format))
    assert jpegcodec.decode_rgb(encode_jpeg(picture)).shape == (height, width, 3)


def test_quality_costs_bytes() -> None:
    noise = np.random.default_rng(3).integers(0, 255, (96, 128, 3), np.uint8)
    picture = decode_jpeg(jpegcodec.encode_rgb(noise, quality=95))
    assert len(encode_jpeg(picture, quality=30)) < len(encode_jpeg(picture, quality=90))


def test_what_is_no_jpeg_is_malformed() -> None:
    with pytest.raises(MalformedInput):
        decode_jpeg(b"\xff\xd8\xff nothing")


@pytest.mark.parametrize(
    ("given", "limit", "size"),
    [
        ((1280, 720), 640, (640, 360)),
        ((1280, 720), 0, (1280, 720)),
        ((641, 481), 700, (641, 481)),
        ((640, 480), 333, (332, 248)),
        ((5000, 3), 100, (100, 2)),
    ],
)
def test_sizes_keep_their_proportions_and_are_even(given: tuple[int, int], limit: int, size: tuple[int, int]) -> None:
    assert fitted(*given, limit) == size
