"""EPC URNs to canonical keys. Source: EPC Tag Data Standard 2.0 section 6.3; trace.md section 1."""

from __future__ import annotations

import re
from typing import Final

from schemas.identifiers.model import GS1, BrokenError, Identifier, Kind, check_digit, coded, decoded

_URN: Final = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(.+)")


def _company(company: str) -> str:
    if not (company.isascii() and company.isdigit() and 6 <= len(company) <= 12):
        raise BrokenError("a company prefix of 6 to 12 digits")
    return company


def _together(company: str, reference: str, length: int) -> str:
    both = _company(company) + reference
    if len(both) != length or not (both.isascii() and both.isdigit()):
        raise BrokenError(f"company prefix and reference of together {length} digits")
    return both


def _with_check(digits: str) -> str:
    return digits + check_digit(digits)


def _product(company: str, item: str) -> str:
    both = _together(company, item, 13)
    return f"{GS1}/01/{_with_check(both[len(company)] + company + both[len(company) + 1 :])}"


def _sgtin(company: str, item: str, serial: str) -> Identifier:
    product = _product(company, item)
    return Identifier(f"{product}/21/{coded(decoded(serial), 'serial')}", Kind.ITEM, product)


def _lgtin(company: str, item: str, lot: str) -> Identifier:
    product = _product(company, item)
    key = f"{product}/10/{coded(decoded(lot), 'lot')}"
    return Identifier(key, Kind.LOT, product, key)


def _pattern(company: str, item: str, serial: str) -> Identifier | None:
    if serial != "*" or not company.isdigit() or not item.isdigit():
        return None
    product = _product(company, item)
    return Identifier(product, Kind.PRODUCT, product)


def _sscc(company: str, serial: str) -> Identifier:
    both = _together(company, serial, 17)
    return Identifier(
        f"{GS1}/00/{_with_check(both[len(company)] + company + both[len(company) + 1 :])}", Kind.LOGISTIC_UNIT
    )


def _grai(company: str, asset: str, serial: str) -> Identifier:
    digits = _with_check(_together(company, asset, 12))
    return Identifier(f"{GS1}/8003/0{digits}{coded(decoded(serial), 'serial', 16)}", Kind.ASSET)


def _giai(company: str, asset: str) -> Identifier:
    reference = coded(decoded(asset), "asset reference", 30 - len(_company(company)))
    return Identifier(f"{GS1}/8004/{company}{reference}", Kind.ASSET)


def _sgln(company: str, location: str, extension: str) -> Identifier:
    gln = f"{GS1}/414/{_with_check(_together(company, location, 12))}"
    if extension != "0":
        gln += f"/254/{coded(decoded(extension), 'extension')}"
    return Identifier(gln, Kind.PLACE)


def _pgln(company: str, party: str) -> Identifier:
    return Identifier(f"{GS1}/417/{_with_check(_together(company, party, 12))}", Kind.PARTY)


_SCHEMES: Final = {
    ("id", "sgtin"): (3, _sgtin),
    ("class", "lgtin"): (3, _lgtin),
    ("idpat", "sgtin"): (3, _pattern),
    ("id", "sscc"): (2, _sscc),
    ("id", "grai"): (3, _grai),
    ("id", "giai"): (2, _giai),
    ("id", "sgln"): (3, _sgln),
    ("id", "pgln"): (2, _pgln),
}


def of_urn(text: str) -> Identifier | None:
    """The identifier of an EPC URN; None for schemes without a canonical key. Errors: `BrokenError`."""
    found = _URN.fullmatch(text)
    scheme = _SCHEMES.get((found[1], found[2])) if found else None
    if found is None or scheme is None:
        return None
    count, read = scheme
    fields = found[3].split(".", count - 1)
    if len(fields) != count:
        raise BrokenError(f"{count} fields with dots between them")
    return read(*fields)  # type: ignore[operator,no-any-return]
