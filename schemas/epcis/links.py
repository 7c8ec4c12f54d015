"""GS1 identifiers of every EPC scheme as the constrained canonical Digital Link that hash IDs are made of.

Only the finest level of identification stays, on `https://id.gs1.org`; check digits are computed for EPC URNs and
kept as given in links, right or wrong, since the hash is of what was said. What is no GS1 identifier gives None.
Source: EPC Tag Data Standard 2.0 section 6.3, GS1 Digital Link 1.2 section 4.11, CBV 2.0 section 8.9 rules 17 and 18.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, unquote

from schemas.identifiers.rules import check_digit

_HOST: Final = "https://id.gs1.org/"
_URN: Final = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(.+)")
_LINK: Final = re.compile(r"https?://[^/?#]+(/[^?#]*)", re.IGNORECASE)
_CANONICAL: Final = re.compile(
    r"https://id\.gs1\.org/(?:01/[0-9]{14}(?:/(?:10|21)/[A-Za-z0-9_.-]{1,20})?|00/[0-9]{18}|41[47]/[0-9]{13})"
)
"""The commonest of those that are canonical as they stand."""
_SET_82: Final = re.compile(r"[!\"%&'()*+,./0-9:;<=>?A-Z_a-z-]*")
_SET_39: Final = re.compile(r"[#/0-9A-Z-]*")


class _NoKeyError(Exception):
    """The text only looks like a GS1 identifier."""


def canonical_link(text: str) -> str | None:
    """The constrained canonical Digital Link of an EPC URN or Digital Link; None for anything else."""
    if _CANONICAL.fullmatch(text):
        return text
    try:
        if text.startswith("urn:epc:"):
            return _of_urn(text)
        if text[:4].lower() == "http":
            return _of_link(text)
    except _NoKeyError:
        return None
    return None


def _digits(text: str, *lengths: int) -> str:
    if len(text) not in lengths or not (text.isascii() and text.isdigit()):
        raise _NoKeyError
    return text


def _coded(text: str, longest: int, allowed: re.Pattern[str] = _SET_82) -> str:
    """Percent-decoded, held to its character set and length, and encoded again as the reference vectors have it."""
    try:
        plain = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise _NoKeyError from None
    if not 0 < len(plain) <= longest or not allowed.fullmatch(plain):
        raise _NoKeyError
    return quote(plain, safe="';=")


def _joined(company: str, reference: str, length: int) -> str:
    """Company prefix and reference of together `length` digits."""
    _digits(company, *range(6, 13))
    return company + (_digits(reference, length - len(company)) if reference or len(company) != length else "")


def _gtin(company: str, item: str) -> str:
    both = _joined(company, item, 13)
    digits = both[len(company)] + company + both[len(company) + 1 :]
    return digits + check_digit(digits)


def _with_check(company: str, reference: str, length: int) -> str:
    both = _joined(company, reference, length)
    return both + check_digit(both)


def _free(company: str, reference: str, longest: int, allowed: re.Pattern[str] = _SET_82) -> str:
    _digits(company, *range(6, 13))
    return company + _coded(reference, longest - len(company), allowed)


def _sgtin(company: str, item: str, serial: str) -> str:
    return f"01/{_gtin(company, item)}/21/{_coded(serial, 20)}"


def _sscc(company: str, serial: str) -> str:
    both = _joined(company, serial, 17)
    digits = both[len(company)] + company + both[len(company) + 1 :]
    return f"00/{digits}{check_digit(digits)}"


def _sgln(company: str, location: str, extension: str) -> str:
    gln = f"414/{_with_check(company, location, 12)}"
    return gln if extension == "0" else f"{gln}/254/{_coded(extension, 20)}"


def _itip(company: str, item: str, piece: str, total: str, serial: str) -> str:
    return f"{_itip_class(company, item, piece, total)}/21/{_coded(serial, 20)}"


def _itip_class(company: str, item: str, piece: str, total: str) -> str:
    return f"8006/{_gtin(company, item)}{_digits(piece, 2)}{_digits(total, 2)}"


def _sgcn(company: str, coupon: str, serial: str) -> str:
    return f"255/{_with_check(company, coupon, 12)}{_digits(serial, *range(1, 13))}"


_URNS: Final[dict[tuple[str, str], tuple[int, Callable[..., str]]]] = {
    ("id", "sgtin"): (3, _sgtin),
    ("id", "sscc"): (2, _sscc),
    ("id", "sgln"): (3, _sgln),
    ("id", "grai"): (3, lambda c, a, s: f"8003/0{_with_check(c, a, 12)}{_coded(s, 16)}"),
    ("id", "giai"): (2, lambda c, a: f"8004/{_free(c, a, 30)}"),
    ("id", "gsrn"): (2, lambda c, s: f"8018/{_with_check(c, s, 17)}"),
    ("id", "gsrnp"): (2, lambda c, s: f"8017/{_with_check(c, s, 17)}"),
    ("id", "gdti"): (3, lambda c, d, s: f"253/{_with_check(c, d, 12)}{_coded(s, 17)}"),
    ("id", "cpi"): (3, lambda c, p, s: f"8010/{_free(c, p, 30, _SET_39)}/8011/{_digits(s, *range(1, 13))}"),
    ("id", "sgcn"): (3, _sgcn),
    ("id", "ginc"): (2, lambda c, r: f"401/{_free(c, r, 30)}"),
    ("id", "gsin"): (2, lambda c, r: f"402/{_with_check(c, r, 16)}"),
    ("id", "itip"): (5, _itip),
    ("id", "upui"): (3, lambda c, i, t: f"01/{_gtin(c, i)}/235/{_coded(t, 28)}"),
    ("id", "pgln"): (2, lambda c, p: f"417/{_with_check(c, p, 12)}"),
    ("class", "lgtin"): (3, lambda c, i, lot: f"01/{_gtin(c, i)}/10/{_coded(lot, 20)}"),
    ("idpat", "sgtin"): (2, lambda c, i: f"01/{_gtin(c, i)}"),
    ("idpat", "grai"): (2, lambda c, a: f"8003/0{_with_check(c, a, 12)}"),
    ("idpat", "gdti"): (2, lambda c, d: f"253/{_with_check(c, d, 12)}"),
    ("idpat", "sgcn"): (2, lambda c, r: f"255/{_with_check(c, r, 12)}"),
    ("idpat", "cpi"): (2, lambda c, p: f"8010/{_free(c, p, 30, _SET_39)}"),
    ("idpat", "itip"): (4, _itip_class),
    ("idpat", "upui"): (2, lambda c, i: f"01/{_gtin(c, i)}"),
}


def _of_urn(text: str) -> str:
    match = _URN.fullmatch(text)
    scheme = _URNS.get((match[1], match[2])) if match else None
    if match is None or scheme is None:
        raise _NoKeyError
    count, build = scheme
    body = match[3]
    if match[1] == "idpat":
        if not body.endswith(".*"):
            raise _NoKeyError
        body = body[:-2]
    parts = body.split(".", count - 1)
    if len(parts) != count:
        raise _NoKeyError
    return _HOST + build(*parts)


def _of_link(text: str) -> str:
    match = _LINK.match(text)
    if match is None:
        raise _NoKeyError
    segments = match[1].rstrip("/").split("/")[1:]
    pairs: Pairs = {}
    for at in range(len(segments) - 2, -1, -2):
        name, value = _NAMES.get(segments[at], segments[at]), segments[at + 1]
        if name in _KEYS:
            return _HOST + _KEYS[name](value, pairs)
        if name in pairs:
            raise _NoKeyError
        pairs[name] = value
    raise _NoKeyError


_NAMES: Final = {
    "gtin": "01",
    "itip": "8006",
    "cpid": "8010",
    "gln": "414",
    "party": "417",
    "gsrnp": "8017",
    "gsrn": "8018",
    "gcn": "255",
    "sscc": "00",
    "gdti": "253",
    "ginc": "401",
    "gsin": "402",
    "grai": "8003",
    "giai": "8004",
    "cpv": "22",
    "lot": "10",
    "ser": "21",
    "cpsn": "8011",
    "glnx": "254",
    "srin": "8019",
}
"""Short names that Digital Link 1.1 allowed in place of the numbers."""

Pairs = dict[str, str]


def _known(pairs: Pairs, *names: str) -> None:
    if not pairs.keys() <= set(names):
        raise _NoKeyError


def _link_gtin(value: str, pairs: Pairs) -> str:
    _known(pairs, "22", "10", "21", "235")
    key = f"01/{_digits(value, 8, 12, 13, 14).zfill(14)}"
    return _finest(key, pairs, ("21", 20), ("235", 28), ("10", 20))


def _link_itip(value: str, pairs: Pairs) -> str:
    _known(pairs, "22", "10", "21")
    return _finest(f"8006/{_digits(value, 18)}", pairs, ("21", 20), ("10", 20))


def _finest(key: str, pairs: Pairs, *qualifiers: tuple[str, int]) -> str:
    for name, longest in qualifiers:
        if name in pairs:
            return f"{key}/{name}/{_coded(pairs[name], longest)}"
    return key


def _link_gln(value: str, pairs: Pairs) -> str:
    _known(pairs, "254")
    key = f"414/{_digits(value, 13)}"
    return key if pairs.get("254") == "0" else _finest(key, pairs, ("254", 20))


def _link_part(value: str, pairs: Pairs) -> str:
    _known(pairs, "8011")
    key = f"8010/{_coded(value, 30, _SET_39)}"
    return f"{key}/8011/{_digits(pairs['8011'], *range(1, 13))}" if "8011" in pairs else key


def _fixed(name: str, length: int, *dropped: str) -> Callable[[str, Pairs], str]:
    def build(value: str, pairs: Pairs) -> str:
        _known(pairs, *dropped)
        return f"{name}/{_digits(value, length)}"

    return build


def _started(name: str, digits: int, longest: int) -> Callable[[str, Pairs], str]:
    """A key of `digits` digits and up to `longest` further characters."""

    def build(value: str, pairs: Pairs) -> str:
        _known(pairs)
        rest = value[digits:]
        return f"{name}/{_digits(value[:digits], digits)}" + (_coded(rest, longest) if rest else "")

    return build


_KEYS: Final[dict[str, Callable[[str, Pairs], str]]] = {
    "00": _fixed("00", 18),
    "01": _link_gtin,
    "253": _started("253", 13, 17),
    "255": _started("255", 13, 12),
    "401": _started("401", 4, 26),
    "402": _fixed("402", 17),
    "414": _link_gln,
    "417": _fixed("417", 13),
    "8003": _started("8003", 14, 16),
    "8004": _started("8004", 4, 26),
    "8006": _link_itip,
    "8010": _link_part,
    "8017": _fixed("8017", 18, "8019"),
    "8018": _fixed("8018", 18, "8019"),
}
