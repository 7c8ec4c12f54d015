"""GS1 element strings, bracketed or raw with FNC1, to (application identifier, value) pairs.

Source: GS1 General Specifications sections 3 and 7.8 (element strings, FNC1, predefined lengths).
"""

from __future__ import annotations

import re
from typing import Final

from schemas.identifiers.model import BrokenError

GROUP_SEPARATOR: Final = "\x1d"
_SYMBOLOGY: Final = re.compile(r"\](?:C1|d2|Q3|e0|J1)")
_BRACKETED: Final = re.compile(r"\((\d{2,4})\)([^(]*(?:\((?!\d{2,4}\))[^(]*)*)")
_FIXED: Final = {
    "00": 18,
    **dict.fromkeys(("01", "02", "03"), 14),
    "04": 16,
    **dict.fromkeys(("11", "12", "13", "14", "15", "16", "17", "18", "19"), 6),
    "20": 2,
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), 6),
    "41": 13,
}
"""Length of the value, by the first two digits of the AI, where no FNC1 has to follow."""
_AI_LENGTH: Final = {
    **dict.fromkeys(("31", "32", "33", "34", "35", "36", "39", "43", "70", "72", "80", "81", "82"), 4),
    **dict.fromkeys(("23", "24", "25", "40", "41", "42", "71"), 3),
}
_QUALIFIERS: Final = {"01": ("10", "21"), "414": ("254",)}


def is_element_string(text: str) -> bool:
    """True for bracketed element strings and for raw ones that a scanner marked (symbology prefix or FNC1)."""
    return bool(_BRACKETED.match(text) or _SYMBOLOGY.match(text) or GROUP_SEPARATOR in text)


def pairs_of(text: str) -> list[tuple[str, str]]:
    """The pairs that identify: the primary one first, then its qualifiers. Attributes (dates, weights) are dropped.

    Errors: `BrokenError` when the text cannot be read or identifies nothing.
    """
    found = _bracketed(text) if text.startswith("(") else _raw(text)
    values = dict(found)
    for primary in _PRIMARY:
        if primary in values:
            qualifiers = _QUALIFIERS.get(primary, ())
            return [(primary, values[primary]), *((name, values[name]) for name in qualifiers if name in values)]
    raise BrokenError("an element string that holds (01), (00), (414), (417), (8003) or (8004)")


def _bracketed(text: str) -> list[tuple[str, str]]:
    found = [(match[1], match[2]) for match in _BRACKETED.finditer(text)]
    if "".join(f"({name}){value}" for name, value in found) != text:
        raise BrokenError("an element string as (01)09506000000015(10)A1")
    return found


def _raw(text: str) -> list[tuple[str, str]]:
    rest = _SYMBOLOGY.sub("", text, count=1).lstrip(GROUP_SEPARATOR)
    found: list[tuple[str, str]] = []
    while rest:
        size = 3 if rest[:2] in _THREE else 4 if rest[:2] in _FOUR else 2
        name, rest = rest[:size], rest[size:]
        if len(name) < size or not (name.isascii() and name.isdigit()):
            raise BrokenError(
                "an element string of application identifiers and values, FNC1 after those of open length"
            )
        length = _FIXED.get(name[:2])
        if length is None:
            value, _, rest = rest.partition(GROUP_SEPARATOR)
        else:
            value, rest = rest[:length], rest[length:].removeprefix(GROUP_SEPARATOR)
            if len(value) < length:
                raise BrokenError(f"{length} characters after ({name})")
        found.append((name, value))
    return found
