"""What stands around the events of an XML document: its kind, its own fields, header and master data.

Source: EPCIS 2.0 sections 9.5 and 9.4, Standard Business Document Header 1.3, epcis.md C1, M1, X5, X7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas.epcis import forms
from schemas.epcis.envelope import Kind, VocabularyElement
from schemas.epcis.forms import Faults
from schemas.epcis.vocabulary import EVENT_TYPES
from schemas.epcis.xml import names, values
from schemas.epcis.xml.event import own, unwrapped
from schemas.epcis.xml.prefixes import Prefixes
from schemas.epcis.xml.rules import Judge, Rule
from schemas.epcis.xml.tree import Element
from schemas.errors import BadInput
from schemas.sentences import say

ROOTS: Final[Mapping[tuple[str, str], Kind]] = {
    (names.EPCIS, "EPCISDocument"): "EPCISDocument",
    (names.QUERY, "EPCISQueryDocument"): "EPCISQueryDocument",
    (names.MASTER_DATA, "EPCISMasterDataDocument"): "EPCISMasterDataDocument",
    (names.EPCIS_1, "EPCISDocument"): "EPCISDocument",
    (names.QUERY_1, "EPCISQueryDocument"): "EPCISQueryDocument",
    (names.MASTER_DATA_1, "EPCISMasterDataDocument"): "EPCISMasterDataDocument",
}
OLDER: Final = frozenset((names.EPCIS_1, names.QUERY_1, names.MASTER_DATA_1))
_LAX: Final = Rule(form="any", attributes=None)
_ELEMENTS: Final = Rule(
    {
        "VocabularyElement": Rule(
            {
                "attribute": _LAX,
                "children": Rule({"id": Rule()}, frozenset(("id",)), attributes=None),
                "extension": _LAX,
            },
            frozenset(("attribute",)),
            others=True,
            attributes=None,
        )
    },
    frozenset(("VocabularyElement",)),
    least="VocabularyElement",
)
_VOCABULARIES: Final = Rule(
    {"Vocabulary": Rule({"VocabularyElementList": _ELEMENTS, "extension": _LAX}, others=True, attributes=None)},
    frozenset(("Vocabulary",)),
)
_EVENTS: Final = Rule({"extension": _LAX}, frozenset(("extension",)), attributes=None)
_MASTER_DATA: Final = Rule({"VocabularyList": _VOCABULARIES, "extension": _LAX}, least="VocabularyList")
_HEADER: Final = Rule(
    {"extension": Rule({"EPCISMasterData": _MASTER_DATA, "extension": _LAX}, attributes=None)},
    others=True,
    attributes=None,
)
_OLDER_HEADER: Final = Rule({"EPCISMasterData": _MASTER_DATA}, others=True, attributes=None)


def _root_rule(body: Rule) -> Rule:
    children = {"EPCISHeader": _HEADER, "EPCISBody": body, "extension": _LAX}
    return Rule(children, least="EPCISBody", others=True, attributes=None)


_RULES: Final[Mapping[Kind, Rule]] = {
    "EPCISDocument": _root_rule(Rule({"EventList": _EVENTS, "extension": _LAX}, others=True, attributes=None)),
    "EPCISQueryDocument": _root_rule(_LAX),
    "EPCISMasterDataDocument": _root_rule(
        Rule({"VocabularyList": _VOCABULARIES, "extension": _LAX}, others=True, attributes=None)
    ),
}
_RESULTS: Final = Rule(
    {
        "queryName": Rule(),
        "subscriptionID": Rule(),
        "resultsBody": Rule({"EventList": _EVENTS, "VocabularyList": _VOCABULARIES}),
        "extension": _LAX,
    },
    least="resultsBody",
    others=True,
)


@dataclass(frozen=True, slots=True)
class Around:
    """A document without its events: `members` as `reader.Document` has them, `older` for EPCIS 1.x."""

    kind: Kind
    older: bool
    members: dict[str, Any]
    elements: list[VocabularyElement]


def kind_of(root: Element) -> Kind:
    """The kind of document that a root element begins. Errors: `BadInput`."""
    kind = ROOTS.get((root.namespace, root.name))
    if kind is not None:
        return kind
    if root.name in EVENT_TYPES:
        fix = "send a single event to /events, or put it into an EPCISDocument"
    elif any(root.name == name for _, name in ROOTS):
        fix = say(
            "give the root its namespace of EPCIS 2.0, {epcis} or, for a query document, {query}",
            epcis=names.EPCIS,
            query=names.QUERY,
        )
    else:
        fix = "an EPCISDocument, EPCISQueryDocument or EPCISMasterDataDocument of EPCIS 2.0 or 1.2 is expected"
    raise BadInput.field("/", f"{{{root.namespace}}}{root.name}"[:200], fix)


def around(root: Element, declared: Mapping[str, str], source: bytes) -> Around:
    """Reads what stands around the events in `source`. Errors: `BadInput` with every fault and its place."""
    kind = kind_of(root)
    older = root.namespace in OLDER
    judge = Judge(source, strict=not older)
    _own_fields(judge, root)
    judge.check(root, _RULES[kind] if not older else _older(_RULES[kind]), "")
    body = _own_child(root, "EPCISBody")
    members = _members(root)
    lists = [("EPCISHeader.extension.EPCISMasterData.VocabularyList", one) for one in _header_lists(root)]
    if kind == "EPCISQueryDocument" and body is not None:
        _results(judge, body, members, lists)
    elif body is not None:
        lists += [("EPCISBody.VocabularyList", one) for one in body.children if one.name == "VocabularyList"]
    prefixes = Prefixes(declared, {})
    elements = [element for place, one in lists for element in _vocabulary(judge, one, place, prefixes)]
    if judge.found:
        first = judge.found[0]
        raise BadInput(
            say("not a valid {kind}: {field}: {fix}", kind=kind, field=first.field, fix=first.fix), errors=judge.found
        )
    return Around(kind, older, members, elements)


def _older(rule: Rule) -> Rule:
    children = dict(rule.children or {}) | {"EPCISHeader": _OLDER_HEADER}
    return Rule(children, rule.repeat, rule.least, rule.others, False, rule.attributes)


def _own_child(element: Element, name: str) -> Element | None:
    child = element.child(name)
    return child if child is not None and own(child.namespace) else None


def _own_fields(judge: Judge, root: Element) -> None:
    created, version = root.attribute("creationDate"), root.attribute("schemaVersion")
    if created is None:
        judge.add(root, "@creationDate", "", "this attribute is required")
    else:
        found = Faults({})
        # The XML schema takes a time without offset here, and nothing is ordered by it.
        forms.time(found, created if created[-1:] == "Z" or created[-6:-5] in "+-" else created + "Z", "@creationDate")
        for fault in found.found:
            judge.add(root, fault.field, created, fault.fix)
    if version is None or values.number(version.strip()) is None:
        judge.add(root, "@schemaVersion", version or "", "a version is required, such as 2.0")


def _members(root: Element) -> dict[str, Any]:
    found: dict[str, Any] = {"type": root.name, "epcisBody": {}}
    for name in ("schemaVersion", "creationDate"):
        value = root.attribute(name)
        if value is not None:
            found[name] = value.strip()
    header = _own_child(root, "EPCISHeader")
    business = header.child("StandardBusinessDocumentHeader") if header is not None else None
    for name, path in (
        ("sender", ("Sender", "Identifier")),
        ("receiver", ("Receiver", "Identifier")),
        ("instanceIdentifier", ("DocumentIdentification", "InstanceIdentifier")),
    ):
        at = business
        for step in path:
            at = at.child(step) if at is not None else None
        if at is not None:
            found[name] = at.text.strip()
    return found


def _results(judge: Judge, body: Element, members: dict[str, Any], lists: list[tuple[str, Element]]) -> None:
    """A query document's body: results, and nothing of the SOAP binding."""
    found = body.children[0] if body.children else None
    if found is None or found.name != "QueryResults" or len(body.children) > 1:
        shown = found.name if found is not None else ""
        judge.add(found or body, "EPCISBody.QueryResults", shown, "one QueryResults is expected")
        return
    if judge.strict and found.namespace != names.QUERY:
        fix = "QueryResults is written with the prefix of urn:epcglobal:epcis-query:xsd:2"
        judge.add(found, "EPCISBody.QueryResults", found.name, fix)
    if found.child("queryName") is None:
        judge.add(found, "EPCISBody.QueryResults.queryName", "", "this element is required")
    judge.check(found, _RESULTS, "EPCISBody.QueryResults")
    for name in ("queryName", "subscriptionID"):
        told = found.child(name)
        if told is not None:
            members[f"epcisBody.queryResults.{name}"] = told.text.strip()
    inner = found.child("resultsBody")
    if inner is not None:
        if len(inner.children) != 1:
            judge.add(inner, "EPCISBody.QueryResults.resultsBody", "", "one EventList or VocabularyList is expected")
        place = "EPCISBody.QueryResults.resultsBody.VocabularyList"
        lists += [(place, one) for one in inner.children if one.name == "VocabularyList"]


