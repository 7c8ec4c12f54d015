"""A canonical query to the conditions of the event index.

Source: EPCIS 2.0 section 8.2.7.1, epcis.md Q5 to Q11, M2, M3.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from projections.facts import Role
from projections.index import attributes as att
from projections.index.asked import (
    CLASSES,
    EPCS,
    Asked,
    Attributes,
    Bound,
    Columns,
    Condition,
    Declared,
    Ids,
    Links,
    Mentions,
    Order,
    Window,
)
from schemas.epcis.links import canonical_link
from schemas.epcis.vocabulary import CBV_MDA
from schemas.identifiers import identify
from schemas.times import Instant
from schemas.units import convert, unit_of, units_of
from services.epcis.names import Name, name_of
from services.epcis.patterns import matched
from services.epcis.ranges import Side, between, sides_of

if TYPE_CHECKING:
    from projections.index.store import EventIndex

Parameters = Sequence[tuple[str, tuple[str, ...]]]
_IN: Final = (Role.INPUT,)
_OUT: Final = (Role.OUTPUT,)
_ANY_EPC: Final = (*EPCS, Role.PARENT, *_IN, *_OUT)
_ANY_CLASS: Final = (*CLASSES, Role.INPUT_QUANTITY, Role.OUTPUT_QUANTITY)
ROLES: Final = {
    "MATCH_epc": EPCS,
    "MATCH_parentID": (Role.PARENT,),
    "MATCH_inputEPC": _IN,
    "MATCH_outputEPC": _OUT,
    "MATCH_anyEPC": _ANY_EPC,
    "MATCH_epcClass": CLASSES,
    "MATCH_inputEPCClass": (Role.INPUT_QUANTITY,),
    "MATCH_outputEPCClass": (Role.OUTPUT_QUANTITY,),
    "MATCH_anyEPCClass": _ANY_CLASS,
    "MATCH_object": (*_ANY_EPC, *_ANY_CLASS),
}
"""`MATCH_object` is what `/epcs/{epc}/events` asks: no parameter of its own."""
_CLASS_PARAMETERS: Final = frozenset(name for name in ROLES if name.endswith("EPCClass"))
_COLUMNS: Final = {"eventType": "type", "EQ_action": "action", "EQ_bizStep": "step", "EQ_disposition": "disposition"}
_PLACES: Final = {"readPoint": "read_point", "bizLocation": "location"}
_KIND_N: Final = ("n", "o")
_KIND_M: Final = ("m", "n")
_KIND_D: Final = ("d", "e")
_WHOLE: Final = ("", "~~")
_TOP: Final = "\U0010ffff"


async def asked_of(index: EventIndex, parameters: Parameters, known_us: int, base: str | None) -> Asked:
    """The conditions and the order of a query as known then."""
    found: list[Condition] = list(_windows(parameters))
    sides: list[Side] = []
    for name, values in parameters:
        made = await _made(index, name, values, known_us, base)
        found += made
        sides += sides_of(name, values, made)
    return Asked((*found, *between(sides)), order_of(parameters))


async def _made(
    index: EventIndex, name: str, values: tuple[str, ...], known_us: int, base: str | None
) -> list[Condition]:
    """The conditions of one parameter; those of `_windows` and what orders or limits make none."""
    if name.startswith(("WD_", "HASATTR_", "EQATTR_")):
        return [await _by_master(index, name, values, known_us, base)]
    if name in ("EQ_quantity", "GT_quantity", "GE_quantity", "LT_quantity", "LE_quantity"):
        units = ["", *await index.vocabulary("unit", "", 10_000)]
        numbers = [number for unit in units for number in (att.field_number(att.QUANTITY, unit),)]
        return [Attributes(tuple(_bounds(name[:2], numbers, values)))]
    return _condition(name, values, base)


def _windows(parameters: Parameters) -> Iterable[Window]:
    given = dict(parameters)
    for field, column in (("eventTime", "event_us"), ("recordTime", "record_us")):
        low, high = (given.get(f"{op}_{field}") for op in ("GE", "LT"))
        if low or high:
            yield Window(
                "event_us" if column == "event_us" else "record_us",
                Instant.parse(low[0]) if low else None,
                Instant.parse(high[0]) if high else None,
            )


def _condition(name: str, values: tuple[str, ...], base: str | None) -> list[Condition]:
    if name in _COLUMNS:
        return [Columns(_COLUMNS[name], values)]
    if name in ROLES:
        return [matched(ROLES[name], values, classes=name in _CLASS_PARAMETERS, base=base)]
    if name in ("EQ_readPoint", "EQ_bizLocation"):
        return [Columns(_PLACES[name[3:]], _keys(values, base))]
    if name == "EQ_transformationID":
        return [Columns("process", tuple(f"t:{one}" for one in values))]
    if name == "EQ_eventID":
        return [Ids(values)]
    if name == "EXISTS_errorDeclaration":
        return [Declared()]
    if name in _CONTROLS:
        return []
    return [_attribute(name, values, base)]


_LIMITS: Final = ("orderBy", "orderDirection", "eventCountLimit", "maxEventCount")
_CONTROLS: Final = frozenset((*_LIMITS, "GE_eventTime", "LT_eventTime", "GE_recordTime", "LT_recordTime"))


def _keys(values: Iterable[str], base: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(identify(one, base).key for one in values))


def _attribute(name: str, values: tuple[str, ...], base: str | None) -> Condition:
    """Families, sensor fields and error declarations."""
    read = name_of(name)
    if read.linked is not None:
        ids = tuple(dict.fromkeys(spelled for one in values for spelled in _spelled(one, base)))
        return Links(read.linked, read.type, ids)
    if read.unit is not None:
        return Attributes(tuple(_measured(read, values)))
    if read.family is not None:
        return Attributes(tuple(_extended(read, values)))
    return Attributes(tuple(_standard(read, values, base)))


def _spelled(value: str, base: str | None) -> tuple[str, ...]:
    return (value, identify(value, base).key, canonical_link(value) or value)


def _standard(read: Name, values: Sequence[str], base: str | None) -> Iterable[Bound]:
    """Fields of sensors and error declarations."""
    number = att.standard(read.field)
    if read.op == "EXISTS":
        return [(att.standard("sensorElementList"), "", None)]
    if read.field in ("time", "startTime", "endTime", "errorDeclarationTime"):
        text = att.time_text(Instant.parse(values[0]))
        return [(number, text, _TOP) if read.op == "GE" else (number, "", text)]
    if read.field == "percRank":
        return _bounds(read.op, [number], values)
    told = (att.sensor_text(read.field, one, {}, base) for one in values)
    return [
        (number, att.plain_text(given) if text is None else text, None)
        for given, text in zip(values, told, strict=True)
    ]


def _bounds(op: str, numbers: Iterable[int], values: Sequence[str]) -> list[Bound]:
    """Bounds of plain numbers on each of the fields."""
    found: list[Bound] = []
    texts = [att.number_text(Decimal(one)) for one in values]
    for number in numbers:
        found += [(number, *_range(op, text, _WHOLE)) for text in texts]
    return found


def _range(op: str, text: str, whole: tuple[str, str]) -> tuple[str, str | None]:
    """(least, above all) of the texts that stand in this relation to a number's or time's text."""
    low, high = whole
    if op == "EQ":
        return text, None
    if op == "GE":
        return text, high
    if op == "GT":
        return text + att.AFTER, high
    return (low, text) if op == "LT" else (low, text + att.AFTER)


def _measured(read: Name, values: Sequence[str]) -> Iterable[Bound]:
    """A value in a unit, converted exactly to every unit of its dimension."""
    unit = unit_of(read.unit or "")
    assert unit is not None, "the unit was known when the query was read"
    family = att.QUANTITY if read.field == "quantity" else att.MEASURE
    for code in units_of(unit.dimension):
        number = att.field_number(
            family, code if family == att.QUANTITY else read.field, "" if family == att.QUANTITY else code
        )
        for one in values:
            amount = _in_unit(Decimal(one), read.unit or "", code, spread=read.field == "sDev")
            yield number, *_range(read.op, att.number_text(amount), _WHOLE)


def _in_unit(value: Decimal, given: str, wanted: str, *, spread: bool) -> Fraction:
    """The value in another unit; a standard deviation knows no offset (epcis.md Q10)."""
    if spread:
        source, target = unit_of(given), unit_of(wanted)
        assert source is not None
        assert target is not None
        return Fraction(value) * source.factor / target.factor
    found = convert(value, given, wanted)
    assert found is not None
    return found


def _extended(read: Name, values: Sequence[str]) -> Iterable[Bound]:
    """An extension field, in every reading of its name and of the value."""
    for number in field_numbers(read):
        if read.op == "EXISTS":
            yield number, "", _TOP
        elif read.op == "EQ":
            yield from ((number, text, None) for one in values for text in att.equal_texts(one))
        elif (time := att.time_of(values[0])) is not None:
            yield number, *_range(read.op, "d" + att.time_text(time), _KIND_D)
        else:
            text = att.number_text(Decimal(values[0]))
            yield number, *_range(read.op, "n" + text, _KIND_N)
            yield number, *_range(read.op, "m" + text, _KIND_M)


def field_numbers(read: Name) -> tuple[int, ...]:
    """`namespace#name` may stand for a namespace with or without its `#`."""
    namespace, _, local = read.field.rpartition("#")
    spelled = dict.fromkeys((namespace, namespace + "#"))
    return tuple(att.field_number(read.family or "", one, local) for one in spelled)


async def _by_master(
    index: EventIndex, name: str, values: tuple[str, ...], known_us: int, base: str | None
) -> Condition:
    """`WD_…`, `HASATTR_…` and `EQATTR_…`: the keys that master data name."""
    if name.startswith("WD_"):
        return Columns(_PLACES[name[3:]], tuple(sorted(await index.descendants(_keys(values, base), known_us))))
    read = name_of(name)
    if read.attribute is None:
        names, wanted = [spelled for one in values for spelled in _attribute_names(one)], None
    else:
        names, wanted = _attribute_names(read.attribute), values
    keys = tuple(sorted(await index.with_attribute(names, wanted, known_us)))
    return _of_field(read, keys)


def _of_field(read: Name, keys: tuple[str, ...]) -> Condition:
    """The event's field is one of the keys."""
    if read.field in _PLACES:
        return Columns(_PLACES[read.field], keys)
    if read.field in ("bizStep", "disposition"):
        return Columns({"bizStep": "step"}.get(read.field, read.field), keys)
    if read.field in ("source", "destination"):
        return Links("source" if read.field == "source" else "destination", None, keys)
    if read.field == "bizTransaction":
        return Links("transaction", None, keys)
    if f"MATCH_{read.field}" in ROLES:
        return Mentions(ROLES[f"MATCH_{read.field}"], keys)
    return Attributes(
        tuple((number, "t" + att.plain_text(key), None) for number in field_numbers(read) for key in keys)
    )


def _attribute_names(text: str) -> list[str]:
    """The spellings of a master data attribute: CBV's stand bare, as CURIE, with `:` or with `#`."""
    for start in (CBV_MDA, CBV_MDA.removesuffix(":") + "#", "cbvmda:"):
        if text.startswith(start):
            text = text[len(start) :]
            break
    else:
        if ":" in text:
            return [text]
    return [text, CBV_MDA + text, CBV_MDA.removesuffix(":") + "#" + text, "cbvmda:" + text]


def order_of(parameters: Parameters) -> Order:
    """What a query is ordered by; as recorded when it does not say."""
    given = {name: values[0] for name, values in parameters if name in ("orderBy", "orderDirection")}
    by = given.get("orderBy")
    if by is None:
        return Order()
    descending = given.get("orderDirection", "DESC") == "DESC"
    if by in ("eventTime", "recordTime"):
        return Order("event" if by == "eventTime" else "record", descending)
    return Order(field_numbers(name_of(f"EQ_{by}"))[0], descending)
