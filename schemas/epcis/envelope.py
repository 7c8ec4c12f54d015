"""What stands around the events: the document's own fields, and the master data of its header.

Source: EPCIS 2.0 sections 7.2, 9.4 and 10; EPCIS JSON Schema 2.0.1 (`epcisDocument`, `epcisQueryDocument`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from schemas.epcis import forms
from schemas.epcis.forms import Check, Faults, listed, member
from schemas.errors import FieldError

Kind = Literal["EPCISDocument", "EPCISQueryDocument", "EPCISMasterDataDocument"]
KINDS: Final[tuple[Kind, ...]] = ("EPCISDocument", "EPCISQueryDocument", "EPCISMasterDataDocument")


@dataclass(frozen=True, slots=True)
class VocabularyElement:
    """One master data element: `type` and `id` are URIs, `attributes` (id, value) as given, `children` are ids."""

    type: str
    id: str
    attributes: tuple[tuple[str, Any], ...]
    children: tuple[str, ...]


def _walked(found: Faults, value: Any, place: str) -> None:
    """An object that the reader descends into; it leaves an empty one behind."""
    if value != {}:
        found.add(place, value, "an object is expected")


_DOCUMENT: Final[Mapping[str, Check]] = {
    "id": forms.uri,
    "type": forms.text,
    "schemaVersion": forms.version,
    "creationDate": forms.time,
    "instanceIdentifier": forms.text,
    "sender": forms.text,
    "receiver": forms.text,
    "epcisHeader": _walked,
    "epcisBody": _walked,
}
_QUERY: Final[Mapping[str, Check]] = {
    name: _DOCUMENT[name] for name in ("id", "type", "schemaVersion", "creationDate", "epcisBody")
}
_RESULTS: Final[Mapping[str, Check]] = {
    "queryName": forms.text,
    "subscriptionID": forms.text,
    "resultsBody": _walked,
}
_LEVELS: Final[Mapping[Kind, Mapping[str, Check]]] = {
    "EPCISDocument": {
        "": member(_DOCUMENT, ("type", "schemaVersion", "creationDate", "epcisBody")),
        "epcisHeader": member({"epcisMasterData": _walked}),
        "epcisHeader.epcisMasterData": member({}, strangers=True),
        "epcisBody": member({}, strangers=True),
    },
    "EPCISQueryDocument": {
        "": member(_QUERY, ("type", "epcisBody")),
        "epcisBody": member({"queryResults": _walked}, ("queryResults",)),
        "epcisBody.queryResults": member(_RESULTS, ("queryName", "resultsBody")),
        "epcisBody.queryResults.resultsBody": member({}),
    },
    "EPCISMasterDataDocument": {
        "": member(_DOCUMENT, ("type", "schemaVersion", "creationDate")),
        "epcisHeader": member({"epcisMasterData": _walked}),
        "epcisHeader.epcisMasterData": member({}, strangers=True),
        "epcisBody": member({}),
    },
}


def envelope_faults(
    kind: Kind, members: Mapping[str, Any], has_context: bool, namespaces: Mapping[str, str]
) -> list[FieldError]:
    """Faults of a document's own fields. `members` by dotted path, as `reader.Document` has them."""
    found = Faults(namespaces)
    if not has_context:
        found.add("@context", "", "a document needs an @context")
    levels: dict[str, dict[str, Any]] = {level: {} for level in _LEVELS[kind]}
    for path, value in members.items():
        level = max((name for name in levels if path.startswith(f"{name}.")), key=len, default="")
        levels[level][path[len(level) + 1 :] if level else path] = value
    for level, check in _LEVELS[kind].items():
        if level == "" or level in members:
            check(found, levels[level], level)
    return found.found


_ATTRIBUTE: Final = member({"id": forms.uri, "attribute": lambda found, value, place: None}, ("id",), strangers=True)
_ELEMENT: Final = member(
    {"id": forms.uri, "attributes": listed(_ATTRIBUTE), "children": listed(forms.uri)}, ("id",), strangers=True
)
_VOCABULARIES: Final = listed(
    member({"type": forms.uri, "vocabularyElementList": listed(_ELEMENT)}, ("type",), strangers=True)
)


def vocabulary_elements(
    lists: list[tuple[str, Any]], namespaces: Mapping[str, str], faults: list[FieldError]
) -> list[VocabularyElement]:
    """Master data elements of (place, `vocabularyList`) pairs in the order given; faults are added to `faults`."""
    elements: list[VocabularyElement] = []
    for place, value in lists:
        found = Faults(namespaces)
        _VOCABULARIES(found, value, place)
        faults.extend(found.found)
        if not found.found:
            elements.extend(_element(vocabulary["type"], item) for vocabulary in value for item in _items(vocabulary))
    return elements


def _items(vocabulary: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = vocabulary.get("vocabularyElementList", [])
    return items


def _element(kind: str, item: dict[str, Any]) -> VocabularyElement:
    attributes = tuple((entry["id"], entry.get("attribute")) for entry in item.get("attributes", ()))
    return VocabularyElement(kind, item["id"], attributes, tuple(item.get("children", ())))
