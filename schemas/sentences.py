"""Sentences that a person reads and that can be said in another language: a pattern, and what fills its gaps.

A `Sentence` is its English text and goes wherever a text goes. Its pattern is its name in the catalogue of translations
(`services/sentences.json`): no translation is found by looking at a finished text. A text without gaps is its own
pattern and needs no `say`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

GAP: Final = re.compile(r"\{(\w+)\}")


class Sentence(str):
    """English text with its `pattern` and, by the name of each gap, what is `given` for it."""

    pattern: str
    given: Mapping[str, str]

    def __new__(cls, text: str, pattern: str, given: Mapping[str, str]) -> Sentence:
        made = super().__new__(cls, text)
        made.pattern, made.given = pattern, given
        return made

    def __str__(self) -> str:
        return self

    def __reduce__(self) -> tuple[type[Sentence], tuple[str, str, dict[str, str]]]:
        return Sentence, (self[:], self.pattern, dict(self.given))


def say(pattern: str, **given: object) -> Sentence:
    """`pattern` with its gaps (`{name}`) filled. What is given may be a sentence itself, and is then translated too."""
    texts = {name: one if isinstance(one, str) else str(one) for name, one in given.items()}
    return Sentence(filled(pattern, texts), pattern, texts)


def filled(pattern: str, texts: Mapping[str, str]) -> str:
    """The gaps that `texts` names; what else stands in braces stays."""
    return GAP.sub(lambda gap: texts.get(gap[1], gap[0]), pattern)


def in_row(sentences: Iterable[str], between: str = "; ") -> Sentence:
    """Several sentences as one."""
    texts = {f"n{number}": say(one) if type(one) is str else one for number, one in enumerate(sentences)}
    return say(between.join(f"{{{name}}}" for name in texts), **texts)


def kept(text: str) -> dict[str, Any] | None:
    """How a sentence is stored beside its text; None for a text that has no gaps."""
    if not isinstance(text, Sentence):
        return None
    return {"pattern": text.pattern, "given": {name: kept(one) or one for name, one in text.given.items()}}


def brought_back(text: str, told: Mapping[str, Any] | None) -> str:
    """The sentence of a stored text and of what `kept` gave for it."""
    if told is None:
        return text
    given = {name: _value(one) for name, one in told["given"].items()}
    return Sentence(text, told["pattern"], given)


def _value(one: Any) -> str:
    if isinstance(one, str):
        return one
    given = {name: _value(below) for name, below in one["given"].items()}
    return Sentence(filled(one["pattern"], given), one["pattern"], given)
