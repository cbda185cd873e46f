"""ONVIF's events, from SOAP answers to values: subscriptions, and the messages pulled from them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from onlooker.formats.onvif import Node, printable

_MAX_MESSAGES = 512  # of one answer
MAX_ITEMS = 16  # of one message

_TRUE = ("true", "1", "on", "active", "high")
_FALSE = ("false", "0", "off", "inactive", "low")
_STATE = re.compile(r"^is[A-Z]|[Ss]tate|[Aa]ctive|[Aa]larm|[Mm]otion")


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where to pull from. `parameters` are to be sent along as headers; `lasts` is in seconds, None if not said."""

    address: str
    parameters: tuple[Node, ...] = ()
    lasts: float | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One notification. `at` is UTC seconds since 1970 on the camera's clock, None if it does not say."""

    topic: str
    at: float | None
    initial: bool  # tells how things stood already, not what happened
    source: Mapping[str, str]
    data: Mapping[str, str]

    @property
    def active(self) -> bool | None:
        """Whether something began or ended, where the message is of that kind."""
        for name, value in self.data.items():
            word = value.lower()
            # “1” may as well be the number of an object.
            if word not in ("true", "false") and not _STATE.search(name):
                continue
            if word in _TRUE or word in _FALSE:
                return word in _TRUE
        return None


def subscription(answer: Node) -> Subscription | None:
    """From CreatePullPointSubscription; None where there is no address to pull from."""
    reference = answer.find("SubscriptionReference")
    if reference is None or not reference.text("Address"):
        return None
    parameters = reference.find("ReferenceParameters")
    return Subscription(reference.text("Address"), tuple(parameters.children) if parameters else (), lasts(answer))


def lasts(answer: Node) -> float | None:
    """For how many seconds a subscription lasts from now, by the camera's own clock."""
    now, end = _instant(answer.text("CurrentTime")), _instant(answer.text("TerminationTime"))
    return end - now if now is not None and end is not None else None


def messages(answer: Node) -> tuple[Message, ...]:
    """From PullMessages."""
    found: list[Message] = []
    for notification in answer.all("NotificationMessage"):
        message = notification.find("Message", "Message")
        if message is None or len(found) >= _MAX_MESSAGES:
            continue
        found.append(
            Message(
                topic=_topic(notification.text("Topic")),
                at=_instant(message.attributes.get("UtcTime", "")),
                initial=message.attributes.get("PropertyOperation", "") == "Initialized",
                source=_items(message, "Source"),
                data=_items(message, "Data"),
            )
        )
    return tuple(found)


def _topic(text: str) -> str:
    """Without the prefixes of its namespaces: RuleEngine/CellMotionDetector/Motion."""
    return printable("/".join(part.rpartition(":")[2] for part in text.split("/") if part))


def _items(message: Node, part: str) -> dict[str, str]:
    items = [item.attributes for item in message.all(part, "SimpleItem")][:MAX_ITEMS]
    return {printable(item.get("Name", "")): printable(item.get("Value", "")) for item in items}


def _instant(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
