"""GS1 element strings: what a scanner sends (with FNC1) and what is printed below a bar code (in brackets).

Only what names an object counts: dates, weights and counts beside it are attributes and are passed over.
Source: GS1 General Specifications 3.2 (AIs), 5.10 and 7.8 (FNC1, fixed lengths), ISO/IEC 15424 (symbology prefixes).
"""

from __future__ import annotations

import re
from typing import Final

from schemas.identifiers.keys import Identifier
from schemas.identifiers.links import PRIMARY, Pairs, from_pairs
from schemas.identifiers.rules import RuleBroken
from schemas.sentences import say

FNC1: Final = "\x1d"
_SYMBOLOGIES: Final = ("]C1", "]e0", "]d2", "]Q3", "]J1")
_BRACKETED: Final = re.compile(r"\(([0-9]{2,4})\)")
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
_QUALIFIERS: Final = {"01": ("22", "10", "21", "235"), "414": ("254",)}
_SECONDARY: Final = ("414", "417")
"""Primary identifiers that beside another one say where or whose it is."""


def is_bracketed(text: str) -> bool:
    return text[:1] == "(" and _BRACKETED.match(text) is not None


def is_scanned(text: str) -> bool:
    return FNC1 in text or text.startswith(_SYMBOLOGIES)


def from_bracketed(text: str) -> Identifier:
    """The object of `(01)…(21)…`. Errors: `RuleBroken`."""
    parts = _BRACKETED.split(text)
    return _object([(ai, value.strip()) for ai, value in zip(parts[1::2], parts[2::2], strict=True)])


def from_scanned(text: str) -> Identifier:
    """The object of an element string as scanned, FNC1 as GS (0x1D). Errors: `RuleBroken`."""
    rest = text[3:] if text.startswith(_SYMBOLOGIES) else text
    pairs: Pairs = []
    while rest := rest.lstrip(FNC1):
        ai = rest[: _AI_LENGTH.get(rest[:2], 2)]
        if not re.fullmatch(r"[0-9]{2,4}", ai):
            raise RuleBroken(say("the scan has {ai} where an application identifier is expected", ai=f"{ai!r}"))
        value = _value(ai, rest[len(ai) :])
        pairs.append((ai, value))
        rest = rest[len(ai) + len(value) :]
    return _object(pairs)


def _value(ai: str, rest: str) -> str:
    """The value at the start of `rest`: of fixed length, or up to the next FNC1."""
    value = rest.partition(FNC1)[0]
    length = _FIXED.get(ai[:2])
    if length is None:
        return value
    if len(value) < length:
        raise RuleBroken(
            say("({ai}) must have {length} digits, the scan has {value}", ai=ai, length=length, value=f"{value!r}")
        )
    return value[:length]


def _object(pairs: Pairs) -> Identifier:
    """The one object among the elements."""
    named = [pair for pair in pairs if pair[0] in PRIMARY]
    sure = [pair for pair in named if pair[0] not in _SECONDARY] or named
    if not sure:
        raise RuleBroken("it names no object: one of (00), (01), (414), (417), (8003), (8004) is expected")
    if len(sure) > 1:
        raise RuleBroken(
            say("it names more than one object: {known}", known=", ".join((f"({ai}){value}" for ai, value in sure)))
        )
    qualifiers = [pair for pair in pairs if pair[0] in _QUALIFIERS.get(sure[0][0], ())]
    found = from_pairs([sure[0], *qualifiers])
    if found is None:
        shown = "".join(f"({ai})" for ai, _ in [sure[0], *qualifiers])
        raise RuleBroken(say("{shown} names no kind of object that can be traced", shown=shown))
    return found
