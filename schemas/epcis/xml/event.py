"""An event's element to the neutral form that JSON has: the same members, values typed, words bare, wrappers removed.

Nothing is checked here but what cannot be read; `rules` and `schemas.epcis.validate` judge. `extension` and
`baseExtension`, which EPCIS 1.x wraps later fields in, are looked through at every depth.
Source: EPCIS 2.0 sections 7 and 9.5, EPCIS 1.2 section 9.5, epcis.md X1, X7.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from schemas.epcis import vocabulary
from schemas.epcis.jsontext import JsonText
from schemas.epcis.vocabulary import EVENT_TYPES, Vocabulary
from schemas.epcis.xml import values
from schemas.epcis.xml.names import OWN, STEMMA, WRAPPERS, XML, XSI
from schemas.epcis.xml.prefixes import Prefixes
from schemas.epcis.xml.tree import Element
from schemas.errors import BadInput

CERTIFICATION: Final = (STEMMA, "certificationInfo")
"""Certificates after the first, for which the XML schema has no place, as extension elements of this name."""
QUANTITY_EVENT: Final = "QuantityEvent"
"""An event type that EPCIS 2.0 no longer has."""
_Read = Callable[[Element, Prefixes], Any]


def own(namespace: str) -> bool:
    """True where an element is EPCIS's: unqualified, or qualified with one of its namespaces."""
    return not namespace or namespace in OWN


def event_data(element: Element, names: Prefixes) -> dict[str, Any]:
    """The neutral form of an event."""
    data: dict[str, Any] = {"type": _type(element, names)}
    for attribute in element.attributes:
        if attribute.namespace and attribute.namespace not in (XSI, XML):
            data[names.name(attribute.namespace, attribute.name, attribute.prefix)] = attribute.value
    for child in unwrapped(element):
        read = _FIELDS.get(child.name) if own(child.namespace) else None
        if read is not None:
            data.setdefault(child.name, read(child, names))
        elif (child.namespace, child.name) == CERTIFICATION and "certificationInfo" in data:
            values.add(data, "certificationInfo", child.text.strip())
        else:
            values.add(data, names.name(child.namespace, child.name, child.prefix), values.extension(child, names))
    return _of_quantity(data) if element.name == QUANTITY_EVENT and own(element.namespace) else data


def _of_quantity(data: dict[str, Any]) -> dict[str, Any]:
    """A QuantityEvent of EPCIS 1.x as EPCIS 2.0 says it: an observed ObjectEvent of one class and its quantity."""
    told = {name: data.pop(name) for name in ("epcClass", "quantity") if isinstance(data.get(name), str)}
    element = {name: values.uri(text) if name == "epcClass" else _amount(text) for name, text in told.items()}
    return {**data, "type": "ObjectEvent", "action": "OBSERVE", "quantityList": [element]}


def unwrapped(element: Element) -> Iterator[Element]:
    """The children, those of `extension` and `baseExtension` in their place."""
    for child in element.children:
        if child.name in WRAPPERS and own(child.namespace):
            yield from unwrapped(child)
        else:
            yield child


def _type(element: Element, names: Prefixes) -> str:
    if own(element.namespace) and element.name in EVENT_TYPES:
        return element.name
    return names.name(element.namespace, element.name, element.prefix)


def _text(element: Element, _: Prefixes) -> str:
    return element.text.strip()


def _uri(element: Element, _: Prefixes) -> str:
    return values.uri(element.text)


def _word(words: Vocabulary) -> _Read:
    def read(element: Element, names: Prefixes) -> str:
        return values.word(element.text, words, names.namespaces)

    return read


def _epcs(element: Element, _: Prefixes) -> list[str]:
    return [values.uri(child.text) for child in element.children]


def _amount(text: str) -> Any:
    plain = text.strip()
    found = values.number(plain)
    return plain if found is None else found


def _quantities(element: Element, _: Prefixes) -> list[dict[str, Any]]:
    return [_quantity(child) for child in element.children]


