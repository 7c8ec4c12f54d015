"""Identifiers: every spelling of an object, place or party, and the one canonical key of each (trace.md section 1)."""

from schemas.identifiers.model import Identifier, Kind, check_digit, class_key, item_key, lot_key, short_numbers
from schemas.identifiers.read import identify, identify_strict

__all__ = [
    "Identifier",
    "Kind",
    "check_digit",
    "class_key",
    "identify",
    "identify_strict",
    "item_key",
    "lot_key",
    "short_numbers",
]
