"""What `MATCH_…` means by a value: an object in any spelling, a class for its items, or a pattern of EPCs.

Source: EPCIS 2.0 section 8.2.7.1.1, EPC Tag Data Standard 2.0 section 8, epcis.md Q9.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from projections.facts import Role
from projections.index.asked import Mentions, Pattern, Shape
from schemas.identifiers import Kind, identify
from schemas.identifiers.keys import HOST

_IDPAT: Final = "urn:epc:idpat:"
_DIGITS: Final = "0123456789"


def matched(roles: Sequence[Role], values: Sequence[str], *, classes: bool, base: str | None) -> Mentions:
    """The condition of one parameter. `classes`: a class parameter, where a class stands for itself alone."""
    keys: list[str] = []
    patterns: list[Pattern] = []
    for value in values:
        told = identify(value, base)
        if told.kind is Kind.PRODUCT:
            keys.append(told.key)
            if not classes:
                patterns += [Pattern(told.key + part) for part in ("/21/", "/serial/")]
        elif value[: len(_IDPAT)].lower() == _IDPAT:
            patterns += _patterns(value[len(_IDPAT) :], classes=classes)
        else:
            keys.append(told.key)
    return Mentions(tuple(roles), tuple(dict.fromkeys(keys)), tuple(dict.fromkeys(patterns)))


def _patterns(text: str, *, classes: bool) -> Iterator[Pattern]:
    """The patterns of `scheme:a.b.*`; what is fixed comes before the first `*`."""
    scheme, _, body = text.partition(":")
    parts = body.split(".")
    fixed = parts[: parts.index("*")] if "*" in parts else parts
    if "*" not in parts:
        key = identify(f"urn:epc:{'class' if scheme == 'lgtin' else 'id'}:{scheme}:{body}").key
        yield Pattern(key, "exact")
    elif scheme in ("sgtin", "lgtin"):
        shape: Shape = "lot" if scheme == "lgtin" else "class" if classes else "item"
        yield from _of_product(fixed, shape)
    elif scheme == "sscc":
        yield from ((Pattern(f"{HOST}00/{digit}{fixed[0]}") for digit in _DIGITS) if fixed else [Pattern(f"{HOST}00/")])
    elif scheme in _PREFIXED:
        yield Pattern(_PREFIXED[scheme] + "".join(fixed[:2]))
    else:
        yield Pattern(f"urn:epc:id:{scheme}:" + "".join(f"{one}." for one in fixed))


_PREFIXED: Final = {
    "sgln": HOST + "414/",
    "pgln": HOST + "417/",
    "grai": HOST + "8003/0",
    "giai": HOST + "8004/",
}


def _of_product(fixed: Sequence[str], shape: Shape) -> Iterator[Pattern]:
    """GTIN-14 is the item reference's first digit, the company prefix, and the rest of the item reference."""
    if not fixed:
        yield Pattern(f"{HOST}01/", shape)
    elif len(fixed) == 1:
        yield from (Pattern(f"{HOST}01/{digit}{fixed[0]}", shape) for digit in _DIGITS)
    else:
        yield Pattern(f"{HOST}01/{fixed[1][:1]}{fixed[0]}{fixed[1][1:]}", shape)
