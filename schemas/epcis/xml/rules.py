"""What the XML schema of EPCIS asks beyond what JSON's rules ask: places, order, qualification, lexical forms.

Own tables rather than the official schema, so that a fault says what to do about it; the XSD judges them in the tests.
Documents of EPCIS 1.x are held to names and lexical forms, not to order, since `extension` has moved fields about.
Source: EPCIS 2.0 section 9.5 and its XSD, XML Schema 1.0, epcis.md X5, X7.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from schemas.epcis.forms import MOST_FAULTS
from schemas.epcis.jsontext import joined
from schemas.epcis.xml import values
from schemas.epcis.xml.event import NUMBERS, QUANTITY_EVENT, own
from schemas.epcis.xml.names import OWN, WRAPPERS, XML, XSI
from schemas.epcis.xml.tree import Element
from schemas.errors import FieldError
from schemas.sentences import say

_TIME: Final = re.compile(
    r"[0-9]{4}-(?:1[0-2]|0[1-9])-(?:3[01]|0[1-9]|[12][0-9])T(?:2[0-3]|[01][0-9]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
)
_NUMBER_FIX: Final = "a number is expected: digits, at most 100 of them written out, not INF or NaN"
_TIME_FIX: Final = "write a time with its offset, as 2026-03-02T08:00:00+08:00 or 2026-03-02T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Rule:
    """One element: `children` by name in their order (None: text only), those that may `repeat`, or must be there.

    `others` allows elements of other namespaces behind, `attributes` names unqualified ones (None: any), `form` is the
    lexical form of the text.
    """

    children: Mapping[str, Rule] | None = None
    repeat: frozenset[str] = frozenset()
    least: str = ""
    others: bool = False
    ordered: bool = True
    attributes: frozenset[str] | None = frozenset()
    form: str = "text"
    ranks: Mapping[str, tuple[int, Rule, bool]] = field(init=False)
    """Of each child: its place in the order, its rule, whether it may repeat."""

    def __post_init__(self) -> None:
        children = (self.children or {}).items()
        ranks = {name: (at, rule, name in self.repeat) for at, (name, rule) in enumerate(children)}
        object.__setattr__(self, "ranks", ranks)


_TEXT: Final = Rule()
_WHEN: Final = Rule(form="time")
_LAX: Final = Rule(form="any", attributes=None)


def _list_of(name: str, item: Rule, least: bool = False) -> Rule:
    return Rule({name: item}, frozenset((name,)), least=name if least else "")


_EPCS: Final = _list_of("epc", _TEXT)
_QUANTITIES: Final = _list_of(
    "quantityElement", Rule({"epcClass": _TEXT, "quantity": Rule(form="amount"), "uom": _TEXT}, least="epcClass")
)
_TYPED: Final = Rule(attributes=frozenset(("type",)))
_PLACE: Final = Rule({"id": _TEXT, "extension": _LAX}, least="id", others=True)
_SENSED: Final = Rule(attributes=None, form="sensed")
_SENSOR: Final = Rule(
    {"sensorMetadata": _SENSED, "sensorReport": _SENSED, "extension": _LAX},
    frozenset(("sensorReport",)),
    least="sensorReport",
    others=True,
)
_ILMD: Final = Rule({"extension": _LAX}, others=True, attributes=None)
_DECLARATION: Final = Rule(
    {
        "declarationTime": _WHEN,
        "reason": _TEXT,
        "correctiveEventIDs": _list_of("correctiveEventID", _TEXT),
        "extension": _LAX,
    },
    others=True,
    ordered=False,
    attributes=None,
)
_WRAPPED: Final = Rule({}, others=True, attributes=None)
_FIRST: Final[Mapping[str, Rule]] = {
    "eventTime": _WHEN,
    "recordTime": _WHEN,
    "eventTimeZoneOffset": _TEXT,
    "eventID": _TEXT,
    "errorDeclaration": _DECLARATION,
    "certificationInfo": _TEXT,
    "baseExtension": _WRAPPED,
}
_WHAT: Final = {
    **dict.fromkeys(("epcList", "childEPCs", "inputEPCList", "outputEPCList"), _EPCS),
    **dict.fromkeys(("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), _QUANTITIES),
    **dict.fromkeys(("action", "parentID", "transformationID", "bizStep", "disposition"), _TEXT),
    **dict.fromkeys(("readPoint", "bizLocation"), _PLACE),
    "bizTransactionList": _list_of("bizTransaction", _TYPED, least=True),
    "sourceList": _list_of("source", _TYPED, least=True),
    "destinationList": _list_of("destination", _TYPED, least=True),
    "sensorElementList": Rule(
        {"sensorElement": _SENSOR, "extension": _LAX}, frozenset(("sensorElement",)), least="sensorElement"
    ),
    "persistentDisposition": Rule({"unset": _TEXT, "set": _TEXT}, frozenset(("unset", "set"))),
    "ilmd": _ILMD,
    "extension": _WRAPPED,
}
_WHERE: Final = ("bizStep", "disposition", "readPoint", "bizLocation", "bizTransactionList")
_PARTIES: Final = ("sourceList", "destinationList", "sensorElementList", "persistentDisposition")
_ORDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "ObjectEvent": ("epcList", "action", *_WHERE, "quantityList", *_PARTIES, "ilmd"),
    "AggregationEvent": ("parentID", "childEPCs", "action", *_WHERE, "childQuantityList", *_PARTIES),
    "TransactionEvent": (
        *("bizTransactionList", "parentID", "epcList", "action", *_WHERE[:4], "quantityList"),
        *_PARTIES,
    ),
    "TransformationEvent": (
        *("inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList", "transformationID"),
        *(*_WHERE, *_PARTIES, "ilmd"),
    ),
    "AssociationEvent": ("parentID", "childEPCs", "childQuantityList", "action", *_WHERE, *_PARTIES),
}
ORDERS: Final[Mapping[str, tuple[str, ...]]] = {kind: (*_FIRST, *order) for kind, order in _ORDERS.items()}
"""Fields of each event type in the order that the XML schema asks."""
_EVENTS: Final = {
    kind: Rule({**_FIRST, **{name: _WHAT[name] for name in (*order, "extension")}}, others=True, attributes=None)
    for kind, order in _ORDERS.items()
} | {
    QUANTITY_EVENT: Rule(
        {
            **_FIRST,
            "epcClass": _TEXT,
            "quantity": Rule(form="amount"),
            **{name: _WHAT[name] for name in (*_WHERE, "extension")},
        },
        least="epcClass",
        others=True,
        attributes=None,
    )
}


def fits(element: Element, rule: Rule) -> bool:
    """Whether an element of EPCIS 2.0 is faultless at a glance; where this says no, `Judge` decides."""
    if rule.form == "any":
        return True
    names = rule.attributes
    if names is not None and any(one.namespace or one.name not in names for one in element.attributes):
        return False
    if rule.children is None:
        return not element.children and _well_formed(element, rule.form)
    if not rule.ordered or (element.text and not element.text.isspace()):
        return False
    return _in_order(element, rule)


def _in_order(element: Element, rule: Rule) -> bool:
    last, least = -1, not rule.least
    for child in element.children:
        known = None if child.namespace else rule.ranks.get(child.name)
        if known is None:
            if not rule.others or own(child.namespace):
                return False
            last = len(rule.ranks)
            continue
        rank, inner, repeats = known
        if rank < last or (rank == last and not repeats) or not fits(child, inner):
            return False
        last = rank
        least = least or child.name == rule.least
    return least


def _well_formed(element: Element, form: str) -> bool:
    if form == "text":
        return True
    if form == "time":
        return _TIME.fullmatch(element.text) is not None
    if form == "amount":
        return values.number(element.text) is not None
    return not any(_TRICKY.get(one.name, _any)(one.value) for one in element.attributes if not one.namespace)


def _any(_: str) -> bool:
    return False


def _no_number(text: str) -> bool:
    return values.number(text) is None


def _no_time(text: str) -> bool:
    return _TIME.fullmatch(text) is None


_TRICKY: Final[Mapping[str, Callable[[str], bool]]] = {
    **dict.fromkeys(NUMBERS, _no_number),
    **dict.fromkeys(("time", "startTime", "endTime"), _no_time),
    "booleanValue": lambda text: values.boolean(text) is None,
}


class Judge:
    """Gathers faults of one event or document in `body`. `strict` for EPCIS 2.0, which has an order of fields."""

    def __init__(self, body: bytes, *, strict: bool) -> None:
        self._body = body
        self.strict = strict
        self.found: list[FieldError] = []

    def add(self, element: Element, place: str, value: str, fix: str) -> None:
        if len(self.found) < MOST_FAULTS:
            line = self._body.count(b"\n", 0, element.at) + 1
            self.found.append(FieldError(place, value[:200], say("line {line}: {fix}", line=line, fix=fix)))

    def event(self, element: Element, place: str) -> None:
        """Faults of an event; of one of another type than EPCIS's only those of its fields."""
        if self.strict and element.namespace in OWN:
            self.add(element, place, f"{element.prefix}:{element.name}", "fields are written without a prefix")
        rule = _EVENTS.get(element.name) if own(element.namespace) else None
        if self.strict and rule is not None and element.name == QUANTITY_EVENT:
            fix = "EPCIS 2.0 has no such event: send an ObjectEvent that has a quantityList"
            self.add(element, place, element.name, fix)
            return
        if rule is not None and not (self.strict and not element.namespace and fits(element, rule)):
            self.check(element, rule, place)

    def check(self, element: Element, rule: Rule, place: str) -> None:
        """One element and all below it."""
        if rule.form == "any":
            return
        self._attributes(element, rule, place)
        if rule.children is None:
            self._text(element, rule, place)
            return
        if element.text and not element.text.isspace():
            self.add(element, place, element.text.strip(), "elements are expected here, not text")
        if rule.least and all(child.name != rule.least for child in self._children(element)):
            self.add(element, joined(place, rule.least), "", "this element is required")
        self._sequence(element, rule, place)

    def _children(self, element: Element) -> list[Element]:
        if self.strict:
            return element.children
        inner: list[Element] = []
        for child in element.children:
            wrapper = child.name in WRAPPERS and own(child.namespace)
            inner.extend(self._children(child) if wrapper else [child])
        return inner

    def _sequence(self, element: Element, rule: Rule, place: str) -> None:
        known = rule.children or {}
        order = {name: at for at, name in enumerate(known)}
        last, before, behind = -1, "", False
        counts: dict[str, int] = {}
        for child in self._children(element):
            at = counts[child.name] = counts.get(child.name, -1) + 1
            here = joined(place, f"{child.name}[{at}]" if child.name in rule.repeat else child.name)
            if not self._belongs(child, rule, here):
                behind = behind or not own(child.namespace)
                continue
            rank = order[child.name]
            if at and child.name not in rule.repeat:
                self.add(child, here, child.name, "this element stands twice; keep one")
            elif self.strict and rule.ordered and (rank < last or behind):
                fix = say(
                    "{name} stands before {before}; the XML schema has an order of fields",
                    name=child.name,
                    before=before or "extensions",
                )
                self.add(child, here, child.name, fix)
            if rank >= last:
                last, before = rank, child.name
            self.check(child, known[child.name], here)

    def _belongs(self, child: Element, rule: Rule, here: str) -> bool:
        """Whether a child is one of the rule's own elements; a fault for one that may not stand here at all."""
        if not own(child.namespace):
            if not rule.others:
                self.add(child, here, child.name, "extensions are not allowed here")
            return False
        if self.strict and child.namespace:
            self.add(child, here, f"{child.prefix}:{child.name}", "fields are written without a prefix")
            return False
        if child.name not in (rule.children or {}):
            fix = "EPCIS knows no such element here; an extension has a namespace of its own"
            self.add(child, here, child.name, fix)
            return False
        return True

    def _attributes(self, element: Element, rule: Rule, place: str) -> None:
        if rule.attributes is None:
            return
        for one in element.attributes:
            if one.namespace in (XSI, XML) or (not one.namespace and one.name in rule.attributes):
                continue
            self.add(element, joined(place, f"@{one.name}"), one.value, "EPCIS knows no such attribute here")

    def _text(self, element: Element, rule: Rule, place: str) -> None:
        if element.children:
            self.add(element, place, element.children[0].name, "text is expected here, not elements")
        text = element.text.strip()
        if rule.form == "time" and not _TIME.fullmatch(text):
            self.add(element, place, text, _TIME_FIX)
        elif rule.form == "amount" and values.number(text) is None and element.attribute("nil", XSI) is None:
            self.add(element, place, text, _NUMBER_FIX)
        elif rule.form == "sensed":
            self._sensed(element, place)

    def _sensed(self, element: Element, place: str) -> None:
        for one in element.attributes:
            if one.namespace:
                continue
            here = joined(place, f"@{one.name}")
            if one.name in NUMBERS and values.number(one.value.strip()) is None:
                self.add(element, here, one.value, _NUMBER_FIX)
            elif one.name in ("time", "startTime", "endTime") and not _TIME.fullmatch(one.value.strip()):
                self.add(element, here, one.value, _TIME_FIX)
            elif one.name == "booleanValue" and values.boolean(one.value.strip()) is None:
                self.add(element, here, one.value, "true or false is expected")