def _quantity(element: Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in element.children:
        if child.name == "quantity":
            if child.attribute("nil", XSI) not in ("true", "1"):
                found["quantity"] = _amount(child.text)
        else:
            found[child.name] = values.uri(child.text) if child.name == "epcClass" else child.text.strip()
    return found


def _typed_list(name: str, words: Vocabulary) -> _Read:
    def read(element: Element, names: Prefixes) -> list[dict[str, Any]]:
        found = []
        for child in element.children:
            kind = child.attribute("type")
            entry = {} if kind is None else {"type": values.word(kind, words, names.namespaces)}
            found.append({**entry, name: values.uri(child.text)})
        return found

    return read


def _place(element: Element, names: Prefixes) -> dict[str, Any]:
    return _with_extensions(element, names, {"id": _uri})


def _with_extensions(element: Element, names: Prefixes, fields: Mapping[str, _Read]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for attribute in element.attributes:
        if attribute.namespace not in (XSI, XML):
            found[names.name(attribute.namespace, attribute.name, attribute.prefix)] = attribute.value
    for child in unwrapped(element):
        read = fields.get(child.name) if own(child.namespace) else None
        if read is not None:
            found[child.name] = read(child, names)
        else:
            values.add(found, names.name(child.namespace, child.name, child.prefix), values.extension(child, names))
    return found


def _persistent(element: Element, names: Prefixes) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for child in element.children:
        text = values.word(child.text, vocabulary.DISPOSITION, names.namespaces)
        found.setdefault(child.name, []).append(text)
    return found


def _ids(element: Element, _: Prefixes) -> list[str]:
    return [values.uri(child.text) for child in element.children]


_DECLARATION: Final[Mapping[str, _Read]] = {
    "declarationTime": _text,
    "reason": _word(vocabulary.REASON),
    "correctiveEventIDs": _ids,
}


def _declaration(element: Element, names: Prefixes) -> dict[str, Any]:
    return _with_extensions(element, names, _DECLARATION)


def _ilmd(element: Element, names: Prefixes) -> dict[str, Any]:
    return _with_extensions(element, names, {})


NUMBERS: Final = frozenset(("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"))
_URIS: Final = frozenset(
    (
        *("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules", "microorganism"),
        *("chemicalSubstance", "coordinateReferenceSystem", "uriValue"),
    )
)
_WORDS: Final = {
    "type": vocabulary.MEASUREMENT,
    "exception": vocabulary.ALERT,
    "component": vocabulary.COMPONENT,
}


def _sensed(name: str, text: str, names: Prefixes) -> Any:
    """An attribute of sensorMetadata or sensorReport."""
    if name in NUMBERS:
        return _amount(text)
    if name in _WORDS:
        return values.word(text, _WORDS[name], names.namespaces)
    if name == "booleanValue":
        truth = values.boolean(text.strip())
        return text if truth is None else truth
    if name in _URIS:
        return values.uri(text)
    return text if name == "stringValue" else text.strip()


def _sensor_part(element: Element, names: Prefixes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in element.attributes:
        if one.namespace in (XSI, XML):
            continue
        if one.namespace:
            found[names.name(one.namespace, one.name, one.prefix)] = one.value
        else:
            found[one.name] = _sensed(one.name, one.value, names)
    found |= _members_in_text(element.text)
    return found


def _members_in_text(text: str) -> dict[str, Any]:
    """Extension members that are no text, which attributes cannot hold: our writer puts them into the content."""
    plain = text.strip()
    if not plain.startswith("{"):
        return {}
    try:
        found, end = JsonText(plain, depth=32).value(0, "", 1)
    except BadInput:
        return {}
    named = isinstance(found, dict) and end == len(plain) and all(":" in name for name in found)
    return found if named else {}


def _sensors(element: Element, names: Prefixes) -> list[dict[str, Any]]:
    return [_sensor(child, names) for child in unwrapped(element)]


def _sensor(element: Element, names: Prefixes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in unwrapped(element):
        if own(child.namespace) and child.name == "sensorMetadata":
            found["sensorMetadata"] = _sensor_part(child, names)
        elif own(child.namespace) and child.name == "sensorReport":
            found.setdefault("sensorReport", []).append(_sensor_part(child, names))
        else:
            values.add(found, names.name(child.namespace, child.name, child.prefix), values.extension(child, names))
    return found


_FIELDS: Final[Mapping[str, _Read]] = {
    **dict.fromkeys(("eventTime", "recordTime", "eventTimeZoneOffset", "action"), _text),
    **dict.fromkeys(("eventID", "parentID", "transformationID", "certificationInfo"), _uri),
    **dict.fromkeys(("epcList", "childEPCs", "inputEPCList", "outputEPCList"), _epcs),
    **dict.fromkeys(("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), _quantities),
    "bizStep": _word(vocabulary.STEP),
    "disposition": _word(vocabulary.DISPOSITION),
    "persistentDisposition": _persistent,
    "readPoint": _place,
    "bizLocation": _place,
    "bizTransactionList": _typed_list("bizTransaction", vocabulary.TRANSACTION),
    "sourceList": _typed_list("source", vocabulary.PARTY),
    "destinationList": _typed_list("destination", vocabulary.PARTY),
    "sensorElementList": _sensors,
    "ilmd": _ilmd,
    "errorDeclaration": _declaration,
}
