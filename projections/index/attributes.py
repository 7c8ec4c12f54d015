"""What an event can be asked for beside its columns, objects and terms: extensions, ILMD, sensors, quantities, errors.

Each is a pair of a field's number and a value's text, one narrow row of `event_attribute`. The texts sort as their
values do, so that one index answers equality and ranges alike: numbers and times in a form that
keeps their order, text by code point.
Quantities and measurements stand under their unit as sent; a question in another unit of the dimension is converted to
each unit, exactly. Of several values that one range can ask for, the event also has the span, so that two bounds which
different values may meet are found together (`spans`). Source: EPCIS 2.0 section 8.2.7.1, epcis.md Q5 to Q10.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from schemas.epcis.context import split_name
from schemas.epcis.reader import ReceivedEvent
from schemas.epcis.vocabulary import DISPOSITION, MEASUREMENT, REASON, expand_curie
from schemas.errors import BadInput
from schemas.identifiers import identify
from schemas.times import Instant
from schemas.units import base_value, unit_of

Attribute = tuple[int, str]
"""Number of the field, text of the value."""
STANDARD: Final = "standard"
MEASURE: Final = "measure"
QUANTITY: Final = "quantity"
OWN: Final = ""
ILMD: Final = "ILMD"
ERROR: Final = "ERROR_DECLARATION"
SENSOR_ELEMENT: Final = "SENSORELEMENT"
SENSOR_METADATA: Final = "SENSORMETADATA"
SENSOR_REPORT: Final = "SENSORREPORT"
INNER: Final = "INNER_"
MEASURES: Final = ("value", "minValue", "maxValue", "meanValue", "sDev", "percValue")
AFTER: Final = " "
"""Behind a number's or a time's text: above every row of that value and below every greater value."""
_SPAN: Final = "span"
_ALIKE: Final = 24
"""Characters that the ends of a span are compared by; further ones are taken for unlike."""
_TOP: Final = "\U0010ffff"
_MOST_TEXT: Final = 400
_SEPARATOR: Final = "\x1f"
_DIGITS: Final = 120
_NINES: Final = str.maketrans("0123456789", "9876543210")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt].{9,}")
_STANDARD_NAMES: Final = """
    @context id type eventTime recordTime eventTimeZoneOffset eventID errorDeclaration certificationInfo action bizStep
    disposition bizLocation readPoint transformationID epcList quantityList sourceList destinationList ilmd
    persistentDisposition bizTransactionList parentID childEPCs childQuantityList inputEPCList outputEPCList
    inputQuantityList outputQuantityList sensorElementList"""
_EVENT_FIELDS: Final = frozenset(_STANDARD_NAMES.split())
_QUANTITIES: Final = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_TIMES: Final = ("time", "startTime", "endTime")
_URIS: Final = ("dataProcessingMethod", "microorganism", "chemicalSubstance", "bizRules", "uriValue")
_SENSOR_FIELDS: Final = frozenset(
    (*_TIMES, *_URIS, *MEASURES, "type", "deviceID", "deviceMetadata", "rawData", "component", "stringValue", "id")
) | {"booleanValue", "hexBinaryValue", "percRank", "uom", "exception", "coordinateReferenceSystem", "sensorReport"}
_SENSOR_FIELDS_TOO: Final = _SENSOR_FIELDS | {"sensorMetadata"}


@lru_cache(maxsize=16384)
def field_number(family: str, namespace: str, name: str = "") -> int:
    """The number of a field: 63 bits of a hash. `namespace` may end in `:`, `#` or `/`, as documents bind it."""
    text = f"{family}\0{_namespace(namespace)}\0{name}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") >> 1


def _namespace(text: str) -> str:
    """XML binds `urn:epcglobal:cbv:mda`, JSON the same with a colon behind."""
    return text.removesuffix(":") if text[:4].lower() == "urn:" else text


def number_text(value: Decimal | Fraction | int) -> str:
    """A number so that texts sort as numbers do; equal numbers give equal texts. 120 digits are kept."""
    exact = Fraction(value)
    if not exact:
        return "5"
    top, bottom = abs(exact.numerator), exact.denominator
    power = len(str(top)) - len(str(bottom))
    if top * 10 ** max(-power, 0) < bottom * 10 ** max(power, 0):
        power -= 1
    shift = _DIGITS - 1 - power
    digits = str(top * 10 ** max(shift, 0) // (bottom * 10 ** max(-shift, 0))).rstrip("0")
    if exact > 0:
        return f"6{power + 5000:04d}{digits}"
    return f"4{4999 - power:04d}{digits.translate(_NINES)}~"


def time_text(time: Instant) -> str:
    """An instant so that texts sort as instants do, with every digit."""
    return f"{time.us + 10**18:019d}{time.sub}"


def plain_text(text: str) -> str:
    """A text as it is indexed: a long one by its beginning and its digest, since indexes bound what they take."""
    if len(text) <= _MOST_TEXT:
        return text
    return text[:100] + _SEPARATOR + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def number_of(text: str) -> Decimal | None:
    """The number that a text writes, None for any other text."""
    return Decimal(text) if len(text) <= 110 and _NUMBER.fullmatch(text) else None


def time_of(text: str) -> Instant | None:
    """The instant that a text writes with its offset, None for any other text."""
    if not _TIME.fullmatch(text):
        return None
    try:
        return Instant.parse(text)
    except BadInput:
        return None


def leaf_text(value: Any) -> str:
    """An extension's value: `n` number, `m` text that reads as a number, `d` time, `t` other text, empty for none."""
    if isinstance(value, bool):
        return "ttrue" if value else "tfalse"
    if isinstance(value, int | Decimal):
        return "n" + number_text(value)
    if not isinstance(value, str):
        return ""
    if (number := number_of(value)) is not None:
        return f"m{number_text(number)}{_SEPARATOR}{value}"
    time = time_of(value)
    return "t" + plain_text(value) if time is None else "d" + time_text(time)


