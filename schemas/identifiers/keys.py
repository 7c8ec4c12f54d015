"""Canonical keys of trace.md section 1: what kinds of objects there are, and how their keys are put together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import unquote

from schemas.identifiers import rules

HOST: Final = "https://id.gs1.org/"
_GS1_PRODUCT: Final = HOST + "01/"
_PARTS: Final = re.compile(r"[/:#]")


class Kind(StrEnum):
    """What a key names. `OTHER` is every private, opaque or unlisted URI."""

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
    """One object by its canonical key.

    `product` is the class key of an item, a lot or the product itself. `lot` is the lot that the spelling names: a
    lot's own key, or that of an item's lot where one Digital Link gives both (R2). `warning` says why a GS1 form was
    kept as an opaque name.
    """

    key: str
    kind: Kind
    product: str | None = None
    lot: str | None = None
    warning: str | None = None


def gs1_product(gtin14: str) -> Identifier:
    key = _GS1_PRODUCT + gtin14
    return Identifier(key, Kind.PRODUCT, key)


def lot_key(product_key: str, lot_text: str) -> str:
    """Key of the lot `lot_text` (plain text, as in `ilmd`: encoded, never decoded) of a product, GS1's or in-house.

    Makes a key even of a lot that breaks GS1's rules (trace.md section 1); an empty text is the caller's to refuse.
    """
    return f"{product_key}/{'10' if product_key.startswith(_GS1_PRODUCT) else 'lot'}/{rules.encoded(lot_text)}"


def item_key(product_key: str, serial: str) -> str:
    """Key of the item with `serial` (plain text) of a product, GS1's or in-house."""
    return f"{product_key}/{'21' if product_key.startswith(_GS1_PRODUCT) else 'serial'}/{rules.encoded(serial)}"


def product_of(key: str, kind: Kind) -> str | None:
    """Class key of an item, a lot or the product itself, from its canonical key alone."""
    if kind is Kind.PRODUCT:
        return key
    return key.rsplit("/", 2)[0] if kind in (Kind.ITEM, Kind.LOT) else None


def short_numbers(key: str) -> tuple[str, ...]:
    """What a person would type for the object, its own number first, then those that contain it.

    An item gives its serial and GTIN, a lot its lot number and GTIN, all un-escaped (and as escaped where that
    differs); a GTIN stands with 14 digits and as its label shows it (13, 12 or 8).
    """
    parts = key[len(HOST) :].split("/") if key.startswith(HOST) else []
    if len(parts) >= 2 and parts[0] == "01" and rules.is_digits(parts[1]):
        return _spellings(parts[3:4]) + _gtins(parts[1])
    if len(parts) >= 2 and parts[0] == "414":
        return _spellings([parts[1], *parts[3:4]])
    if len(parts) >= 2 and parts[0] == "8003":
        return _spellings([parts[1], parts[1][14:]])
    if len(parts) >= 2:
        return _spellings(parts[1:2])
    tail = _PARTS.split(key.rstrip("/"))
    in_house = len(tail) >= 4 and tail[-4] == "product" and tail[-2] in ("lot", "serial")
    return _spellings([tail[-1], *([tail[-3]] if in_house else [])])


def _spellings(parts: list[str]) -> tuple[str, ...]:
    found = [spelling for part in parts for spelling in (unquote(part), part) if spelling]
    return tuple(dict.fromkeys(found))


def _gtins(gtin14: str) -> tuple[str, ...]:
    digits = gtin14.lstrip("0")
    width = next((width for width in (8, 12, 13, 14) if len(digits) <= width), 14)
    return tuple(dict.fromkeys((gtin14, digits.zfill(width), digits.zfill(13) if width < 13 else gtin14)))
