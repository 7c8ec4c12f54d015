"""Values of an activity to values of an event, gathering every fault instead of stopping at the first.

Identifiers become canonical keys (an item named with its lot keeps both, trace.md R2), times keep the text they came
in, quantities become numbers with every digit. Source: trace.md section 1, EPCIS 2.0 section 7.3.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar
from urllib.parse import quote

from schemas.activities.models import Object, Parts, Stated
from schemas.epcis.forms import is_uri
from schemas.epcis.vocabulary import MEASUREMENTS, TRANSACTION, TRANSACTION_TYPES
from schemas.errors import BadInput, FieldError
from schemas.identifiers import Identifier, Kind, check_digit, identify_parts, identify_strict
from schemas.sentences import say
from schemas.times import Instant
from schemas.units import unit_of

T = TypeVar("T")
_OFFSET: Final = re.compile(r"[+-][0-9]{2}:[0-9]{2}$")
_PLACES: Final = frozenset({"place", "location", "from", "to", "party"})
_NAMED: Final = re.compile(r"[:(\x1d]|^\][CdQ]|^\s*$")
"""What only a URI, an element string or nothing at all has."""
_FARTHEST: Final = 14 * 60
"""Minutes: the greatest offset that EPCIS takes."""
_NOTHING: Final = Identifier("", Kind.OTHER)


class Terms:
    """Reads the values of one activity. `base` is the setting for in-house identifiers; `faults` is what was wrong."""

    def __init__(self, base: str | None, place: str = "") -> None:
        self.base = base
        self.faults: list[FieldError] = []
        self._place = place

    def field(self, name: str) -> str:
        """Dotted path of a field of this activity within the call."""
        return f"{self._place}.{name}" if self._place else name

    def add(self, name: str, value: str, fix: str) -> None:
        self.faults.append(FieldError(self.field(name), value[:200], fix))

    def identity(self, given: str | Parts, name: str) -> Identifier:
        """The object, place or party of a field; an empty one after a fault."""
        if isinstance(given, str):
            if name in _PLACES and not _NAMED.search(given):
                self.add(name, given, _place_fix(given.strip(), self.base))
                return _NOTHING
            return self._try(lambda: identify_strict(given, self.base, self.field(name)), _NOTHING)
        return self._try(
            lambda: identify_parts(given.product, given.lot, given.serial, self.base, self.field(name)), _NOTHING
        )

    def key(self, given: str | Parts, name: str) -> str:
        return spelled(self.identity(given, name))

    def split(self, objects: list[Object], name: str) -> tuple[list[str], list[dict[str, Any]]]:
        """EPCs, each once, and quantity elements: lots, classes, and whatever has a quantity (api.md)."""
        epcs: dict[str, None] = {}
        quantities: list[dict[str, Any]] = []
        for index, one in enumerate(objects):
            where = f"{name}[{index}]"
            stated = one if isinstance(one, Stated) else None
            found = self.identity(_named(one), where if stated is None or stated.id is None else f"{where}.id")
            if stated is not None and stated.quantity is not None:
                quantities.append(self._quantity(spelled(found), stated, where))
            elif found.kind in (Kind.LOT, Kind.PRODUCT):
                quantities.append({"epcClass": found.key})
            else:
                epcs[spelled(found)] = None
        return list(epcs), quantities

    def _quantity(self, key: str, stated: Stated, where: str) -> dict[str, Any]:
        element: dict[str, Any] = {"epcClass": key, "quantity": Decimal(stated.quantity or 0)}
        if stated.unit is not None:
            element["uom"] = self.unit(stated.unit, f"{where}.unit")
        return element

    def unit(self, code: str, name: str) -> str:
        if unit_of(code) is None:
            self.add(name, code, "this is no unit of UN/CEFACT Rec. 20; write its code, such as KGM, LTR, MTR or EA")
        return code

    def instant(self, text: str, name: str) -> Instant:
        return self._try(lambda: Instant.parse(text, self.field(name)), Instant(0))

    def zone(self, text: str, name: str) -> str:
        """`eventTimeZoneOffset` of a time as written."""
        found = _OFFSET.search(text)
        offset = found.group() if found else "+00:00"
        if int(offset[1:3]) * 60 + int(offset[4:]) > _FARTHEST:
            self.add(name, text, "an offset of EPCIS goes from -14:00 to +14:00")
        return offset

    def day(self, text: str, name: str) -> str:
        """A day, or a time with offset, as written."""
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            self.instant(text, name)
            return text

    def uri(self, text: str, kind: str) -> str:
        """A URI as given; a plain number or name becomes one under the base, or in Stemma's namespace."""
        if is_uri(text):
            return text
        start = f"{self.base}/{kind}/" if self.base else f"urn:stemma:{kind}:"
        return start + quote(text, safe="")

    def document_type(self, text: str, name: str) -> str:
        word = TRANSACTION.word(text, {})
        if word not in TRANSACTION_TYPES and not is_uri(text):
            self.add(
                name,
                text,
                say("write one of {known}, or a URI of your own", known=", ".join(sorted(TRANSACTION_TYPES))),
            )
        return word

    def party(self, text: str, name: str, role: str) -> list[dict[str, Any]]:
        """A one-entry source or destination list: a location by its type, else who possesses (api.md)."""
        found = self.identity(text, name)
        return [{"type": "location" if found.kind is Kind.PLACE else "possessing_party", role: found.key}]

    def lot(self, text: str, products: list[str], name: str) -> str:
        """A lot number, held to GS1's rules when it is one of a GTIN's."""
        for product in dict.fromkeys(products):
            self._try(lambda product=product: identify_parts(product, text, None, self.base, ""), _NOTHING, name)  # type: ignore[misc]
        return text

    def _try(self, read: Callable[[], T], otherwise: T, name: str | None = None) -> T:
        try:
            return read()
        except BadInput as error:
            for fault in error.errors:
                self.faults.append(fault if name is None else FieldError(self.field(name), fault.value, fault.fix))
            return otherwise


def _place_fix(given: str, base: str | None) -> str:
    """What to write for a place or party given by a bare number or name."""
    if given.isascii() and given.isdigit() and len(given) == 13 and check_digit(given[:-1]) == given[-1]:
        return say("a bare number; for the location write (414){given}, for the party (417){given}", given=given)
    own = say(", or {base}/place/NAME or {base}/party/NAME for one of your own", base=base) if base else ""
    return say("name a place by its GLN as (414)…, a party as (417)…, or either by a URI{hint}", hint=own)


def spelled(found: Identifier) -> str:
    """The key; of an item named with its lot, the link that names both."""
    if found.kind is Kind.ITEM and found.lot is not None and "/21/" in found.key:
        return f"{found.lot}/21/{found.key.rpartition('/21/')[2]}"
    return found.key


def measured(name: str, base: str | None) -> str:
    """The type of a sensor report: a GS1 measurement type, a URI, or a URI made of a name."""
    if name in MEASUREMENTS or is_uri(name):
        return name
    return (f"{base}/characteristic/" if base else "urn:stemma:characteristic:") + quote(name, safe="")


def _named(one: Object) -> str | Parts:
    if isinstance(one, str):
        return one
    if one.id is not None:
        return one.id
    return Parts(product=one.product or "", lot=one.lot, serial=one.serial)
