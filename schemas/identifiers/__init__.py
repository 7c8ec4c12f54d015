"""Identifiers of objects, places and parties in every spelling, and the one canonical key of each.

`identify` reads what documents hold, `identify_strict` what a scanner or a form sends. No I/O, no settings; the
in-house `base` is passed in. Source: trace.md section 1.
"""

from schemas.identifiers.identify import class_key, identify, identify_parts, identify_strict, refusal
from schemas.identifiers.keys import Identifier, Kind, item_key, lot_key, product_of, short_numbers
from schemas.identifiers.rules import check_digit

__all__ = [
    "Identifier",
    "Kind",
    "check_digit",
    "class_key",
    "identify",
    "identify_parts",
    "identify_strict",
    "item_key",
    "lot_key",
    "product_of",
    "refusal",
    "short_numbers",
]
