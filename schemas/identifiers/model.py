"""What an identifier is once read: key, kind, product and lot; and how keys are built. Source: trace.md section 1."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import quote, unquote

GS1: Final = "https://id.gs1.org"
SET_82: Final = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+")
"""GS1 AI encodable character set 82 (GS1 General Specifications, figure 7.11-1)."""


class Kind(StrEnum):
    ITEM = "item"
    LOT = "lot"
    PRODUCT = "product"
    LOGISTIC_UNIT = "logistic_unit"
    ASSET = "asset"
    PLACE = "place"
    PARTY = "party"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Identifier:
    """`key` canonical; `product` the class key of an item, lot or product; `lot` the lot key that a link names beside
    a serial, or a lot's own key; `warning` why a GS1 form was kept as an opaque URI."""

    key: str
    kind: Kind
    product: str | None = None
    lot: str | None = None
    warning: str | None = None


class BrokenError(ValueError):
    """A GS1 form that breaks its rules: `fix` says what is expected."""

    def __init__(self, fix: str) -> None:
        super().__init__(fix)
        self.fix = fix


def check_digit(digits: str) -> str:
    """The GS1 check digit of the digits before it (General Specifications 7.9)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def encoded(text: str) -> str:
    """Percent-encoded, all but unreserved characters, upper-case hex."""
    return quote(text, safe="")


def decoded(text: str) -> str:
    """Percent-decoded UTF-8. Errors: `BrokenError`."""
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise BrokenError("percent-encoding that is valid UTF-8") from None


def coded(text: str, what: str, longest: int = 20) -> str:
    """A serial, lot or extension held to GS1's rules and encoded. Errors: `BrokenError`."""
    if not 0 < len(text) <= longest:
        raise BrokenError(f"a {what} of 1 to {longest} characters, not {len(text)}")
    if not SET_82.fullmatch(text):
        wrong = next(letter for letter in text if not SET_82.fullmatch(letter))
        raise BrokenError(f"a {what} of GS1's 82 characters (ASCII letters, digits, marks), without {wrong!r}")
    return encoded(text)


def checked(digits: str, length: int, what: str) -> str:
    """Digits of a fixed length with a right check digit. Errors: `BrokenError` with the digit expected."""
    if not (digits.isascii() and digits.isdigit()) or len(digits) != length:
        raise BrokenError(f"a {what} of {length} digits")
    expected = check_digit(digits[:-1])
    if digits[-1] != expected:
        raise BrokenError(f"a {what} with check digit {expected}, not {digits[-1]}")
    return digits


def gtin14(digits: str) -> str:
    """A GTIN-8, -12, -13 or -14 as 14 digits."""
    if len(digits) in (8, 12, 13):
        digits = digits.rjust(14, "0")
    return checked(digits, 14, "GTIN")


def class_key(product: str, base: str | None = None) -> str:
    """The class key of a GTIN in any length, or of an in-house product code under `base`.

    Errors: `BrokenError` when the text is neither."""
    if product.isascii() and product.isdigit() and len(product) in (8, 12, 13, 14):
        return f"{GS1}/01/{gtin14(product)}"
    if base is None:
        raise BrokenError("a GTIN of 8, 12, 13 or 14 digits (in-house codes need the setting STEMMA_BASE)")
    if not product or len(product) > 100:
        raise BrokenError("a product code of 1 to 100 characters")
    return f"{base.rstrip('/')}/product/{encoded(product)}"


def is_in_house(key: str) -> bool:
    return not key.startswith(GS1)


def lot_key(product: str, lot: str) -> str:
    """The lot of a product class; `lot` is plain text, encoded and never decoded, even if it breaks GS1's rules."""
    return f"{product}/{'lot' if is_in_house(product) else '10'}/{encoded(lot)}"


def item_key(product: str, serial: str) -> str:
    """The item of a product class by its plain serial."""
    return f"{product}/{'serial' if is_in_house(product) else '21'}/{encoded(serial)}"


def short_numbers(key: str) -> tuple[str, ...]:
    """What a person would type for a key: its serial, lot, SSCC, GTIN without leading zeros and so on, as plain text."""
    if not key.startswith(("http://", "https://")):
        return (key.rsplit(":", 1)[-1],) if ":" in key else (key,)
    parts = key.split("/")[3:]
    values = [unquote(part) for part in parts[1::2]] if not is_in_house(key) else [unquote(parts[-1])] if parts else []
    found: list[str] = []
    for value in values[-1:] + ([] if len(values) > 1 else values):
        found.append(value)
        if value.isdigit() and value.startswith("0") and len(value) in (14, 13, 18):
            found.append(value.lstrip("0"))
    return tuple(dict.fromkeys(value for value in found if value))
