"""GS1 Digital Links of any domain, and in-house links, to canonical keys.

Source: GS1 Digital Link URI Syntax 1.2 sections 4 and 5; trace.md section 1.
"""

from __future__ import annotations

import re
from typing import Final

from schemas.identifiers.model import (
    GS1,
    BrokenError,
    Identifier,
    Kind,
    check_digit,
    checked,
    coded,
    decoded,
    encoded,
    gtin14,
)

_LINK: Final = re.compile(r"https?://[^/?#]+(/[^?#]*)", re.IGNORECASE)
_PRIMARY: Final = frozenset({"00", "01", "8003", "8004", "414", "417"})
_LONGEST_IN_HOUSE: Final = 100


def of_link(text: str) -> Identifier | None:
    """The identifier of a Digital Link; None if it is none or has qualifiers unknown here. Errors: `BrokenError`."""
    found = _LINK.match(text)
    if found is None:
        return None
    segments = found[1].strip("/").split("/")
    for at in range(len(segments) - 2, -1, -1):
        if segments[at] in _PRIMARY and (len(segments) - at) % 2 == 0:
            pairs = [(segments[i], decoded(segments[i + 1])) for i in range(at, len(segments), 2)]
            return of_pairs(pairs)
    return None


def of_pairs(pairs: list[tuple[str, str]]) -> Identifier | None:
    """The identifier of (application identifier, plain value) pairs, the primary one first."""
    name, value = pairs[0]
    others = dict(pairs[1:])
    if len(others) != len(pairs) - 1:
        return None
    if name == "01":
        return _trade_item(value, others)
    if name == "414":
        return _location(value, others)
    if others:
        return None
    if name == "00":
        return Identifier(f"{GS1}/00/{checked(value, 18, 'SSCC')}", Kind.LOGISTIC_UNIT)
    if name == "417":
        return Identifier(f"{GS1}/417/{checked(value, 13, 'GLN')}", Kind.PARTY)
    return Identifier(_grai(value) if name == "8003" else _giai(value), Kind.ASSET)


def _trade_item(value: str, others: dict[str, str]) -> Identifier | None:
    others.pop("22", None)
    if others.keys() - {"10", "21"}:
        return None
    product = f"{GS1}/01/{gtin14(value)}"
    lot = f"{product}/10/{coded(others['10'], 'lot')}" if "10" in others else None
    if "21" in others:
        return Identifier(f"{product}/21/{coded(others['21'], 'serial')}", Kind.ITEM, product, lot)
    if lot is not None:
        return Identifier(lot, Kind.LOT, product, lot)
    return Identifier(product, Kind.PRODUCT, product)


def _location(value: str, others: dict[str, str]) -> Identifier | None:
    extension = others.pop("254", "0")
    if others:
        return None
    key = f"{GS1}/414/{checked(value, 13, 'GLN')}"
    return Identifier(key if extension == "0" else f"{key}/254/{coded(extension, 'extension')}", Kind.PLACE)


def _grai(value: str) -> str:
    digits, serial = value[:14], value[14:]
    if len(digits) != 14 or not (digits.isascii() and digits.isdigit()) or digits[0] != "0":
        raise BrokenError("a GRAI of 0, 13 digits and a serial")
    if digits[-1] != check_digit(digits[1:-1]):
        raise BrokenError(f"a GRAI with check digit {check_digit(digits[1:-1])}, not {digits[-1]}")
    return f"{GS1}/8003/{digits}{coded(serial, 'serial', 16)}"


def _giai(value: str) -> str:
    if not (value[:6].isascii() and value[:6].isdigit() and len(value[:6]) == 6):
        raise BrokenError("a GIAI that begins with a company prefix of 6 to 12 digits")
    return f"{GS1}/8004/{coded(value, 'GIAI', 30)}"


def of_in_house(text: str, base: str) -> Identifier | None:
    """The identifier of an in-house link under `base`; None if it is none. Errors: `BrokenError`."""
    root = base.rstrip("/") + "/"
    if not text.startswith(root):
        return None
    segments = text[len(root) :].split("?", 1)[0].split("#", 1)[0].strip("/").split("/")
    if len(segments) % 2 or not segments[0]:
        return None
    names, values = segments[0::2], [_in_house(value) for value in segments[1::2]]
    if names == ["place"] or names == ["party"]:
        return Identifier(f"{root}{names[0]}/{values[0]}", Kind.PLACE if names[0] == "place" else Kind.PARTY)
    if names[0] != "product":
        return None
    product = f"{root}product/{values[0]}"
    if names == ["product"]:
        return Identifier(product, Kind.PRODUCT, product)
    lot = f"{product}/lot/{values[1]}" if names[1:2] == ["lot"] else None
    if names == ["product", "lot"]:
        return Identifier(f"{product}/lot/{values[1]}", Kind.LOT, product, lot)
    if names == ["product", "serial"] or names == ["product", "lot", "serial"]:
        return Identifier(f"{product}/serial/{values[-1]}", Kind.ITEM, product, lot)
    return None


def _in_house(value: str) -> str:
    plain = decoded(value)
    if not 0 < len(plain) <= _LONGEST_IN_HOUSE:
        raise BrokenError(f"in-house names of 1 to {_LONGEST_IN_HOUSE} characters")
    return encoded(plain)
