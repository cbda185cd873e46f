"""SOAP answers as cameras write them, good and bad."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onlooker.errors import MalformedInput
from onlooker.formats import onvif_answers, onvif_events
from onlooker.formats.onvif import Fault, Node, answer, tree


def soap(body: str, prefix: str = "s") -> bytes:
    return (
        f'<{prefix}:Envelope xmlns:{prefix}="http://www.w3.org/2003/05/soap-envelope" xmlns:t="urn:t">'
        f"<{prefix}:Body>{body}</{prefix}:Body></{prefix}:Envelope>"
    ).encode()


def read(body: str) -> Node:
    found = answer(soap(body))
    assert isinstance(found, Node)
    return found


def test_elements_are_found_by_local_names() -> None:
    node = read("<t:A><t:B n='1'> x </t:B><t:B t:n='2'/></t:A>")
    assert node.name == "{urn:t}A"
    assert node.text("B") == "x"
    assert [one.attributes for one in node.all("B")] == [{"n": "1"}, {"n": "2"}]
    assert node.find("C") is None
    assert node.number("B") is None


def test_an_empty_body_holds_nothing() -> None:
    assert read("").children == []


def test_a_prefix_that_is_declared_nowhere() -> None:
    assert read("<z:A><z:B>1</z:B></z:A>").number("B") == 1


def test_a_name_in_an_encoding_that_is_not_declared() -> None:
    node = answer(soap("<t:A>Tür</t:A>").decode().encode("latin-1"))
    assert isinstance(node, Node)
    assert node.content == "T\ufffdr"


@pytest.mark.parametrize(
    "body",
    [
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code>"
        "<s:Reason><s:Text>No</s:Text></s:Reason></s:Fault>",
        "<s:Fault><faultcode>wsse:FailedAuthentication</faultcode><faultstring>No</faultstring></s:Fault>",
        "<s:Fault><s:Reason><s:Text>Sender not authorized</s:Text></s:Reason></s:Fault>",
    ],
)
def test_faults_about_who_asks(body: str) -> None:
    fault = answer(soap(body))
    assert isinstance(fault, Fault)
    assert fault.unauthorized


def test_another_fault() -> None:
    fault = answer(soap("<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code></s:Fault>"))
    assert fault == Fault(("Receiver",), "")
    assert not fault.unauthorized


@pytest.mark.parametrize("data", [b"", b"<a/>", b"<Envelope/>", b"no", b"<!DOCTYPE a><a/>", b"\0\0\0\0"])
def test_what_is_no_soap(data: bytes) -> None:
    with pytest.raises(MalformedInput):
        answer(data)


def test_text_in_a_million_pieces_is_cut() -> None:
    node = tree(b"<a>" + b"x<!---->" * 200_000 + b"</a>")
    assert len(node.content) == 16 * 1024


def test_numbers_are_finite() -> None:
    for text in ("nan", "inf", "-inf", "1e300", "x", ""):
        assert tree(f"<a><b>{text}</b></a>".encode()).number("b") is None


_WORDS = (
    "Profiles Service XAddr Uri MediaUri Message NotificationMessage PTZNode Preset Code SystemDateAndTime "
    "UTCDateTime Date Year Time Hour SubscriptionReference Address Fault Name VideoEncoderConfiguration Resolution"
)
_NAMES = st.sampled_from(_WORDS.split())
_BODIES = st.recursive(
    st.text("0123456789.eE+-:TZ", max_size=8),
    lambda inner: st.builds(
        lambda name, token, parts: f'<t:{name} token="{token}">{"".join(parts)}</t:{name}>',
        _NAMES,
        st.sampled_from(["", "1", "a"]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=25,
)


@given(_BODIES)
def test_whatever_the_answer_holds_it_is_read(body: str) -> None:
    found = answer(soap(body))
    if isinstance(found, Fault):
        return
    for reader in (
        onvif_answers.utc,
        onvif_answers.services,
        onvif_answers.information,
        onvif_answers.profiles,
        onvif_answers.uri,
        onvif_answers.motors,
        onvif_answers.presets,
        onvif_events.subscription,
        onvif_events.messages,
        onvif_events.lasts,
    ):
        reader(found)  # type: ignore[operator]


@given(st.binary(max_size=200))
def test_whatever_bytes_come(data: bytes) -> None:
    try:
        answer(data)
    except MalformedInput:
        return
