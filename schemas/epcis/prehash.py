"""The canonical form of an event (CBV 2.0 pre-hash string), its hash ID, and the digest that tells equal content.

Works on the tree that `reader` gives and that any other syntax can give as well: objects as dicts, lists as lists,
typed numbers as int or Decimal, names read by `namespaces`. Depends on the event and its contexts alone.
Source: CBV 2.0 section 8.9 by way of the published algorithm. Where its reference vectors differ from its text they
win: `type` stands before its value, `certificationInfo` after `eventTimeZoneOffset`, `sensorElementList` before
`bizTransactionList`, `destinationList` before `sourceList`, and private CURIEs in sensor words as written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from schemas.epcis import vocabulary
from schemas.epcis.context import BUILT_IN, split_name
from schemas.epcis.links import canonical_link
from schemas.epcis.vocabulary import Vocabulary, expand_curie
from schemas.errors import BadInput
from schemas.times import Instant, utc_text
from schemas.units import plain

Namespaces = Mapping[str, str]
Write = Callable[[Any, Namespaces], str]
"""The canonical text of a member's value, its name included; empty if there is nothing to say."""

_LONGEST_KEPT: Final = 256
"""Characters of the longest text whose canonical form is remembered; extensions may hold text of any length."""
_RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_LEFT_OUT: Final = frozenset((("comment", _RDFS), ("type", _XSI)))


def prehash(data: Mapping[str, Any], namespaces: Namespaces) -> str:
    """The pre-hash string: equal for every order, spelling, prefix, offset and syntax of the same event."""
    kind = data.get("type")
    told: list[tuple[int, str]] = []
    extensions: dict[str, Any] = {}
    for name, value in data.items():
        placed = _PLACED.get(name)
        if placed is not None:
            if value is not None:
                told.append((placed[0], placed[1](value, namespaces)))
        elif name not in _STANDARD:
            extensions[name] = value
    told.sort()
    start = "eventType=" + expand_curie(kind, namespaces) if isinstance(kind, str) else "eventType="
    text = start + "".join([part for _, part in told])
    if "sensorElementList" in data:
        text += _report_rules(data["sensorElementList"], namespaces)
    return text + _extensions(extensions, namespaces) if extensions else text


def hash_id(data: Mapping[str, Any], namespaces: Namespaces) -> str:
    """The event's hash ID of CBV 2.0: `ni:///sha-256;{64 hex digits}?ver=CBV2.0`."""
    digest = hashlib.sha256(prehash(data, namespaces).encode("utf-8", "surrogatepass")).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def content_digest(data: Mapping[str, Any], namespaces: Namespaces) -> bytes:
    """32 bytes, equal exactly for equal pre-hash string and equal errorDeclaration in any spelling (trace.md L2)."""
    text = prehash(data, namespaces)
    declaration = data.get("errorDeclaration")
    if declaration is not None:
        text += "\0" + _declaration(declaration, namespaces)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _value(value: Any, namespaces: Namespaces) -> str:
    """A single value: text with its CURIE, CBV URN and GS1 identifier in canonical form, numbers plain."""
    if isinstance(value, str):
        return _text(value, namespaces)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return plain(value) if isinstance(value, Decimal) else ""


def _text(value: str, namespaces: Namespaces) -> str:
    text = value.strip()
    prefix, colon, local = text.partition(":")
    if not colon:
        return text
    if prefix in namespaces and not local.startswith("//"):
        text = namespaces[prefix] + local
    return _canonical(text) if len(text) <= _LONGEST_KEPT else _read_canonical(text)


@lru_cache(maxsize=65536)
def _canonical(text: str) -> str:
    return _read_canonical(text)


def _read_canonical(text: str) -> str:
    """A CBV URN as its Web URI, an EPC URN or Digital Link as the canonical link; anything else as it is."""
    if text.startswith("urn:epcglobal:cbv:"):
        for words in _URNS:
            if text.startswith(words.urn):
                return words.web + text[len(words.urn) :]
        return text
    return canonical_link(text) or text


_URNS: Final = (
    vocabulary.STEP,
    vocabulary.DISPOSITION,
    vocabulary.TRANSACTION,
    vocabulary.PARTY,
    vocabulary.REASON,
    vocabulary.COMPONENT,
)


@lru_cache(maxsize=8192)
def _utc(text: str) -> str:
    """A time in UTC with milliseconds, rounded half up with carry; text that is no time as it is."""
    try:
        ms = (Instant.parse(text).us + 500) // 1000
        return f"{utc_text(ms // 1000 * 1_000_000)[:-1]}.{ms % 1000:03d}Z"
    except (BadInput, OverflowError, ValueError):
        return text


