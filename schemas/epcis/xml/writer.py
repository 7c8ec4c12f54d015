"""Events in the neutral form as XML that the XSD of EPCIS 2.0 accepts, whatever syntax they came in.

What JSON has and the schema has no place for travels so that `event` reads it again: types of extensions as `xsi:type`,
names that XML cannot write escaped, extension members of sensors that are no text as JSON text in the element's
content, certificates after the first as extension elements.
Source: EPCIS 2.0 section 9.5 and its XSD, epcis.md X1, X3, X7, T4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, Literal

from schemas.epcis import vocabulary
from schemas.epcis.context import BUILT_IN, split_name
from schemas.epcis.vocabulary import EVENT_TYPES, Vocabulary
from schemas.epcis.xml import names
from schemas.epcis.xml.event import CERTIFICATION
from schemas.epcis.xml.names import written_bare_name, written_name
from schemas.epcis.xml.rules import ORDERS
from schemas.epcis.xml.text import Declared, attribute_of, decimal, json_text, scalar, text_of, time_of, typed
from schemas.units import plain

CbvFormat = Literal["web", "urn"]
Translate = Callable[[str], str]
"""Gives an identifier in the format asked for."""


class EventWriter:
    """Writes one event's data; `namespaces` read its names and CURIEs, and its element binds what it needs of them."""

    def __init__(
        self,
        namespaces: Mapping[str, str],
        *,
        cbv: CbvFormat = "web",
        translate: Translate | None = None,
    ) -> None:
        self._namespaces = namespaces
        self._declared = Declared()
        self._cbv = cbv
        self._translate = translate or _as_given
        self._out: list[str] = []

    def write(self, data: Mapping[str, Any]) -> str:
        """The event's element, wrapped in `extension` where its type is not EPCIS's."""
        kind = str(data.get("type", ""))
        if kind in EVENT_TYPES:
            self._event(kind, data, ORDERS[kind])
        else:
            self._add("<extension>")
            self._event(self._name(kind), data, _ALL)
            self._add("</extension>")
        return "".join(self._out)

    def _add(self, text: str) -> None:
        self._out.append(text)

    def _event(self, name: str, data: Mapping[str, Any], order: tuple[str, ...]) -> None:
        start = len(self._out)
        self._add("")
        for field in order:
            value = data.get(field)
            if value is not None and field != "baseExtension":
                _FIELDS[field](self, field, value)
            if field == "baseExtension":
                self._certificates(data.get("certificationInfo"))
        self._extensions(data, frozenset(_FIELDS) | _NOT_WRITTEN)
        self._add(f"</{name}>")
        self._out[start] = f"<{name}{self._declared.attributes()}>"

    def _certificates(self, value: Any) -> None:
        if not isinstance(value, list) or len(value) < 2:
            return
        name = f"{self._declared.prefix(CERTIFICATION[0], 'stemma')}:{CERTIFICATION[1]}"
        told = "".join(f"<{name}>{text_of(self._value(one))}</{name}>" for one in value[1:] if isinstance(one, str))
        self._add(f"<baseExtension>{told}</baseExtension>")

    def _value(self, text: str) -> str:
        """Text that may be a CURIE: its prefix bound on the event, or its namespace in the prefix's place."""
        prefix, colon, local = text.strip().partition(":")
        namespace = self._namespaces.get(prefix) if colon else None
        if namespace is None or local.startswith("//") or BUILT_IN.get(prefix) == namespace:
            return text
        return text if self._declared.bind(prefix, namespace) else namespace + local

    def plain(self, name: str, value: Any) -> None:
        self._add(f"<{name}>{text_of(self._value(scalar(value)))}</{name}>")

    def uri(self, name: str, value: Any) -> None:
        self._add(f"<{name}>{text_of(self._value(self._translate(str(value))))}</{name}>")

    def certificate(self, name: str, value: Any) -> None:
        first = next(iter(value), None) if isinstance(value, list) else value
        if first is not None:
            self.plain(name, first)

    def time(self, name: str, value: Any) -> None:
        self._add(f"<{name}>{text_of(time_of(str(value)))}</{name}>")

    def word(self, value: Any, words: Vocabulary) -> str:
        """A CBV word in the format asked for; a private URI as given."""
        text = str(value)
        word = words.word(text, self._namespaces)
        if word in words.words:
            return (words.urn if self._cbv == "urn" and words.urn else words.web) + word
        if self._cbv == "urn" and words.urn and text.startswith(words.web):
            return words.urn + text[len(words.web) :]
        return text

    def epcs(self, name: str, value: Any) -> None:
        self._add(f"<{name}>")
        for one in value:
            self.uri("epc", one)
        self._add(f"</{name}>")

    def quantities(self, name: str, value: Any) -> None:
        self._add(f"<{name}>")
        for one in value:
            self._add("<quantityElement>")
            self.uri("epcClass", one.get("epcClass", ""))
            amount, unit = one.get("quantity"), one.get("uom")
            if amount is not None:
                self._add(f"<quantity>{decimal(amount)}</quantity>")
            elif unit is not None:
                self._add('<quantity xsi:nil="true"/>')
            if unit is not None:
                self.plain("uom", unit)
            self._add("</quantityElement>")
        self._add(f"</{name}>")

    def typed_list(self, name: str, value: Any, element: str, words: Vocabulary) -> None:
        if not value:
            return
        self._add(f"<{name}>")
        for one in value:
            kind = one.get("type")
            told = "" if kind is None else f' type="{attribute_of(self._value(self.word(kind, words)))}"'
            value = self._value(self._translate(str(one.get(element, ""))))
            self._add(f"<{element}{told}>{text_of(value)}</{element}>")
        self._add(f"</{name}>")

    def place(self, name: str, value: Any) -> None:
        self._add(f"<{name}>")
        self.uri("id", value.get("id", ""))
        self._extensions(value, _ID)
        self._add(f"</{name}>")

    def persistent(self, name: str, value: Any) -> None:
        self._add(f"<{name}>")
        for way in ("unset", "set"):
            for one in value.get(way) or ():
                self._add(f"<{way}>{text_of(self._value(self.word(one, vocabulary.DISPOSITION)))}</{way}>")
        self._add(f"</{name}>")

    def ilmd(self, name: str, value: Any) -> None:
        self._add(f"<{name}>")
        self._extensions(value, frozenset())
        self._add(f"</{name}>")

    def declaration(self, name: str, value: Any) -> None:
        self._add(f"<{name}>")
        if "declarationTime" in value:
            self.time("declarationTime", value["declarationTime"])
        if value.get("reason") is not None:
            self._add(f"<reason>{text_of(self._value(self.word(value['reason'], vocabulary.REASON)))}</reason>")
        if value.get("correctiveEventIDs") is not None:
            told = "".join(
                f"<correctiveEventID>{text_of(self._value(str(one)))}</correctiveEventID>"
                for one in value["correctiveEventIDs"]
            )
            self._add(f"<correctiveEventIDs>{told}</correctiveEventIDs>")
        self._extensions(value, _DECLARED)
        self._add(f"</{name}>")

    def sensors(self, name: str, value: Any) -> None:
        if not value:
            return
        self._add(f"<{name}>")
        for one in value:
            self._add("<sensorElement>")
            if "sensorMetadata" in one:
                self._sensor("sensorMetadata", one["sensorMetadata"])
            for report in one.get("sensorReport") or ():
                self._sensor("sensorReport", report)
            self._extensions(one, _SENSOR)
            self._add("</sensorElement>")
        self._add(f"</{name}>")

    def _sensor(self, name: str, part: Mapping[str, Any]) -> None:
        attributes: dict[str, str] = {}
        rest: dict[str, Any] = {}
        for member, value in part.items():
            if ":" not in member:
                attributes[member] = self._sensed(member, value)
            elif value is None or isinstance(value, dict | list):
                rest[member] = value
            else:
                attributes.setdefault(
                    self._name(member), plain(value) if isinstance(value, Decimal) else self._value(scalar(value))
                )
        told = "".join(f' {member}="{attribute_of(value)}"' for member, value in attributes.items())
        if rest:
            renamed = {self._json_name(member): self._renamed(value) for member, value in rest.items()}
            self._add(f"<{name}{told}>{text_of(json_text(renamed))}</{name}>")
        else:
            self._add(f"<{name}{told}/>")

    def _renamed(self, value: Any) -> Any:
        """Members of JSON text under the prefixes that this document binds."""
        if isinstance(value, dict):
            return {self._json_name(name): self._renamed(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._renamed(one) for one in value]
        return self._value(value) if isinstance(value, str) else value

    def _sensed(self, name: str, value: Any) -> str:
        if name in _TIMES and isinstance(value, str):
            return time_of(value)
        if name in _WORDS:
            return self.word(value, _WORDS[name])
        if name == "deviceID":
            return self._value(self._translate(str(value)))
        return self._value(scalar(value))

    def _name(self, name: str) -> str:
        """An extension's member name as a qualified XML name; without prefix where it has no namespace."""
        prefix, local = self._qualified(name)
        return f"{prefix}:{written_name(local)}" if prefix else written_bare_name(local)

    def _json_name(self, name: str) -> str:
        """The same in JSON text, where any name can stand."""
        prefix, local = self._qualified(name)
        return f"{prefix}:{local}" if prefix else local

    def _qualified(self, name: str) -> tuple[str, str]:
        split = split_name(name, self._namespaces)
        namespace, local = split if split is not None else ("", name)
        if not namespace:
            return "", local
        if namespace == names.XML:
            return "xml", local
        prefix = name.partition(":")[0]
        if self._namespaces.get(prefix) != namespace:
            prefix = next((known for known, uri in BUILT_IN.items() if uri == namespace), "ns1")
        return self._declared.prefix(namespace, prefix), local

    def _extensions(self, members: Mapping[str, Any], known: frozenset[str]) -> None:
        """Members outside EPCIS: those without a namespace in `extension`, which stands first, then the others."""
        told = [(self._name(name), value) for name, value in members.items() if name not in known]
        bare = [one for one in told if ":" not in one[0]]
        if bare:
            self._add("<extension>")
            for name, value in bare:
                self._extension(name, value)
            self._add("</extension>")
        for name, value in told:
            if ":" in name:
                self._extension(name, value)

    def _extension(self, name: str, value: Any) -> None:
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                self._object(name, one)
            elif isinstance(one, list):
                self._add(f'<{name} {self._declared.prefix(names.STEMMA, "stemma")}:list="true">')
                self._extension(name, one)
                self._add(f"</{name}>")
            else:
                kind, text = typed(one)
                self._add(f"<{name}{kind}>{text_of(self._value(text))}</{name}>")

    def _object(self, name: str, value: Mapping[str, Any]) -> None:
        """Members as children; beside `#text` single values are attributes, as XML had them."""
        text = value.get("#text")
        attributes = ""
        children: list[tuple[str, Any]] = []
        for member, one in value.items():
            if member == "#text" or member == "@context":
                continue
            if text is not None and isinstance(one, str) and self._name(member) not in attributes:
                attributes += f' {self._name(member)}="{attribute_of(self._value(one))}"'
            else:
                children.append((member, one))
        kind, told = ("", "") if text is None else typed(text)
        self._add(f"<{name}{kind}{attributes}>{text_of(self._value(told))}")
        for member, one in children:
            self._extension(self._name(member), one)
        self._add(f"</{name}>")


def _as_given(text: str) -> str:
    return text


def _word(words: Vocabulary) -> Callable[[EventWriter, str, Any], None]:
    def write(writer: EventWriter, name: str, value: Any) -> None:
        writer.plain(name, writer.word(value, words))

    return write


def _typed_list(element: str, words: Vocabulary) -> Callable[[EventWriter, str, Any], None]:
    def write(writer: EventWriter, name: str, value: Any) -> None:
        writer.typed_list(name, value, element, words)

    return write


_ID: Final = frozenset(("id",))
_SENSOR: Final = frozenset(("sensorMetadata", "sensorReport"))
_DECLARED: Final = frozenset(("declarationTime", "reason", "correctiveEventIDs"))
_TIMES: Final = frozenset(("time", "startTime", "endTime"))
_NOT_WRITTEN: Final = frozenset(("type", "@context"))
_WORDS: Final = {
    "type": vocabulary.MEASUREMENT,
    "exception": vocabulary.ALERT,
    "component": vocabulary.COMPONENT,
}
_FIELDS: Final[Mapping[str, Callable[[EventWriter, str, Any], None]]] = {
    **dict.fromkeys(("eventTime", "recordTime"), EventWriter.time),
    **dict.fromkeys(("eventTimeZoneOffset", "eventID", "action", "transformationID"), EventWriter.plain),
    "parentID": EventWriter.uri,
    **dict.fromkeys(("epcList", "childEPCs", "inputEPCList", "outputEPCList"), EventWriter.epcs),
    **dict.fromkeys(
        ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), EventWriter.quantities
    ),
    **dict.fromkeys(("readPoint", "bizLocation"), EventWriter.place),
    "errorDeclaration": EventWriter.declaration,
    "certificationInfo": EventWriter.certificate,
    "bizStep": _word(vocabulary.STEP),
    "disposition": _word(vocabulary.DISPOSITION),
    "bizTransactionList": _typed_list("bizTransaction", vocabulary.TRANSACTION),
    "sourceList": _typed_list("source", vocabulary.PARTY),
    "destinationList": _typed_list("destination", vocabulary.PARTY),
    "sensorElementList": EventWriter.sensors,
    "persistentDisposition": EventWriter.persistent,
    "ilmd": EventWriter.ilmd,
}
_ALL: Final = tuple(dict.fromkeys(name for order in ORDERS.values() for name in order))