def equal_texts(value: str) -> tuple[str, ...]:
    """The texts of every extension value that equals `value`: the same text, or the number or instant it writes."""
    number = number_of(value)
    same = leaf_text(value)
    return (same,) if number is None else (same, "n" + number_text(number))


def measure_group(measure: str, unit: str) -> int:
    """The field under which the spans of a measure (or `quantity`) stand: one for all units of a dimension."""
    known = unit_of(unit)
    return field_number(_SPAN, known.dimension if known else unit, measure)


def standard_group(name: str) -> int:
    """The same for a sensor's time or `percRank`, and for the quantities of all units."""
    return field_number(_SPAN, STANDARD, name)


@lru_cache(maxsize=4096)
def extension_group(family: str, namespace: str, name: str, kind: str) -> int:
    """The same for an extension field: its numbers (`n`) or its times (`d`)."""
    return field_number(f"{_SPAN} {kind} {family}", namespace.removesuffix("#"), name)


def in_base(measure: str, unit: str, value: Decimal) -> str:
    """A measured value as the text of its value in the base unit, by which values of all units compare."""
    return number_text(base_value(value, unit, spread=measure == "sDev"))


def span_text(least: str, greatest: str) -> str:
    """A span as one text: how far its ends are alike, and the lower one."""
    alike = next((n for n, (one, other) in enumerate(zip(least, greatest, strict=False)) if one != other), len(least))
    return f"{min(alike, _ALIKE):02d}{least[: 2 * _ALIKE]}"


def spans(group: int, point: str) -> tuple[tuple[int, str, str], ...]:
    """The ranges of `span_text` in which every span lies that begins at or below the point and ends at or above it.

    What both ends of such a span begin with, the point begins with too: one range for each of its beginnings."""
    return tuple((group, f"{n:02d}{point[:n]}", f"{n:02d}{point}{_TOP}") for n in range(min(len(point), _ALIKE) + 1))


@dataclass(slots=True)
class _Reading:
    """What reading one event goes by, and the values that ranges ask for: (group, measure, unit, value or text)."""

    names: Mapping[str, str]
    base: str | None
    ranged: list[tuple[int, str, str, Decimal | str]] = field(default_factory=list)

    def add(self, group: int, value: Decimal | str, measure: str = "", unit: str = "") -> None:
        self.ranged.append((group, measure, unit, value))

    def spans(self) -> Iterator[Attribute]:
        """Of each group of which the event has several values."""
        if len(self.ranged) < 2:
            return
        groups: dict[int, set[tuple[str, str, Decimal | str]]] = defaultdict(set)
        for group, measure, unit, value in self.ranged:
            groups[group].add((measure, unit, value))
        for group, values in groups.items():
            if len(values) > 1:
                texts = [told if isinstance(told, str) else in_base(of, unit, told) for of, unit, told in values]
                yield group, span_text(min(texts), max(texts))


def attributes_of(event: ReceivedEvent, base: str | None = None) -> tuple[Attribute, ...]:
    """Every attribute of an event, each once, sorted."""
    reading = _Reading(event.namespaces, base)
    found = set(_attributes(event.data, reading))
    found.update(reading.spans())
    return tuple(sorted(found))


def _attributes(data: Mapping[str, Any], reading: _Reading) -> Iterator[Attribute]:
    names = reading.names
    for name, value in data.items():
        if name not in _EVENT_FIELDS:
            yield from _extension(OWN, name, value, reading)
    if isinstance(ilmd := data.get("ilmd"), dict):
        yield from _extensions(ILMD, ilmd, reading)
    for place in ("readPoint", "bizLocation"):
        if isinstance(data.get(place), dict) and len(data[place]) > 1:
            yield from _extensions(place, data[place], reading, frozenset(("id",)))
    if isinstance(persistent := data.get("persistentDisposition"), dict):
        for kind in ("set", "unset"):
            for word in _listed(persistent.get(kind)):
                yield standard(f"persistentDisposition_{kind}"), DISPOSITION.word(str(word), names)
    for listed in _QUANTITIES:
        for element in data.get(listed) or ():
            if isinstance(element, dict) and _is_number(element.get("quantity")):
                yield _quantity(element["quantity"], element.get("uom"), reading)
    if isinstance(declaration := data.get("errorDeclaration"), dict):
        yield from _declaration(declaration, reading)
    if "sensorElementList" in data:
        yield from _sensors(data["sensorElementList"], reading)