def _field(name: str) -> Write:
    """`name=value`, or nothing for an empty value; a list is one field after another, sorted."""
    start = name + "="

    def write(value: Any, namespaces: Namespaces) -> str:
        if isinstance(value, list):
            return "".join(sorted(write(item, namespaces) for item in value))
        text = _value(value, namespaces)
        return start + text if text else ""

    return write


def _time(name: str) -> Write:
    start = name + "="

    def write(value: Any, _: Namespaces) -> str:
        return start + _utc(value.strip()) if isinstance(value, str) else ""

    return write


def _word(name: str, words: Vocabulary) -> Write:
    """A bare CBV word as its Web URI, a list of them sorted."""
    start = name + "="

    def write(value: Any, namespaces: Namespaces) -> str:
        if isinstance(value, list):
            return "".join(sorted(write(item, namespaces) for item in value))
        if not isinstance(value, str) or not value.strip():
            return ""
        text = value.strip()
        return start + (words.web + text if text in words.words else _text(words.uri(text, namespaces), namespaces))

    return write


def _sensor_word(name: str, words: Vocabulary) -> Write:
    """As `_word`, but a CURIE of a private prefix stays as written, as the reference vectors have it."""
    inner = _word(name, words)

    def write(value: Any, _: Namespaces) -> str:
        return inner(value, _STANDARD_PREFIXES)

    return write


_STANDARD_PREFIXES: Final[Namespaces] = {name: BUILT_IN[name] for name in ("cbv", "epcis", "gs1")}


def _epcs(name: str) -> Write:
    def write(value: Any, namespaces: Namespaces) -> str:
        items = sorted(["epc=" + _value(item, namespaces) for item in value])
        return name + "".join(items) if items else ""

    return write


def _elements(name: str, element: str, members: tuple[tuple[str, Write], ...]) -> Write:
    """A list of objects: each written in canonical order behind its element's name, then sorted."""
    inner = _object("", members)

    def write(value: Any, namespaces: Namespaces) -> str:
        items = [text for item in value if (text := inner(item, namespaces))]
        return name + "".join(sorted(element + text for text in items)) if items else ""

    return write


def _object(name: str, members: tuple[tuple[str, Write], ...]) -> Write:
    """An object: its standard members in canonical order, then its extensions sorted."""
    standard = frozenset(member for member, _ in members)

    def write(value: Any, namespaces: Namespaces) -> str:
        if not isinstance(value, Mapping):
            return ""
        parts: list[str] = []
        for member, inner in members:
            if member in value:
                text = inner(value[member], namespaces)
                if text:
                    parts.append(text)
        if len(value) > len(parts):
            extensions = {member: below for member, below in value.items() if member not in standard}
            if extensions:
                parts.append(_extensions(extensions, namespaces))
        return name + "".join(parts) if parts else ""

    return write


def _extensions(members: Mapping[str, Any], namespaces: Namespaces) -> str:
    """Members outside EPCIS, each `{namespace}name` with its value or members behind, sorted at every level."""
    texts: list[str] = []
    for name, value in members.items():
        key = _key(name, namespaces)
        if key is None:
            continue
        for item in value if isinstance(value, list) else (value,):
            texts.append(key + _below(item, namespaces))
    texts.sort()
    return "".join(texts)


def _key(name: str, namespaces: Namespaces) -> str | None:
    """`{namespace}local` of a member's name; None for what takes no part: comments, contexts, `xsi:type`."""
    if name == "@context" or name == "#text":
        return None
    split = split_name(name, namespaces)
    if split is None or not split[0]:
        return name
    namespace, local = split
    return None if (local, namespace) in _LEFT_OUT else f"{{{namespace}}}{local}"


def _below(value: Any, namespaces: Namespaces) -> str:
    if isinstance(value, Mapping):
        text = _value(value["#text"], namespaces) if "#text" in value else ""
        return ("=" + text if text else "") + _extensions(value, namespaces)
    if isinstance(value, list):
        return "".join(sorted(_below(item, namespaces) for item in value))
    text = _value(value, namespaces)
    return "=" + text if text else ""


