"""From any spelling to the one canonical key: lenient for documents, strict for scans and forms.

Source: trace.md section 1. Both readings share one parser; they differ in what a broken rule does.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from schemas.errors import BadIdentifier, FieldError, told_by
from schemas.identifiers import elements, epc, links, rules
from schemas.identifiers.keys import HOST, Identifier, Kind, gs1_product, item_key, lot_key
from schemas.identifiers.rules import RuleBroken
from schemas.sentences import say

MOST_CHARACTERS: Final = 2048
"""Of an identifier in a scan or form; documents have the bounds of their reader."""
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s\x00-\x1f\x7f]+")
_WRITE: Final = 'write {"product": "…", "lot": "…"} or {"product": "…", "serial": "…"}, or the whole identifier'


@lru_cache(maxsize=65536)
def identify(text: str, base: str | None = None) -> Identifier:
    """The object of any spelling, as documents have it. Never raises for a string.

    What breaks a GS1 rule is kept as an opaque name, with `warning`. `base` is the setting for in-house identifiers.
    """
    try:
        found = _read(text, base)
    except RuleBroken as broken:
        kept = links.lot_as_keyed(text) or Identifier(text, Kind.OTHER)
        return Identifier(
            kept.key, kept.kind, kept.product, kept.lot, say("{reason}; kept as an opaque name", reason=broken)
        )
    return found or Identifier(text, Kind.OTHER)


def identify_strict(text: str, base: str | None = None, field: str = "id") -> Identifier:
    """The object of a scan or a form's field. Errors: `BadIdentifier` on `field`, naming what is expected.

    Refused: a broken GS1 rule, a bare number, what is no URI, nothing at all, more than 2,048 characters.
    """
    given = text.strip(" \t\r\n")
    if not given:
        raise refusal(field, text, say("the identifier is empty; {fix}", fix=_WRITE))
    if len(given) > MOST_CHARACTERS:
        raise refusal(
            field,
            text,
            say("the identifier has more than {most} characters", most=MOST_CHARACTERS),
        )
    if rules.half_width(given).isdigit():
        raise refusal(field, text, _bare_number(given))
    try:
        found = _read(given, base)
    except RuleBroken as broken:
        raise refusal(field, text, str(broken)) from None
    if found is None and not _URI.fullmatch(given):
        raise refusal(field, text, _no_uri(given))
    return found or Identifier(given, Kind.OTHER)


def class_key(product_text: str, base: str | None = None, field: str = "product") -> str:
    """Key of a product class from a GTIN (8, 12, 13 or 14 digits), any spelling of a class, or an in-house name.

    A plain name is an in-house product where `base` is set. Errors: `BadIdentifier` on `field`.
    """
    given = product_text.strip(" \t\r\n")
    if len(given) > MOST_CHARACTERS:
        raise refusal(
            field,
            product_text,
            say("the product has more than {most} characters", most=MOST_CHARACTERS),
        )
    if rules.is_digits(given) and (base is None or len(given) in (8, 12, 13, 14)):
        try:
            return gs1_product(rules.gtin(given)).key
        except RuleBroken as broken:
            raise refusal(field, product_text, str(broken)) from None
    if base is not None and given and not _looks_whole(given):
        return f"{base.rstrip('/')}/product/{rules.encoded(_bounded(given, product_text, field))}"
    found = identify_strict(given, base, field)
    if found.kind is not Kind.PRODUCT:
        raise refusal(field, product_text, say("this names a {kind}, a product is expected", kind=found.kind))
    return found.key


def identify_parts(
    product: str, lot: str | None = None, serial: str | None = None, base: str | None = None, field: str = "id"
) -> Identifier:
    """The object of a form's `{"product", "lot", "serial"}` (plain texts), held to GS1's rules for a GTIN's.

    With both, the item and the lot it belongs to. Errors: `BadIdentifier` on `field.product`, `.lot`, `.serial`.
    """
    key = class_key(product, base, f"{field}.product")
    its_lot = None if lot is None else lot_key(key, _checked(key, lot, "lot", field))
    if serial is not None:
        return Identifier(item_key(key, _checked(key, serial, "serial", field)), Kind.ITEM, key, its_lot)
    return Identifier(key, Kind.PRODUCT, key) if its_lot is None else Identifier(its_lot, Kind.LOT, key, its_lot)


def refusal(field: str, value: str, fix: str) -> BadIdentifier:
    """The error for one identifier; `value` is shown cut to 200 characters."""
    fault = FieldError(field, value[:200], fix)
    return BadIdentifier(told_by([fault]), errors=[fault])


def _read(text: str, base: str | None) -> Identifier | None:
    """The object, None for a URI that is none of ours. Errors: `RuleBroken`."""
    if epc.is_epc(text):
        return epc.from_urn(text)
    if base is not None and (found := links.from_in_house(text, base)) is not None:
        return found
    if text[:4].lower() == "http":
        return links.from_link(text)
    if elements.is_bracketed(text):
        return elements.from_bracketed(text)
    return elements.from_scanned(text) if elements.is_scanned(text) else None


def _looks_whole(text: str) -> bool:
    return _URI.fullmatch(text) is not None or elements.is_bracketed(text) or elements.is_scanned(text)


def _checked(product_key: str, text: str, what: str, field: str) -> str:
    given = text.strip(" \t\r\n")
    if not product_key.startswith(HOST):
        return _bounded(given, text, f"{field}.{what}")
    try:
        return rules.characters(given, rules.SERIAL_LENGTH, say("the {what}", what=what))
    except RuleBroken as broken:
        raise refusal(f"{field}.{what}", text, str(broken)) from None


def _bounded(given: str, text: str, field: str) -> str:
    """In-house names have no character set of GS1's, but they are not empty, endless or unprintable."""
    if not given or len(given) > 200 or not given.isprintable():
        raise refusal(field, text, "1 to 200 printable characters are expected")
    return given


def _bare_number(text: str) -> str:
    narrow = rules.half_width(text)
    if narrow != text:
        return say("a bare number in full-width characters; {fix} in ordinary digits", fix=_WRITE)
    if len(text) == 20:
        return say("a 20-digit drug code carries no GS1 key; {fix} of the product it stands for", fix=_WRITE)
    if len(text) == 18 and rules.check_digit(text[:-1]) == text[-1]:
        return say("a bare number; for the logistic unit write (00){text}", text=text)
    if len(text) in (8, 12, 13, 14) and rules.check_digit(text[:-1]) == text[-1]:
        return say(
            "a bare number; for the product class write (01){text}, for a lot or item {fix}", text=text, fix=_WRITE
        )
    return say("a bare number names no object by itself; {fix}", fix=_WRITE)


def _no_uri(text: str) -> str:
    narrow = rules.half_width(text)
    if narrow != text:
        return say("it holds full-width characters; write {narrow}", narrow=narrow)
    if re.match(r"0[01][0-9]{14}", text):
        return say(
            "an element string without its FNC1 separators cannot be read; let the scanner send them, or {fix}",
            fix=_WRITE,
        )
    return say("this is no URI, Digital Link or GS1 element string; {fix}", fix=_WRITE)