def _header_lists(root: Element) -> Iterator[Element]:
    header = _own_child(root, "EPCISHeader")
    for master in unwrapped(header) if header is not None else ():
        if master.name == "EPCISMasterData":
            yield from (one for one in master.children if one.name == "VocabularyList")


def _vocabulary(judge: Judge, lists: Element, place: str, prefixes: Prefixes) -> Iterator[VocabularyElement]:
    for at, vocabulary in enumerate(lists.children):
        here = f"{place}.Vocabulary[{at}]"
        kind = _uri(judge, vocabulary, "type", here)
        elements = [
            one for inner in vocabulary.children if inner.name == "VocabularyElementList" for one in inner.children
        ]
        for number, element in enumerate(elements):
            below = f"{here}.VocabularyElementList.VocabularyElement[{number}]"
            yield VocabularyElement(
                kind,
                _uri(judge, element, "id", below),
                _attributes(judge, element, below, prefixes),
                _children(element),
            )


def _uri(judge: Judge, element: Element, name: str, place: str) -> str:
    value = values.uri(element.attribute(name) or "")
    found = Faults({})
    forms.uri(found, value, f"{place}.@{name}")
    for fault in found.found:
        judge.add(element, fault.field, fault.value, fault.fix)
    return value


def _attributes(judge: Judge, element: Element, place: str, prefixes: Prefixes) -> tuple[tuple[str, Any], ...]:
    """Attributes in order; one that comes again is a list of its values, as JSON has it."""
    found: dict[str, Any] = {}
    told = [one for one in unwrapped(element) if one.name == "attribute" and own(one.namespace)]
    for at, one in enumerate(told):
        name = _uri(judge, one, "id", f"{place}.attribute[{at}]")
        rest = [other for other in one.attributes if (other.namespace, other.name) != ("", "id")]
        plain = Element(one.namespace, one.name, one.prefix, rest, one.at, one.children, one.text)
        values.add(found, name, values.extension(plain, prefixes))
    return tuple(found.items())


def _children(element: Element) -> tuple[str, ...]:
    found = element.child("children")
    return () if found is None else tuple(values.uri(one.text) for one in found.children)
