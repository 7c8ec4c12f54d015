"""What a person pastes or a scanner types, in the ways it may have been meant: for searching, never for recording.

Recording is strict and names the fix; looking for something may try. Source: trace.md section 1; GS1 General
Specifications 7.8 (FNC1), ISO/IEC 15424 (symbology prefixes).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from schemas.identifiers.elements import FNC1, is_bracketed, is_scanned

_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2060\ufeff]")
_SHOWN_FNC1: Final = re.compile(r"\u241d|[<{\[](?:GS|FNC1)[>}\]]|\\x1d|\\u001d|~d029", re.IGNORECASE)
"""How keyboards, editors and scanner set-ups show the separator that they cannot type."""
_LINK: Final = re.compile(r"\][A-Za-z][0-9A-Za-z](https?:.+)", re.IGNORECASE | re.DOTALL)
_ELEMENTS: Final = re.compile(r"01[0-9]{14}|00[0-9]{18}", re.ASCII)
_URI: Final = re.compile(r"https?://|urn:epc:", re.IGNORECASE)
_SYMBOLOGY: Final = "]C1"


def readings(text: str) -> tuple[str, ...]:
    """The text as given, in ordinary width without invisible characters, and as a scan whose symbology prefix or
    separators were lost on the way; the likeliest first, each once."""
    given = text.strip()
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", given)).strip()
    # the sign for the separator (U+241D) has no plain form, so the order of the two does not matter
    scanned = _SHOWN_FNC1.sub(FNC1, plain)
    link = _LINK.fullmatch(scanned)
    if link:
        scanned = link[1]
    elif _ELEMENTS.match(scanned):
        scanned = _SYMBOLOGY + scanned
    return tuple(dict.fromkeys(one for one in (given, plain, scanned) if one.strip()))


def is_code(text: str) -> bool:
    """True for what is meant as a whole identifier: element strings, links and EPC URNs."""
    return is_bracketed(text) or is_scanned(text) or _URI.match(text) is not None
