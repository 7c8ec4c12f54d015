"""Why something is flagged, in the caller's language, from the catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from projections.trace.flags import Because
from services.words import word, word_or


def because(why: Because, language: str) -> str:
    """The sentence in `zh` or `en`."""
    given = {gap: _GAPS.get(gap, _as_it_is)(text, language) for gap, text in why.given}
    return word("because." + why.sentence, language).format(**given)


def put_into_words(flags: Iterable[dict[str, Any]], language: str) -> None:
    """`because` of each flag as a sentence, in place."""
    for flag in flags:
        flag["because"] = because(flag["because"], language)


def _dimension(text: str, language: str) -> str:
    """A dimension in words; that of a unit which stands alone, such as a box, is the unit's code."""
    return word_or("dimension." + text, language, text.removeprefix("unit "))


def _unit(code: str, language: str) -> str:
    return word_or("unit." + code, language, code)


def _as_it_is(text: str, _: str) -> str:
    return text


_GAPS: Final = {"dimension": _dimension, "unit": _unit}
