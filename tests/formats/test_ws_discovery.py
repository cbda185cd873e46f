"""WS-Discovery: the question is what cameras understand; no answer, however odd, does harm."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from onlooker.errors import MalformedInput
from onlooker.formats.ws_discovery import DEVICE, LARGEST, VIDEO_TRANSMITTER, Match, matches, probe

ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"
 xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"
 xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Body><d:ProbeMatches>{}</d:ProbeMatches></e:Body></e:Envelope>"""
CAMERA = """<d:ProbeMatch><w:EndpointReference><w:Address>urn:uuid:1</w:Address></w:EndpointReference>
<d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types>
<d:Scopes>onvif://www.onvif.org/name/Front%20Door onvif://www.onvif.org/hardware/X-200</d:Scopes>
<d:XAddrs>http://10.0.0.7:8000/onvif/device_service http://[fe80::7]/onvif</d:XAddrs></d:ProbeMatch>"""


def answer(inside: str = CAMERA) -> bytes:
    return ENVELOPE.format(inside).encode()


def test_what_a_camera_answers() -> None:
    (match,) = matches(answer())
    assert match == Match(
        "urn:uuid:1",
        ("NetworkVideoTransmitter", "Device"),
        ("onvif://www.onvif.org/name/Front%20Door", "onvif://www.onvif.org/hardware/X-200"),
        ("http://10.0.0.7:8000/onvif/device_service", "http://[fe80::7]/onvif"),
    )
    assert (match.said("name"), match.said("hardware"), match.said("location")) == ("Front Door", "X-200", "")


@pytest.mark.parametrize("kind", [VIDEO_TRANSMITTER, DEVICE])
def test_the_question_asks_for_the_type_in_its_namespace(kind: tuple[str, str]) -> None:
    root = ET.fromstring(probe("uuid:<&>", kind))
    (types,) = root.iter("{http://schemas.xmlsoap.org/ws/2005/04/discovery}Types")
    (message_id,) = root.iter("{http://schemas.xmlsoap.org/ws/2004/08/addressing}MessageID")
    assert types.text == f"k:{kind[1]}"
    assert f'xmlns:k="{kind[0]}"'.encode() in probe("x", kind)
    assert message_id.text == "uuid:<&>"


def test_an_answer_with_a_tail_and_a_mark_is_read() -> None:
    assert matches(b"\xef\xbb\xbf" + answer() + b"\0\r\n")


BOMB = '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY c "&a;&a;&a;&a;">]><b>&c;</b>'


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\xff\xfe<",
        b"not xml",
        answer(""),
        answer("<d:ProbeMatch/>"),
        probe("uuid:1", DEVICE),  # somebody else asks
        BOMB.encode(),
        ("\ufeff" + BOMB).encode("utf-16"),
        b"<a>" * 10_000,
        answer(CAMERA * 100),
        b" " * (LARGEST + 1),
    ],
)
def test_what_is_no_answer_is_said_to_be_none(datagram: bytes) -> None:
    with pytest.raises(MalformedInput):
        matches(datagram)


def test_an_answer_is_bounded() -> None:
    one = "<d:ProbeMatch><d:XAddrs>http://a/</d:XAddrs></d:ProbeMatch>"
    assert len(matches(answer(one * 40))) == 16
    (match,) = matches(answer(f"<d:ProbeMatch><d:XAddrs>{'http://a/ ' * 200}{'x' * 600}</d:XAddrs></d:ProbeMatch>"))
    assert len(match.addresses) == 64
    (match,) = matches(answer(f"<d:ProbeMatch><d:XAddrs>http://{'x' * 600} http://a/</d:XAddrs></d:ProbeMatch>"))
    assert match.addresses == ("http://a/",)


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: answer(text)))
@example(answer("<d:ProbeMatch><w:Address><b>1</b></w:Address></d:ProbeMatch>"))
def test_anything_is_an_answer_or_malformed(datagram: bytes) -> None:
    try:
        found = matches(datagram)
    except MalformedInput:
        return
    assert all(match.endpoint or match.addresses for match in found)


@given(
    st.binary(min_size=1, max_size=8),
    st.integers(min_value=0, max_value=len(answer()) - 1),
    st.integers(min_value=0, max_value=8),
)
def test_a_damaged_answer_is_read_or_malformed(noise: bytes, at: int, length: int) -> None:
    whole = answer()
    try:
        matches(whole[:at] + noise + whole[at + length :])
    except MalformedInput:
        return