def _quantity(amount: Decimal | int, uom: Any, reading: _Reading) -> Attribute:
    unit, text = uom if isinstance(uom, str) else "", number_text(amount)
    reading.add(standard_group("quantity"), text)
    if unit_of(unit) is not None:
        reading.add(measure_group("quantity", unit), Decimal(amount), "quantity", unit)
    return field_number(QUANTITY, unit), text


def standard(name: str) -> int:
    """The number of a field of the standard."""
    return field_number(STANDARD, name)


def _extensions(
    family: str, holder: Mapping[str, Any], reading: _Reading, known: frozenset[str] = frozenset()
) -> Iterator[Attribute]:
    for name, value in holder.items():
        if name not in known:
            yield from _extension(family, name, value, reading)


def _extension(family: str, name: str, value: Any, reading: _Reading) -> Iterator[Attribute]:
    """A field, one value of a list after the other, and all fields below it as inner ones."""
    split = split_name(name, reading.names)
    if split is None:
        return
    number = field_number(family, *split)
    for one in _listed(value):
        text = leaf_text(one)
        yield number, text
        if text and text[0] != "t":
            kind = "d" if text[0] == "d" else "n"
            reading.add(extension_group(family, *split, kind), text[1:].partition(_SEPARATOR)[0])
        if isinstance(one, dict):
            yield from _extensions(family if family.startswith(INNER) else INNER + family, one, reading)
    if value == []:
        yield number, ""


def _declaration(declaration: Mapping[str, Any], reading: _Reading) -> Iterator[Attribute]:
    known = frozenset(("declarationTime", "reason", "correctiveEventIDs"))
    yield from _extensions(ERROR, declaration, reading, known)
    if isinstance(reason := declaration.get("reason"), str):
        yield standard("errorReason"), REASON.word(reason, reading.names)
    if isinstance(text := declaration.get("declarationTime"), str) and (time := time_of(text)):
        yield standard("errorDeclarationTime"), time_text(time)
    for one in _listed(declaration.get("correctiveEventIDs")):
        yield standard("correctiveEventID"), plain_text(str(one))


def _sensors(elements: Any, reading: _Reading) -> Iterator[Attribute]:
    for element in _listed(elements):
        if not isinstance(element, dict):
            continue
        yield standard("sensorElementList"), ""
        yield from _extensions(SENSOR_ELEMENT, element, reading, _SENSOR_FIELDS_TOO)
        if isinstance(about := element.get("sensorMetadata"), dict):
            yield from _sensor(about, reading)
            yield from _extensions(SENSOR_METADATA, about, reading, _SENSOR_FIELDS)
        for report in _listed(element.get("sensorReport")):
            if isinstance(report, dict):
                yield from _sensor(report, reading)
                yield from _extensions(SENSOR_REPORT, report, reading, _SENSOR_FIELDS)


def _sensor(part: Mapping[str, Any], reading: _Reading) -> Iterator[Attribute]:
    """The standard's fields of metadata or of a report."""
    for name, value in part.items():
        if name in MEASURES:
            if _is_number(value) and isinstance(unit := part.get("uom"), str):
                if unit_of(unit) is not None:
                    reading.add(measure_group(name, unit), Decimal(value), name, unit)
                yield field_number(MEASURE, name, unit), number_text(value)
        elif name == "percRank":
            if _is_number(value):
                reading.add(standard_group(name), number_text(value))
                yield standard(name), number_text(value)
        elif name == "booleanValue":
            yield standard(name), "true" if value is True or value == "true" else "false"
        elif isinstance(value, str) and (text := sensor_text(name, value, reading.names, reading.base)) is not None:
            if name in _TIMES:
                reading.add(standard_group(name), text)
            yield standard(name), text


def sensor_text(name: str, value: str, names: Mapping[str, str], base: str | None) -> str | None:
    """How a text of a sensor's field is indexed, None for a field that no parameter asks for."""
    if name in _TIMES:
        time = time_of(value)
        return None if time is None else time_text(time)
    if name == "type":
        return plain_text(MEASUREMENT.word(value, names))
    if name == "deviceID":
        return plain_text(identify(value, base).key)
    if name in _URIS:
        return plain_text(expand_curie(value, names))
    if name == "hexBinaryValue":
        return plain_text(value.upper())
    return plain_text(value) if name == "stringValue" else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
