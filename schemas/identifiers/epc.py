"""EPC URNs of the objects that trace.md section 1 lists; every other URN stays a name as given.

Source: GS1 EPC Tag Data Standard 2.0 section 6.3 (URN forms), section 7 (GS1 keys).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from schemas.identifiers import rules
from schemas.identifiers.keys import HOST, Identifier, Kind, gs1_product, item_key, lot_key
from schemas.identifiers.rules import RuleBroken
from schemas.sentences import say

_PREFIX: Final = "urn:epc:"


def is_epc(text: str) -> bool:
    return text[:8].lower() == _PREFIX


def from_urn(text: str) -> Identifier | None:
    """The object of an EPC URN, None if its scheme is not one of the listed. Errors: `RuleBroken`."""
    scheme, _, body = text[len(_PREFIX) :].partition(":")
    name, _, body = body.partition(":")
    known = _SCHEMES.get(f"{scheme}:{name}")
    if known is None:
        return None
    fields, build = known
    parts = body.split(".", len(fields) - 1)
    if len(parts) != len(fields):
        raise RuleBroken(
            say(
                "{prefix}{scheme}:{name} needs {known}, with dots between them",
                prefix=_PREFIX,
                scheme=scheme,
                name=name,
                known=", ".join(fields),
            )
        )
    return build(parts)


def _gtin(parts: list[str]) -> Identifier:
    prefix, item = parts[0], parts[1]
    rules.with_prefix(prefix, item, 13, "GTIN")
    digits = item[0] + prefix + item[1:]
    return gs1_product(digits + rules.check_digit(digits))


def _sgtin(parts: list[str]) -> Identifier:
    product = _gtin(parts)
    serial = rules.characters(rules.decoded(parts[2], "the serial"), rules.SERIAL_LENGTH, "the serial")
    return Identifier(item_key(product.key, serial), Kind.ITEM, product.key)


def _lgtin(parts: list[str]) -> Identifier:
    product = _gtin(parts)
    lot = rules.characters(rules.decoded(parts[2], "the lot"), rules.SERIAL_LENGTH, "the lot")
    key = lot_key(product.key, lot)
    return Identifier(key, Kind.LOT, product.key, key)


def _pattern(parts: list[str]) -> Identifier | None:
    """`….*` names the product class; patterns over more or less than one class are names as given."""
    return _gtin(parts) if parts[2] == "*" and parts[1] != "*" else None


def _sscc(parts: list[str]) -> Identifier:
    prefix, serial = parts
    rules.with_prefix(prefix, serial, 17, "SSCC")
    digits = serial[0] + prefix + serial[1:]
    return Identifier(f"{HOST}00/{digits}{rules.check_digit(digits)}", Kind.LOGISTIC_UNIT)


def _gln(parts: list[str]) -> str:
    digits = rules.with_prefix(parts[0], parts[1], 12, "GLN")
    return digits + rules.check_digit(digits)


def _sgln(parts: list[str]) -> Identifier:
    key = f"{HOST}414/{_gln(parts)}"
    extension = rules.decoded(parts[2], "the extension")
    if extension != "0":
        key += f"/254/{rules.encoded(rules.characters(extension, rules.SERIAL_LENGTH, 'the extension'))}"
    return Identifier(key, Kind.PLACE)


def _pgln(parts: list[str]) -> Identifier:
    return Identifier(f"{HOST}417/{_gln(parts)}", Kind.PARTY)


def _grai(parts: list[str]) -> Identifier:
    digits = rules.with_prefix(parts[0], parts[1], 12, "GRAI")
    what = "the serial of the GRAI"
    serial = rules.characters(rules.decoded(parts[2], what), rules.GRAI_SERIAL_LENGTH, what)
    return Identifier(f"{HOST}8003/0{digits}{rules.check_digit(digits)}{rules.encoded(serial)}", Kind.ASSET)


def _giai(parts: list[str]) -> Identifier:
    if not rules.is_digits(parts[0]) or not 6 <= len(parts[0]) <= 12:
        raise RuleBroken(say("company prefix {prefix} of the GIAI must have 6 to 12 digits", prefix=parts[0]))
    reference = rules.characters(rules.decoded(parts[1], "the GIAI"), rules.GIAI_LENGTH, "the GIAI")
    return Identifier(f"{HOST}8004/{rules.encoded(rules.giai(parts[0] + reference))}", Kind.ASSET)


_Build = Callable[[list[str]], Identifier | None]
_SCHEMES: Final[dict[str, tuple[tuple[str, ...], _Build]]] = {
    "id:sgtin": (("company prefix", "item reference", "serial"), _sgtin),
    "class:lgtin": (("company prefix", "item reference", "lot"), _lgtin),
    "idpat:sgtin": (("company prefix", "item reference", "*"), _pattern),
    "id:sscc": (("company prefix", "serial reference"), _sscc),
    "id:sgln": (("company prefix", "location reference", "extension (0 for none)"), _sgln),
    "id:pgln": (("company prefix", "party reference"), _pgln),
    "id:grai": (("company prefix", "asset type", "serial"), _grai),
    "id:giai": (("company prefix", "asset reference"), _giai),
}
