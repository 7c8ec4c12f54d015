"""Identifiers of an event in the format that an answer is asked in: Digital Links, EPC URNs, or as received.

A URN says how long its company prefix is, a link does not. So a link becomes a URN only where the length is known: from
the same identifier seen as URN, from settings, from GS1's list as supplied, or from company prefixes seen in URNs. What
is unknown, contradicted, or has no URN that holds it all stays a link and is counted; nothing is guessed.
Source: EPCIS 2.0 section 12.3 (GS1-EPC-Format), EPC Tag Data Standard 2.0 section 6.3, epcis.md T1-T4.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, Literal
from urllib.parse import unquote

from schemas.epcis.jsontext import JsonText
from schemas.epcis.links import canonical_link


class EpcFormat(StrEnum):
    """Values of `GS1-EPC-Format`."""

    NO_PREFERENCE = "No_Preference"
    LINK = "Always_GS1_Digital_Link"
    URN = "Always_EPC_URN"
    NEVER = "Never_Translates"


class CbvXmlFormat(StrEnum):
    """Values of `GS1-CBV-XML-Format`, for CBV words in XML."""

    NO_PREFERENCE = "No_Preference"
    WEB = "Always_Web_URI"
    URN = "Always_URN"
    NEVER = "Never_Translates"


_URN: Final = re.compile(r"urn:epc:(?:id|class|idpat):([a-z]+):([0-9]{6,12})\..*")
_LINK: Final = re.compile(r"https?://[^/?#]+((?:/[^/?#]+)+)", re.IGNORECASE)
_ESCAPED: Final = re.compile(r'["%&/<>?#]')
_LENGTHS: Final = range(6, 13)
_DEPTH: Final = 256
"""Levels that a stored event may have."""
_MOST_IDS: Final = 100_000
_MOST_PREFIXES: Final = 20_000


class CompanyPrefixes:
    """What is known of company prefixes. `given` are whole prefixes, `listed` GS1's starts and the length they mean."""

    def __init__(self, given: Iterable[str] = (), listed: Mapping[str, int] | None = None) -> None:
        self._given = frozenset(given)
        self._listed = dict(listed or {})
        self._ids: OrderedDict[str, str | None] = OrderedDict()
        self._seen: set[str] = set()

    def learn(self, urn: str) -> None:
        """Remember a URN that was received. Anything else is passed over."""
        match = _URN.fullmatch(urn)
        link = canonical_link(urn) if match else None
        if match is None or link is None:
            return
        if len(self._seen) < _MOST_PREFIXES:
            self._seen.add(match[2])
        known = self._ids.get(link, urn)
        self._ids[link] = urn if known == urn else None
        self._ids.move_to_end(link)
        while len(self._ids) > _MOST_IDS:
            self._ids.popitem(last=False)

    def seen(self, link: str) -> tuple[bool, str | None]:
        """Whether the identifier was seen as URN, and that URN; None where its spellings contradict each other."""
        return link in self._ids, self._ids.get(link)

    def length(self, digits: str) -> int | None:
        """Length of the company prefix that `digits` begin with, None if unknown or contradicted."""
        given = {length for length in _LENGTHS if digits[:length] in self._given}
        if given:
            return given.pop() if len(given) == 1 else None
        for cut in range(len(digits), 0, -1):
            if digits[:cut] in self._listed:
                return self._listed[digits[:cut]]
        seen = {length for length in _LENGTHS if digits[:length] in self._seen}
        return seen.pop() if len(seen) == 1 else None


class Translation:
    """Translates the identifiers of one answer; `untranslated` counts those that had to stay."""

    def __init__(self, wanted: Literal[EpcFormat.LINK, EpcFormat.URN], known: CompanyPrefixes) -> None:
        self.wanted = wanted
        self._known = known
        self.untranslated = 0

    def __call__(self, text: str) -> str:
        """An identifier in the format wanted; what is no GS1 identifier as it is."""
        if text.startswith("urn:epc:"):
            return text if self.wanted is EpcFormat.URN else self._link(text)
        if self.wanted is EpcFormat.URN and text[:4].lower() == "http":
            return self._urn(text)
        return text

    def concerns(self, raw: bytes) -> bool:
        """False where no identifier of the event can need a translation."""
        return (b"urn:epc:" if self.wanted is EpcFormat.LINK else b"http") in raw or b"\\u" in raw or b"&#" in raw

    def _link(self, text: str) -> str:
        link = canonical_link(text)
        if link is None:
            self.untranslated += 1
        return link or text

    def _urn(self, text: str) -> str:
        link = canonical_link(text)
        if link is None:
            return text
        was_seen, seen = self._known.seen(link)
        urn = None
        if not _holds_more(text, link):
            urn = seen if was_seen else urn_of(link, self._known.length)
        if urn is None:
            self.untranslated += 1
        return urn or text


