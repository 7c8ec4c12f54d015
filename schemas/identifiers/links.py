"""Digital Links of any domain, and the in-house links of a plant without a GS1 prefix.

Both end in the same step: a primary identifier and its qualifiers, by application identifier, become an object.
Source: GS1 Digital Link URI Syntax 1.3 (numeric application identifiers); trace.md section 1.
"""

from __future__ import annotations

import re
from typing import Final

from schemas.identifiers import rules
from schemas.identifiers.keys import HOST, Identifier, Kind, gs1_product, item_key, lot_key
from schemas.identifiers.rules import RuleBroken
from schemas.sentences import say

_LINK: Final = re.compile(r"https?://[^/?#]+/([^?#]*)", re.IGNORECASE)
_KEY: Final = re.compile(r"https://id\.gs1\.org/01/([0-9]{14})(?:/(10|21)/[A-Za-z0-9_.-]{1,20})?")
"""Classes, lots and items in their canonical form, as most systems send them; read at once."""
_AI: Final = re.compile(r"[0-9]{2,4}")
PRIMARY: Final = frozenset(
    ("00", "01", "253", "255", "401", "402", "414", "417", "8003", "8004", "8006", "8010", "8013", "8017", "8018")
)
"""Application identifiers that name something by themselves."""
_QUALIFIERS: Final = {"01": ("22", "10", "21"), "414": ("254",)}
_NAMES: Final = {"10": "the lot", "21": "the serial", "254": "the extension"}

Pairs = list[tuple[str, str]]


def from_link(text: str) -> Identifier | None:
    """The object of a Digital Link, None for a URI that is none or has an unknown qualifier. Errors: `RuleBroken`."""
    match = _KEY.fullmatch(text)
    if match is not None:
        # Nothing to decode and nothing in another place: the text is its own key.
        product = HOST + "01/" + rules.gtin(match[1])
        if match[2] is None:
            return Identifier(product, Kind.PRODUCT, product)
        return Identifier(text, Kind.LOT, product, text) if match[2] == "10" else Identifier(text, Kind.ITEM, product)
    match = _LINK.match(text)
    if match is None:
        return None
    segments = match[1].split("/")
    if not segments[-1]:
        segments.pop()
    pairs = _pairs(segments)
    if pairs is None:
        return _dangling(segments)
    return from_pairs([(ai, rules.decoded(value, _NAMES.get(ai, f"({ai})"))) for ai, value in pairs])


def _pairs(segments: list[str]) -> Pairs | None:
    """The last primary identifier followed by whole pairs to the end, with its pairs."""
    for at in range(len(segments) - 2, -1, -2):
        ai = segments[at]
        if ai in PRIMARY:
            return list(zip(segments[at::2], segments[at + 1 :: 2], strict=True))
        if not _AI.fullmatch(ai):
            return None
    return None


def _dangling(segments: list[str]) -> Identifier | None:
    """A link that ends in a qualifier without value is a GS1 form with an empty part, not a private URI."""
    pairs = _pairs([*segments, ""])
    if pairs is not None and len(pairs) > 1 and pairs[-1][0] in _QUALIFIERS.get(pairs[0][0], ()):
        return from_pairs(pairs)
    return None


def from_pairs(pairs: Pairs) -> Identifier | None:
    """The object of a primary identifier and its qualifiers (plain text); None if a qualifier or key is not listed.

    Errors: `RuleBroken`.
    """
    primary, value = pairs[0]
    qualifiers = dict(pairs[1:])
    if len(qualifiers) != len(pairs) - 1 or not qualifiers.keys() <= set(_QUALIFIERS.get(primary, ())):
        return None
    match primary:
        case "01":
            return _trade_item(value, qualifiers.get("10"), qualifiers.get("21"))
        case "414":
            return _place(value, qualifiers.get("254", "0"))
        case "00":
            return Identifier(f"{HOST}00/{rules.sscc(value)}", Kind.LOGISTIC_UNIT)
        case "417":
            return Identifier(f"{HOST}417/{rules.gln(value)}", Kind.PARTY)
        case "8003":
            return Identifier(f"{HOST}8003/{rules.encoded(rules.grai(value))}", Kind.ASSET)
        case "8004":
            return Identifier(f"{HOST}8004/{rules.encoded(rules.giai(value))}", Kind.ASSET)
    return None


def _trade_item(value: str, lot: str | None, serial: str | None) -> Identifier:
    product = gs1_product(rules.gtin(value))
    its_lot = None
    if lot is not None:
        its_lot = lot_key(product.key, rules.characters(lot, rules.SERIAL_LENGTH, _NAMES["10"]))
    if serial is not None:
        rules.characters(serial, rules.SERIAL_LENGTH, _NAMES["21"])
        return Identifier(item_key(product.key, serial), Kind.ITEM, product.key, its_lot)
    return product if its_lot is None else Identifier(its_lot, Kind.LOT, product.key, its_lot)


def _place(value: str, extension: str) -> Identifier:
    key = f"{HOST}414/{rules.gln(value)}"
    if extension != "0":
        key += f"/254/{rules.encoded(rules.characters(extension, rules.SERIAL_LENGTH, _NAMES['254']))}"
    return Identifier(key, Kind.PLACE)


def lot_as_keyed(text: str) -> Identifier | None:
    """The lot of a key as `lot_key` makes it of an `ilmd` lot number that breaks GS1's rules.

    Such a key is the same text as the opaque name of the link, hence one object, and it is a lot.
    """
    head, middle, tail = text.rpartition("/10/")
    if not middle or not tail or "/" in tail or not head.startswith(HOST + "01/"):
        return None
    try:
        product = gs1_product(rules.gtin(head[len(HOST) + 3 :]))
        lot = rules.decoded(tail, _NAMES["10"])
    except RuleBroken:
        return None
    if product.key != head or rules.encoded(lot) != tail:
        return None
    return Identifier(text, Kind.LOT, product.key, text)


def from_in_house(text: str, base: str) -> Identifier | None:
    """The object of a link under `base`, None if it is none of the in-house forms. Errors: `RuleBroken`."""
    base = base.rstrip("/")
    if not text.startswith(base + "/"):
        return None
    parts = re.split(r"[?#]", text[len(base) + 1 :], maxsplit=1)[0].split("/")
    if len(parts) in (3, 5) and not parts[-1]:
        parts.pop()
    match parts:
        case ["product", name]:
            key = f"{base}/product/{_part(name, 'the product')}"
            return Identifier(key, Kind.PRODUCT, key)
        case ["product", name, "lot", lot]:
            product = f"{base}/product/{_part(name, 'the product')}"
            key = f"{product}/lot/{_part(lot, 'the lot')}"
            return Identifier(key, Kind.LOT, product, key)
        case ["product", name, "serial", serial]:
            product = f"{base}/product/{_part(name, 'the product')}"
            return Identifier(f"{product}/serial/{_part(serial, 'the serial')}", Kind.ITEM, product)
        case ["place", name]:
            return Identifier(f"{base}/place/{_part(name, 'the place')}", Kind.PLACE)
        case ["party", name]:
            return Identifier(f"{base}/party/{_part(name, 'the party')}", Kind.PARTY)
    return None


def _part(text: str, what: str) -> str:
    plain = rules.decoded(text, what)
    if not plain:
        raise RuleBroken(say("{what} is empty", what=what))
    return rules.encoded(plain)
