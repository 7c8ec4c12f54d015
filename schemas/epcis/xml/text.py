"""Single values as XML text: escapes, times, numbers, types of extensions, and the prefixes that a document declares.

Source: XML 1.0 sections 2.2 and 2.4, XML Schema 1.0 part 2, EPCIS 2.0 section 9.5, epcis.md X1, X3.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from schemas.epcis.context import EPCIS_TERMS
from schemas.epcis.xml.names import STRUCTURAL
from schemas.errors import BadInput
from schemas.times import Instant
from schemas.units import plain

_TIME: Final = re.compile(
    r"[0-9]{4}-(?:1[0-2]|0[1-9])-(?:3[01]|0[1-9]|[12][0-9])T(?:2[0-3]|[01][0-9]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
)
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TEXT_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_ATTRIBUTE_ESCAPES: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
)
_RESERVED: Final = frozenset(("xml", "xmlns", "xsi", "xsd", "epcis", "epcisq", "epcismd"))
_FIXED: Final = frozenset(("cbv", "gs1", "epcis"))
_PREFIX: Final = re.compile(r"(?![Xx][Mm][Ll])[A-Za-z_][A-Za-z0-9_.-]*")


def text_of(value: str) -> str:
    """Text as character data; what XML 1.0 cannot hold becomes U+FFFD."""
    return _NOT_XML.sub("\ufffd", value).translate(_TEXT_ESCAPES)


def attribute_of(value: str) -> str:
    """Text as the value of an attribute in double quotes."""
    return _NOT_XML.sub("\ufffd", value).translate(_ATTRIBUTE_ESCAPES)


def time_of(value: str) -> str:
    """An RFC 3339 time as the XML schema's DateTimeStamp: in its offset where that has a place, else in UTC."""
    if _TIME.fullmatch(value):
        return value
    told = value.replace("t", "T").replace("z", "Z")
    if _TIME.fullmatch(told):
        return told
    try:
        return Instant.parse(value).text()
    except BadInput:
        return value


class Declared:
    """The prefixes that one event's element declares, so that no event reads a prefix of another."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._bound: dict[str, str] = {}

    def prefix(self, namespace: str, wanted: str) -> str:
        """The prefix of a namespace in names: the one wanted if it is free, else another."""
        known = self._names.get(namespace)
        if known is None:
            known, number = wanted, 1
            while not self._free(known, namespace):
                known = f"ns{number}"
                number += 1
            self._bound[known] = namespace
            self._names[namespace] = known
        return known

    def bind(self, prefix: str, namespace: str) -> bool:
        """Bind a prefix that values are read by; False if it cannot be bound here or stands for another namespace."""
        if prefix in EPCIS_TERMS or prefix in _FIXED or namespace in STRUCTURAL or not self._free(prefix, namespace):
            return False
        self._bound[prefix] = namespace
        return True

    def _free(self, prefix: str, namespace: str) -> bool:
        if prefix in _RESERVED or not _PREFIX.fullmatch(prefix):
            return False
        return self._bound.get(prefix, namespace) == namespace

    def attributes(self) -> str:
        """Declarations for a start tag, a space before each."""
        told = sorted(self._bound.items())
        return "".join(f' xmlns:{prefix}="{attribute_of(uri)}"' for prefix, uri in told)


def decimal(value: Any) -> str:
    """A number as xsd:decimal, with every digit."""
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def typed(value: Any) -> tuple[str, str]:
    """An extension's single value: its `xsi:type` as an attribute where it is no plain text, and its text.

    Numbers stand without trailing zeros, as their hash has them: XML's text would keep them.
    """
    if value is None:
        return ' xsi:nil="true"', ""
    if isinstance(value, bool):
        return ' xsi:type="xsd:boolean"', scalar(value)
    if isinstance(value, int):
        return ' xsi:type="xsd:integer"', str(value)
    if isinstance(value, Decimal):
        return ' xsi:type="xsd:decimal"', plain(value)
    text = str(value)
    return (' xsi:type="xsd:string"', text) if text != text.strip() else ("", text)


def json_text(value: Any) -> str:
    """Decoded JSON as text again, decimals with every digit."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json_text(name)}:{json_text(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(json_text(one) for one in value) + "]"
    if isinstance(value, str):
        return _quoted(value)
    return "null" if value is None else scalar(value)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\ufffe\uffff]", lambda one: f"\\u{ord(one[0]):04x}", escaped) + '"'