def translation_of(wanted: EpcFormat, known: CompanyPrefixes) -> Translation | None:
    """The translation for a format; None where identifiers go out as received."""
    if wanted is EpcFormat.LINK or wanted is EpcFormat.URN:
        return Translation(wanted, known)
    return None


def _holds_more(text: str, canonical: str) -> bool:
    """True where a link says more than its canonical form: a second qualifier, or attributes in its query string."""
    match = _LINK.fullmatch(text)
    if match is None:
        return True
    return len(_pairs(match[1])) != len(_pairs(canonical.removeprefix("https://id.gs1.org")))


def _pairs(path: str) -> list[tuple[str, str]]:
    """Keys and values at the end of a link's path, from its primary key on."""
    segments = path.strip("/").split("/")
    for at in range(len(segments) - 2, -1, -2):
        if segments[at] in _BUILDERS or segments[at] in _OLD_NAMES:
            return list(zip(segments[at::2], segments[at + 1 :: 2], strict=True))
    return []


_OLD_NAMES: Final = frozenset(
    ("gtin", "itip", "cpid", "gln", "party", "gsrnp", "gsrn", "gcn", "sscc", "gdti", "ginc", "gsin", "grai", "giai")
)
Length = Callable[[str], int | None]


def urn_of(link: str, length: Length) -> str | None:
    """The URN of a canonical link, None if there is none or its company prefix is not known."""
    pairs = _pairs(link.removeprefix("https://id.gs1.org"))
    if not pairs:
        return None
    key, value = pairs[0]
    urn = _BUILDERS[key](unquote(value), {name: unquote(text) for name, text in pairs[1:]}, length)
    return urn if urn is not None and canonical_link(urn) == link else None


def _escaped(text: str) -> str:
    return _ESCAPED.sub(lambda one: f"%{ord(one[0]):02X}", text)


def _cut(digits: str, length: Length) -> tuple[str, str] | None:
    """Company prefix and what follows it."""
    found = length(digits)
    if found is None or found > len(digits) or not digits[:found].isdigit():
        return None
    return digits[:found], digits[found:]


Qualifiers = Mapping[str, str]
_Build = Callable[[str, Qualifiers, Length], str | None]


def _gtin(value: str, length: Length) -> str | None:
    parts = _cut(value[1:13], length)
    return None if parts is None else f"{parts[0]}.{value[0]}{parts[1]}"


def _trade_item(value: str, more: Qualifiers, length: Length) -> str | None:
    both = _gtin(value, length)
    if both is None or len(more) > 1:
        return None
    for name, start in (("21", "urn:epc:id:sgtin:"), ("10", "urn:epc:class:lgtin:"), ("235", "urn:epc:id:upui:")):
        if name in more:
            return f"{start}{both}.{_escaped(more[name])}"
    return f"urn:epc:idpat:sgtin:{both}.*"


def _pieces(value: str, more: Qualifiers, length: Length) -> str | None:
    both = _gtin(value[:14], length)
    if both is None or not more.keys() <= {"21"}:
        return None
    both = f"{both}.{value[14:16]}.{value[16:18]}"
    return f"urn:epc:id:itip:{both}.{_escaped(more['21'])}" if more else f"urn:epc:idpat:itip:{both}.*"


def _logistic_unit(value: str, _: Qualifiers, length: Length) -> str | None:
    parts = _cut(value[1:17], length)
    return None if parts is None else f"urn:epc:id:sscc:{parts[0]}.{value[0]}{parts[1]}"


def _place(value: str, more: Qualifiers, length: Length) -> str | None:
    parts = _cut(value[:12], length)
    return None if parts is None else f"urn:epc:id:sgln:{parts[0]}.{parts[1]}.{_escaped(more.get('254', '0'))}"