_QUANTITY: Final = tuple((name, _field(name)) for name in ("epcClass", "quantity", "uom"))
_METADATA: Final = (
    *((name, _time(name)) for name in ("time", "startTime", "endTime")),
    *((name, _field(name)) for name in ("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules")),
)
_REPORT: Final = (
    ("type", _sensor_word("type", vocabulary.MEASUREMENT)),
    ("exception", _sensor_word("exception", vocabulary.ALERT)),
    *((name, _field(name)) for name in ("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod")),
    ("bizRules", lambda value, namespaces: ""),
    ("time", _time("time")),
    *((name, _field(name)) for name in ("microorganism", "chemicalSubstance", "value")),
    ("component", _sensor_word("component", vocabulary.COMPONENT)),
    *(
        (name, _field(name))
        for name in (
            *("stringValue", "booleanValue", "hexBinaryValue", "uriValue", "minValue", "maxValue", "meanValue"),
            *("sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem"),
        )
    ),
)


def _reports(value: Any, namespaces: Namespaces) -> str:
    items = [text for item in value if (text := _REPORT_TEXT(item, namespaces))]
    return "".join(sorted("sensorReport" + text for text in items))


def _report_rules(value: Any, namespaces: Namespaces) -> str:
    """`bizRules` of reports, which the canonical order does not place: behind all else, as the vectors have it."""
    found = []
    for element in value if isinstance(value, list) else ():
        reports = element.get("sensorReport") if isinstance(element, Mapping) else None
        for report in reports if isinstance(reports, list) else ():
            rules = (
                _RULES(report["bizRules"], namespaces) if isinstance(report, Mapping) and "bizRules" in report else ""
            )
            if rules:
                found.append(f"sensorElementsensorReport{rules}")
    return "sensorElementList" + "".join(sorted(found)) if found else ""


_RULES: Final = _field("bizRules")
_REPORT_TEXT: Final = _object("", _REPORT)
_SENSOR: Final = (("sensorMetadata", _object("sensorMetadata", _METADATA)), ("sensorReport", _reports))


def _quantities(name: str) -> Write:
    return _elements(name, "quantityElement", _QUANTITY)


def _typed(name: str, value: str, words: Vocabulary) -> Write:
    return _elements(name, "", (("type", _word("type", words)), (value, _field(value))))


def _extended(name: str) -> Write:
    def write(value: Any, namespaces: Namespaces) -> str:
        text = _extensions(value, namespaces)
        return name + text if text else ""

    return write


_PLACE: Final = (("id", _field("id")),)
_ORDER: Final[tuple[tuple[str, Write], ...]] = (
    ("eventTime", _time("eventTime")),
    ("eventTimeZoneOffset", _field("eventTimeZoneOffset")),
    ("certificationInfo", _field("certificationInfo")),
    ("epcList", _epcs("epcList")),
    ("parentID", _field("parentID")),
    ("inputEPCList", _epcs("inputEPCList")),
    ("childEPCs", _epcs("childEPCs")),
    ("quantityList", _quantities("quantityList")),
    ("childQuantityList", _quantities("childQuantityList")),
    ("inputQuantityList", _quantities("inputQuantityList")),
    ("outputEPCList", _epcs("outputEPCList")),
    ("outputQuantityList", _quantities("outputQuantityList")),
    ("action", _field("action")),
    ("transformationID", _field("transformationID")),
    ("bizStep", _word("bizStep", vocabulary.STEP)),
    ("disposition", _word("disposition", vocabulary.DISPOSITION)),
    (
        "persistentDisposition",
        _object(
            "persistentDisposition",
            tuple((name, _word(name, vocabulary.DISPOSITION)) for name in ("set", "unset")),
        ),
    ),
    ("readPoint", _object("readPoint", _PLACE)),
    ("bizLocation", _object("bizLocation", _PLACE)),
    ("sensorElementList", _elements("sensorElementList", "sensorElement", _SENSOR)),
    ("bizTransactionList", _typed("bizTransactionList", "bizTransaction", vocabulary.TRANSACTION)),
    ("destinationList", _typed("destinationList", "destination", vocabulary.PARTY)),
    ("sourceList", _typed("sourceList", "source", vocabulary.PARTY)),
    ("ilmd", _extended("ilmd")),
)
_PLACED: Final = {name: (rank, write) for rank, (name, write) in enumerate(_ORDER)}
_STANDARD: Final = frozenset(
    (*(name for name, _ in _ORDER), "type", "eventID", "recordTime", "errorDeclaration", "@context")
)
_declaration: Final = _object(
    "errorDeclaration",
    (
        ("declarationTime", _time("declarationTime")),
        ("reason", _word("reason", vocabulary.REASON)),
        ("correctiveEventIDs", _field("correctiveEventIDs")),
    ),
)
