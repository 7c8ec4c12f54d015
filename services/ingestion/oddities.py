"""What is odd about an event but never refused, in words, for its capture job's `warnings`.

GS1's own examples do most of it, so it is told and kept. Source: epcis.md C7, C12.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from schemas.epcis import vocabulary
from schemas.epcis.prehash import hash_id
from schemas.epcis.reader import ReceivedEvent
from schemas.epcis.vocabulary import Vocabulary
from schemas.errors import BadInput
from schemas.identifiers import identify
from schemas.sentences import say
from schemas.times import Instant

_LISTS: Final = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_QUANTITIES: Final = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_TYPED: Final = (
    ("bizTransactionList", "bizTransaction", vocabulary.TRANSACTION),
    ("sourceList", "source", vocabulary.PARTY),
    ("destinationList", "destination", vocabulary.PARTY),
)
_TIMES: Final = ("time", "startTime", "endTime")
_SHOWN: Final = 200


def oddities(event: ReceivedEvent, base: str | None) -> Iterator[str]:
    """One text for each oddity of a valid event: which field, what it holds, what is odd."""
    data = event.data
    for place, text in _identifiers(data):
        if (warning := identify(text, base).warning) is not None:
            yield f"{place} {text[:_SHOWN]}: {warning}"
    for place, text, words in _words(data):
        if text.startswith(words.web) and text[len(words.web) :] not in words.words:
            yield say(
                "{place} {text}: CBV 2.0 has no such {name}; it is kept as a URI",
                place=place,
                text=text[:_SHOWN],
                name=words.name,
            )
    if "sensorElementList" in data:
        yield from _sensors(data)
    sent = data.get("eventID")
    if isinstance(sent, str) and sent.startswith("ni:") and sent != hash_id(data, event.namespaces):
        yield "eventID is a hash, but not the one that CBV 2.0 computes for this event; it is kept as a name"


def _identifiers(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in _LISTS:
        yield from ((name, one) for one in data.get(name, ()))
    for name in _QUANTITIES:
        yield from ((name, one["epcClass"]) for one in data.get(name, ()))
    if "parentID" in data:
        yield "parentID", data["parentID"]
    for name in ("readPoint", "bizLocation"):
        if name in data:
            yield name, data[name]["id"]
    for name, member, _ in _TYPED:
        yield from ((name, one[member]) for one in data.get(name, ()))


def _words(data: Mapping[str, Any]) -> Iterator[tuple[str, str, Vocabulary]]:
    """Words that CBV has a list for."""
    for name, words in (("bizStep", vocabulary.STEP), ("disposition", vocabulary.DISPOSITION)):
        if name in data:
            yield name, data[name], words
    for told in data.get("persistentDisposition", {}).values():
        yield from (("persistentDisposition", one, vocabulary.DISPOSITION) for one in told)
    for name, _, words in _TYPED:
        yield from ((name, one["type"], words) for one in data.get(name, ()) if "type" in one)
    reason = (data.get("errorDeclaration") or {}).get("reason")
    if reason is not None:
        yield "errorDeclaration", reason, vocabulary.REASON


def _sensors(data: Mapping[str, Any]) -> Iterator[str]:
    happened = _instant(data.get("eventTime"))
    for at, element in enumerate(data["sensorElementList"]):
        metadata: Mapping[str, Any] = element.get("sensorMetadata", {})
        reports: Sequence[Mapping[str, Any]] = element.get("sensorReport", ())
        for name in sorted({one for report in reports for one in report if one in metadata}):
            yield say(
                "sensorElementList[{at}].sensorReport: {name} stands in sensorMetadata too; the report's own counts",
                at=at,
                name=name,
            )
        for part in (metadata, *reports):
            for name in _TIMES:
                measured = _instant(part.get(name))
                if measured is not None and happened is not None and measured > happened:
                    yield say(
                        "sensorElementList[{at}] {name} {part}: it is after the event's own time",
                        at=at,
                        name=name,
                        part=part[name],
                    )


def _instant(text: object) -> Instant | None:
    try:
        return Instant.parse(text) if isinstance(text, str) else None
    except BadInput:
        return None