def _fixed(scheme: str, digits: int) -> _Build:
    """A key of `digits` digits before its check digit."""

    def build(value: str, _: Qualifiers, length: Length) -> str | None:
        parts = _cut(value[:digits], length)
        return None if parts is None else f"urn:epc:id:{scheme}:{parts[0]}.{parts[1]}"

    return build


def _with_serial(scheme: str, start: int) -> _Build:
    """A key of 13 digits from `start` and a serial behind; without one the pattern of its class."""

    def build(value: str, _: Qualifiers, length: Length) -> str | None:
        parts = _cut(value[start : start + 12], length)
        serial = value[start + 13 :]
        if parts is None:
            return None
        both = f"{parts[0]}.{parts[1]}"
        return f"urn:epc:id:{scheme}:{both}.{_escaped(serial)}" if serial else f"urn:epc:idpat:{scheme}:{both}.*"

    return build


def _free(scheme: str) -> _Build:
    """A company prefix and any reference behind it."""

    def build(value: str, _: Qualifiers, length: Length) -> str | None:
        parts = _cut(value, length)
        return None if parts is None else f"urn:epc:id:{scheme}:{parts[0]}.{_escaped(parts[1])}"

    return build


def _component(value: str, more: Qualifiers, length: Length) -> str | None:
    parts = _cut(value, length)
    if parts is None:
        return None
    both = f"{parts[0]}.{_escaped(parts[1])}"
    return f"urn:epc:id:cpi:{both}.{more['8011']}" if "8011" in more else f"urn:epc:idpat:cpi:{both}.*"


_BUILDERS: Final[Mapping[str, _Build]] = {
    "00": _logistic_unit,
    "01": _trade_item,
    "253": _with_serial("gdti", 0),
    "255": _with_serial("sgcn", 0),
    "401": _free("ginc"),
    "402": _fixed("gsin", 16),
    "414": _place,
    "417": _fixed("pgln", 12),
    "8003": _with_serial("grai", 1),
    "8004": _free("giai"),
    "8006": _pieces,
    "8010": _component,
    "8017": _fixed("gsrnp", 17),
    "8018": _fixed("gsrn", 17),
}

_ID: Final = "id"
_IDS: Final = [_ID]
_CLASSES: Final = [{"epcClass": _ID}]
_PLACE: Final = {"id": _ID}
_SENSED: Final = {"deviceID": _ID}
_IDENTIFIERS: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("epcList", "childEPCs", "inputEPCList", "outputEPCList"), _IDS),
    **dict.fromkeys(("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), _CLASSES),
    "parentID": _ID,
    **dict.fromkeys(("readPoint", "bizLocation"), _PLACE),
    "bizTransactionList": [{"bizTransaction": _ID}],
    "sourceList": [{"source": _ID}],
    "destinationList": [{"destination": _ID}],
    "sensorElementList": [{"sensorMetadata": _SENSED, "sensorReport": [_SENSED]}],
}
"""Where identifiers stand that are translated: what, where, parties, transactions, devices (T1)."""


def identifiers_of(data: Any, shape: Any = _IDENTIFIERS) -> Iterator[str]:
    """Every identifier of an event's neutral form that a translation is for."""
    if shape is _ID:
        if isinstance(data, str):
            yield data
    elif isinstance(shape, list):
        for one in data if isinstance(data, list) else ():
            yield from identifiers_of(one, shape[0])
    elif isinstance(data, dict):
        for name, below in shape.items():
            if name in data:
                yield from identifiers_of(data[name], below)


def translated_json(raw: bytes, translate: Callable[[str], str]) -> bytes:
    """A JSON event with its identifiers translated and every other byte as it was."""
    text = raw.decode("utf-8")
    source = JsonText(text, depth=_DEPTH)
    edits: list[tuple[int, int, str]] = []

    def walk(pos: int, shape: Any) -> int:
        opening = text[pos : pos + 1]
        if isinstance(shape, list) and opening == "[":
            return source.elements(pos, lambda at: walk(at, shape[0]))
        if isinstance(shape, dict) and opening == "{":
            return source.members(pos, "", lambda name, at: walk(at, shape.get(name)))
        value, end = source.value(pos, "", 1)
        if shape is _ID and isinstance(value, str):
            told = translate(value)
            if told != value:
                edits.append((pos, end, json.dumps(told, ensure_ascii=False)))
        return end

    walk(source.start(), _IDENTIFIERS)
    for start, end, told in reversed(edits):
        text = text[:start] + told + text[end:]
    return text.encode("utf-8")
