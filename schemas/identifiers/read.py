"""Reading a spelling: leniently for documents, strictly for scans and forms (trace.md section 1)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from schemas.errors import BadIdentifier, FieldError
from schemas.identifiers.elements import is_element_string, pairs_of
from schemas.identifiers.epc import of_urn
from schemas.identifiers.link import of_in_house, of_link, of_pairs
from schemas.identifiers.model import BrokenError, Identifier, Kind

_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")
_LONGEST: Final = 1024


@lru_cache(maxsize=262_144)
def identify(text: str, base: str | None = None) -> Identifier:
    """The identifier of a text as a document has it. Never fails: what breaks its rules is opaque, with a warning."""
    try:
        found = _read(text, base)
    except BrokenError as error:
        return Identifier(text, Kind.OTHER, warning=f"kept as an opaque URI; expected {error.fix}")
    return found or Identifier(text, Kind.OTHER)


def identify_strict(text: str, base: str | None = None, field: str = "id") -> Identifier:
    """The identifier of a scan or of what a person typed.

    Errors: `BadIdentifier` naming what is expected (the check digit, a length, another spelling of a bare number).
    """
    given = text.strip(" \t\r\n")
    try:
        if not given:
            raise BrokenError("an identifier, not an empty text")
        if len(given) > _LONGEST:
            raise BrokenError(f"an identifier of at most {_LONGEST} characters")
        if given.isdigit():
            raise BrokenError('{"product": …, "lot": …} or {"product": …, "serial": …}; a bare number names nothing')
        found = of_pairs(pairs_of(given)) if is_element_string(given) else _read(given, base)
        if found is None and not _URI.fullmatch(given):
            raise BrokenError("a GS1 Digital Link, EPC URN, element string as (01)…(10)…, or a URI of your own")
    except BrokenError as error:
        raise BadIdentifier(
            f"{field}: expected {error.fix}", errors=[FieldError(field, text[:200], f"give {error.fix}")]
        ) from None
    return found or Identifier(given, Kind.OTHER)


def _read(text: str, base: str | None) -> Identifier | None:
    if text.startswith("urn:epc:"):
        return of_urn(text)
    if base is not None and (found := of_in_house(text, base)) is not None:
        return found
    if text[:4].lower() == "http":
        return of_link(text)
    if text.startswith("(") and is_element_string(text):
        return of_pairs(pairs_of(text))
    return None
