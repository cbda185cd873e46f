"""What 360° cameras say of themselves: recorded answers of real ones, their quirks, and anything at all."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onlooker.errors import MalformedInput
from onlooker.formats import osc

RECORDED = Path(__file__).parents[3] / "shared" / "fixtures" / "theta-client"
FILES = sorted(RECORDED.glob("*/*.json"))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
KEYS = st.sampled_from(
    [
        *(
            "apiLevel",
            "manufacturer",
            "model",
            "state",
            "batteryLevel",
            "_batteryInsert",
            "_apiVersion",
            "error",
            "code",
        ),
        *("_cameraError", "message", "id", "progress", "completion", "results", "options", "entries", "fileUrl", "uri"),
        *("name", "size", "width", "height", "dateTimeZone", "totalEntries", "continuationToken", "_fileGroup"),
    ]
)
ANSWER = st.recursive(
    JSON, lambda inner: st.dictionaries(KEYS, inner, max_size=6) | st.lists(inner, max_size=3), max_leaves=20
)


def recorded(name: str) -> dict[str, Any]:
    path = RECORDED / name
    if not path.exists():
        pytest.skip("the recorded answers are not here")
    return osc.document(path.read_bytes())


class TestRecorded:
    @pytest.mark.skipif(not FILES, reason="the recorded answers are not here")
    def test_every_one_is_read(self) -> None:
        for path in FILES:
            said = osc.document(path.read_bytes())
            if "state" in said and path.parent.name != "state":
                assert osc.execution(said).state in osc.Progress

    @pytest.mark.parametrize(
        ("name", "model", "firmware", "levels"),
        [("info_s", "RICOH THETA S", "01.90", (1, 2)), ("info_x", "RICOH THETA X", "1.30.0", (2,))],
    )
    def test_info(self, name: str, model: str, firmware: str, levels: tuple[int, ...]) -> None:
        info = osc.info(recorded(f"info/{name}.json"))
        assert (info.maker, info.model, info.firmware, info.levels) == ("RICOH", model, firmware, levels)
        assert info.serial.isdecimal()
        assert info.is_theta
        assert info.has_preview

    def test_state(self) -> None:
        x = osc.camera_state(recorded("state/state_x.json"))
        assert x == osc.CameraState(
            level=2,
            battery=0.33,
            charging=False,
            capture="idle",
            latest="http://192.168.1.1/files/100RICOH/R0010015.JPG",
            errors=("HIGH_TEMPERATURE_WARNING",),
        )
        assert osc.camera_state(recorded("state/state_s_api1.json")).level == 1
        assert osc.camera_state(recorded("state/state_s_api2.json")) == osc.CameraState(
            level=2, battery=0.67, charging=False, capture="idle"
        )

    def test_a_picture_is_taken(self) -> None:
        going = osc.execution(recorded("PhotoCapture/takepicture_progress.json"))
        assert (going.state, going.id, going.completion) == (osc.Progress.GOING_ON, "2792", 0.0)
        done = osc.execution(recorded("PhotoCapture/takepicture_done.json"))
        assert done.state is osc.Progress.DONE
        assert osc.file_name(osc.stored_at(done.results)) == "R0013308.JPG"
        cancelled = osc.execution(recorded("PhotoCapture/takepicture_cancel.json"))
        assert cancelled.fault == osc.Fault("canceledShooting", "shooting is canceled.")

    def test_files(self) -> None:
        x = osc.listing(osc.execution(recorded("listFiles/listfiles_x_image_5.json")).results)
        assert (len(x.entries), x.total) == (5, 9)
        assert x.entries[0] == osc.Entry(
            "http://192.168.1.1/files/100RICOH/R0010010.JPG",
            "R0010010.JPG",
            3985065,
            "2023-05-17T13:22:54+09:00",
            5504,
            2752,
        )
        z1 = osc.listing(osc.execution(recorded("listFiles/listfiles_image_10.json")).results)
        assert len(z1.entries) == 10
        assert all(entry.taken.endswith("+09:00") and entry.width == 6720 for entry in z1.entries)

    def test_options_and_session(self) -> None:
        options = osc.options(osc.execution(recorded("getOptions/get_options_done.json")).results)
        assert osc.count(options["remainingPictures"]) == 2259
        session = osc.execution(recorded("startSession/start_session_done.json")).results
        assert (osc.text(session["sessionId"]), osc.number(session["timeout"])) == ("SID_0001", 180.0)


class TestQuirks:
    @pytest.mark.parametrize(
        ("said", "levels"),
        [(None, (1,)), ([], (1,)), ([2, 1], (1, 2)), ([2], (2,)), (2, (2,)), ("2", (1,)), ([True, 9, None], (1,))],
    )
    def test_api_level(self, said: object, levels: tuple[int, ...]) -> None:
        assert osc.info({"apiLevel": said}).levels == levels
        assert osc.info({}).levels == (1,)

    @pytest.mark.parametrize(
        ("said", "battery"),
        [(0.57, 0.57), (57, 0.57), (1, 1.0), (100, 1.0), (0, 0.0), (250, 1.0), (-1, None), ("57", None), (True, None)],
    )
    def test_battery(self, said: object, battery: float | None) -> None:
        assert osc.camera_state({"state": {"batteryLevel": said}}).battery == battery

    @pytest.mark.parametrize("key", ["_batteryInsert", "_batterylnsert"])
    def test_the_level_of_no_battery(self, key: str) -> None:
        assert osc.camera_state({"state": {"batteryLevel": 0.0, key: False}}).battery is None
        assert osc.camera_state({"state": {"batteryLevel": 0.5, key: True}}).battery == 0.5

    def test_a_code_with_a_space_behind_it_and_an_error_without_a_state(self) -> None:
        said = {"name": "camera.getOptions", "error": {"code": "invalidParameterName ", "message": " no "}}
        assert osc.execution(said).fault == osc.Fault("invalidParameterName", "no")
        assert osc.execution({"state": "error"}).fault == osc.Fault("unknown")
        # The state says that all is well, and it is not.
        assert osc.execution({"state": "done", "error": {"code": "x"}}).state is osc.Progress.FAILED

    @pytest.mark.parametrize("said", [{}, {"state": "perhaps"}, {"state": 1}, {"results": {}}])
    def test_no_answer_about_a_command(self, said: dict[str, Any]) -> None:
        with pytest.raises(MalformedInput):
            osc.execution(said)

    @pytest.mark.parametrize(
        ("said", "taken"),
        [
            ("2022:11:14 17:24:38+09:00", "2022-11-14T17:24:38+09:00"),
            ("2022:11:14 17:24:38", "2022-11-14T17:24:38"),
            ("2026:11:21 8:44:20+00:00", "2026-11-21T08:44:20+00:00"),
            ("2026-11-21T08:44:20Z", "2026-11-21T08:44:20Z"),
            ("2026:11:21 08:44:20-0530", "2026-11-21T08:44:20-05:30"),
            ("2026:13:21 08:44:20", ""),
            ("2026:11:21 25:44:20", ""),
            ("2026:11:21 08:44:20+99:00", ""),
            ("yesterday", ""),
            (None, ""),
            (5, ""),
        ],
    )
    def test_dates(self, said: object, taken: str) -> None:
        assert osc.taken_at(said) == taken

    @pytest.mark.parametrize(
        ("said", "label"),
        [
            ({"width": 1024, "height": 512, "framerate": 30}, "1024x512@30"),
            ({"width": 640, "height": 320}, "640x320"),
            ("1024x512@30", "1024x512@30"),
            (" 1024 × 512 @ 30 fps ", "1024x512@30"),
            ("1024x512", "1024x512"),
            ("large", None),
            ({"width": "1024"}, None),
            ([1024, 512], None),
            (None, None),
        ],
    )
    def test_preview_formats(self, said: object, label: str | None) -> None:
        found = osc.preview_format(said)
        assert (found.label if found else None) == label
        if found:
            assert osc.preview_format(found.wire) == osc.preview_format(found.label) == found

    @pytest.mark.parametrize(
        ("results", "where"),
        [
            ({"fileUrl": "http://h/a.jpg"}, "http://h/a.jpg"),
            ({"fileUri": "100RICOH/a.jpg"}, "100RICOH/a.jpg"),
            ({"_fileGroup": ["/DCIM/a.insp", "/DCIM/b.insp"]}, "/DCIM/a.insp"),
            ({"fileUrl": "", "_fileGroup": [5]}, ""),
            ({}, ""),
        ],
    )
    def test_where_a_picture_is(self, results: dict[str, Any], where: str) -> None:
        assert osc.stored_at(results) == where

    @pytest.mark.parametrize(
        ("address", "name"),
        [
            ("http://h/files/a%20b.JPG?x=1", "a b.JPG"),
            ("100RICOH/R1.JPG", "R1.JPG"),
            ("http://h/..%2f..%2fetc/passwd", "passwd"),
            ("http://h/", "picture"),
            ("http://[bad/x.jpg", "x.jpg"),
        ],
    )
    def test_names_of_files(self, address: str, name: str) -> None:
        assert osc.file_name(address) == name

    def test_cameras_without_a_live_view(self) -> None:
        assert not osc.info({"manufacturer": "Arashi Vision", "model": "Insta360 X3"}).has_preview
        assert osc.info({"manufacturer": "Somebody", "model": "Another"}).has_preview


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"[]", b"{", b"null", b"<html>", b'{"a": NaN}', b'{"a": Infinity}', b'{"a": 1e999}', b"\xff\xfe"),
        b'{"a": %s}' % (b"9" * 5000),
        b'{"a":' * 100_000,
    ],
)
def test_no_json(data: bytes) -> None:
    with pytest.raises(MalformedInput):
        osc.document(data)


def test_a_mark_of_the_byte_order_and_bytes_that_are_no_text() -> None:
    assert osc.document(b'\xef\xbb\xbf{"a": "\xff"}') == {"a": "\ufffd"}


@given(st.binary(max_size=200))
def test_any_bytes_are_a_document_or_malformed(data: bytes) -> None:
    try:
        said = osc.document(data)
    except MalformedInput:
        return
    json.dumps(said, allow_nan=False)


@given(st.dictionaries(KEYS, ANSWER, max_size=8))
def test_anything_is_read_as_something_short_and_finite(said: dict[str, Any]) -> None:
    info, state = osc.info(said), osc.camera_state(said)
    assert info.levels in ((1,), (2,), (1, 2))
    assert all(len(text) <= 200 for text in (info.maker, info.model, info.serial, info.firmware, state.capture))
    assert state.battery is None or 0 <= state.battery <= 1
    for entry in osc.listing(said).entries:
        assert entry.address
        assert entry.name
        assert "/" not in entry.name
        assert entry.size is None or entry.size > 0
    osc.stored_at(said)
    osc.options(said)
    osc.preview_format(said)
    try:
        execution = osc.execution(said)
    except MalformedInput:
        return
    assert execution.completion is None or 0 <= execution.completion <= 1
    assert (execution.fault is not None) == (execution.state is osc.Progress.FAILED)


@given(JSON)
def test_any_value_is_a_number_or_none(value: object) -> None:
    number = osc.number(value)
    assert number is None or math.isfinite(number)
    assert osc.text(value).isprintable()
    osc.taken_at(value)
