"""Namespaces of EPCIS in XML, and JSON names as XML names.

Source: EPCIS 2.0 section 9.5, XML 1.0 section 2.3 and appendix B of its fourth edition, Namespaces in XML 1.0.
"""

from __future__ import annotations

import re
from typing import Final

EPCIS: Final = "urn:epcglobal:epcis:xsd:2"
QUERY: Final = "urn:epcglobal:epcis-query:xsd:2"
MASTER_DATA: Final = "urn:epcglobal:epcis-masterdata:xsd:2"
EPCIS_1: Final = "urn:epcglobal:epcis:xsd:1"
QUERY_1: Final = "urn:epcglobal:epcis-query:xsd:1"
MASTER_DATA_1: Final = "urn:epcglobal:epcis-masterdata:xsd:1"
SBDH: Final = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
XSD: Final = "http://www.w3.org/2001/XMLSchema"
XML: Final = "http://www.w3.org/XML/1998/namespace"
XINCLUDE: Final = ("http://www.w3.org/2001/XInclude", "http://www.w3.org/2003/XInclude")
STEMMA: Final = "urn:stemma:ns:1:"
"""Ours, for what XML has no place for: certificates after the first, and the attribute `list` of a list in a list."""
OWN: Final = frozenset((EPCIS, QUERY, MASTER_DATA, EPCIS_1, QUERY_1, MASTER_DATA_1))
"""EPCIS's own namespaces: their elements are EPCIS fields, never extensions."""
STRUCTURAL: Final = OWN | {SBDH, XSI, XSD, "urn:epcglobal:xsd:1", "urn:epcglobal:xsd:2"}
"""Namespaces that bind the document's own parts; values and extensions are not read by them."""

_START: Final = (
    r"A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u0131\u014A-\u017E\u0180-\u01C3\u03A3-\u03CE\u040E-\u044F\u045E-\u0481"
    r"\u05D0-\u05EA\u0621-\u063A\u0905-\u0939\u0E01-\u0E2E\u1E00-\u1E9B\u1EA0-\u1EF9\u3041-\u3094\u30A1-\u30FA\u4E00-\u9FA5"
    r"\uAC00-\uD7A3"
)
"""Of what XML 1.0 takes, what its fourth edition took too, by which expat and many a partner's parser read."""
_REST: Final = _START + r"0-9.\-\u00B7"
_NAME: Final = re.compile(rf"[{_START}][{_REST}]*")
_FIRST: Final = re.compile(rf"[{_START}]")
_LATER: Final = re.compile(rf"[{_REST}]")
WRAPPERS: Final = frozenset(("extension", "baseExtension"))
"""Elements without a namespace in which EPCIS 1.x wraps later fields; they are looked through."""
_MEANT: Final = "_x_"
"""Before a name that would not be read as it is: one of no character, of a URI that ends with `#`, or of a wrapper."""
_AFTER_IT: Final = rf"x_(?:{'|'.join(sorted(WRAPPERS))})?\Z"
_LOOKS_ESCAPED: Final = re.compile(rf"_(?=x[0-9A-F]{{4,6}}_)|\A_(?={_AFTER_IT})")
_ESCAPED: Final = re.compile(rf"_x005F_(?=x[0-9A-F]{{4,6}}_)|\A_x005F_(?={_AFTER_IT})|_x([0-9A-F]{{4,6}})_")


def is_name(text: str) -> bool:
    """True for a name without colon that XML is written with as it is."""
    return _NAME.fullmatch(text) is not None


def written_name(text: str) -> str:
    """A JSON name as an XML name: characters that XML has no place for as `_xHHHH_`.

    An underscore that would begin such an escape is escaped itself (ISO/IEC 9075-14 section 5.1).
    """
    text = _LOOKS_ESCAPED.sub("_x005F_", text)
    if is_name(text):
        return text
    parts = [one if (_LATER if at else _FIRST).fullmatch(one) else f"_x{ord(one):04X}_" for at, one in enumerate(text)]
    return "".join(parts) or _MEANT


def written_bare_name(text: str) -> str:
    """The same for a name without a namespace."""
    return _MEANT + text if text in WRAPPERS else written_name(text)


def read_name(text: str) -> str:
    """The JSON name of an XML name: undoes `written_name`, and leaves what needed no escape."""
    if "_x" not in text:
        return text
    meant = text.removeprefix(_MEANT)
    if meant != text and (not meant or meant in WRAPPERS):
        return meant

    def plain(found: re.Match[str]) -> str:
        if found[1] is None:
            return "_"
        code = int(found[1], 16)
        one = chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else found[0]
        needed = not (_LATER if found.start() else _FIRST).fullmatch(one)
        return one if needed and len(one) == 1 else found[0]

    return _ESCAPED.sub(plain, text)
