"""Text of XML as typed values: numbers with every digit, CBV words bare, IRIs as URIs, extensions by `xsi:type`.

Source: XML Schema 1.0 part 2, EPCIS 2.0 section 9.5, CBV 2.0 section 8, epcis.md X1, X4, C12, H3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from schemas.epcis.jsontext import DIGITS
from schemas.epcis.vocabulary import GS1_VOC, Vocabulary
from schemas.epcis.xml.names import STEMMA, XML, XSI
from schemas.epcis.xml.prefixes import Prefixes
from schemas.epcis.xml.tree import Element
from schemas.units import plain

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?")
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_NUMERIC: Final = frozenset(
    (
        *("decimal", "integer", "double", "float", "long", "int", "short", "byte", "nonNegativeInteger"),
        *("positiveInteger", "nonPositiveInteger", "negativeInteger", "unsignedLong", "unsignedInt"),
        *("unsignedShort", "unsignedByte"),
    )
)
_NO_URI: Final = re.compile(r"[^\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]")
_ALLOWED: Final = "!#$%&'()*+,/:;=?@[]~-._"
_TEXT: Final = "#text"
_GS1: Final = (GS1_VOC, "https://www.gs1.org/voc/", "http://gs1.org/voc/", "http://www.gs1.org/voc/")


def number(text: str) -> int | Decimal | None:
    """A number with every digit; None for what is none, for INF and NaN, and over 100 digits written out."""
    if len(text) > 2 * DIGITS or not _NUMBER.fullmatch(text):
        return None
    if _INTEGER.fullmatch(text):
        return int(text) if len(text.lstrip("+-")) <= DIGITS else None
    found = Decimal(text)
    if len(text) <= DIGITS and "e" not in text and "E" not in text:
        return found
    _, digits, exponent = found.as_tuple()
    written = max(len(digits), len(digits) + int(exponent), 1 - int(exponent))
    return found if written <= DIGITS else None


def boolean(text: str) -> bool | None:
    """`true`, `false`, `1`, `0`; None for anything else."""
    return {"true": True, "1": True, "false": False, "0": False}.get(text)


def uri(text: str) -> str:
    """An IRI as XML writes it (`anyURI`) as a URI: trimmed, and what a URI cannot hold percent-encoded."""
    text = text.strip()
    return quote(text, safe=_ALLOWED) if _NO_URI.search(text) else text


def word(text: str, words: Vocabulary, namespaces: Mapping[str, str]) -> str:
    """A CBV word bare, in whatever spelling it came; an unknown one as JSON may write it; a private URI as given."""
    text = text.strip()
    found = words.word(text, namespaces)
    if found in words.words and ":" in text:
        return found
    if words.urn and text.startswith(words.urn):
        return words.web + text[len(words.urn) :]
    for start in _GS1 if words.web == GS1_VOC else ():
        if text.startswith(start):
            return "gs1:" + text[len(start) :]
    return uri(text)


def typed(text: str, kind: str | None) -> Any:
    """Text of an extension by the local name of its `xsi:type`; untyped text stays text, trimmed.

    A hash ID knows no `xsi:type` (H2), so a number is one only where JSON's would hash as this text does: `23`, not
    `23.0`, which stays text with every digit.
    """
    if kind == "string":
        return text
    told = text.strip()
    if kind in _NUMERIC:
        found = number(told)
        return found if found is not None and plain(Decimal(found)) == told else told
    if kind == "boolean" and told in ("true", "false"):
        return told == "true"
    return told


def extension(element: Element, names: Prefixes) -> Any:
    """The value of an extension element: a single value, or its attributes, text (`#text`) and children as members.

    One that our writer marks as a list in a list is the list of its children's values."""
    if element.attribute("list", STEMMA) == "true" and not element.text.strip():
        return [extension(child, names) for child in element.children]
    kind = element.attribute("type", XSI)
    kind = None if kind is None else kind.rpartition(":")[2]
    told = [one for one in element.attributes if one.namespace not in (XSI, XML)]
    if not element.children and not told:
        return None if element.attribute("nil", XSI) in ("true", "1") else typed(element.text, kind)
    members: dict[str, Any] = {names.name(one.namespace, one.name, one.prefix): one.value for one in told}
    if element.text and not element.text.isspace():
        members[_TEXT] = typed(element.text, kind)
    for child in element.children:
        add(members, names.name(child.namespace, child.name, child.prefix), extension(child, names))
    return members


def add(members: dict[str, Any], name: str, value: Any) -> None:
    """Set a member; of a name that comes again, all values make a list, and so does one that is a list itself."""
    if name not in members:
        members[name] = [value] if isinstance(value, list) else value
        return
    there = members[name]
    if isinstance(there, list):
        there.append(value)
    else:
        members[name] = [there, value]
