"""The caller's language: Chinese where it comes first in Accept-Language, else English; and sentences said in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from starlette.requests import HTTPConnection

from schemas.errors import FieldError
from schemas.sentences import GAP, Sentence, filled

_FILE: Final = Path(__file__).parent / "sentences.json"
_LETTER: Final = re.compile("[A-Za-z]")
SAID: Final = frozenset({"error", "fix", "hint", "kind", "reason", "what"})
"""Gaps that hold a sentence or a word of ours; what fills any other is data and stays as it is."""
_ORIGINAL: Final = "in English: {text}"
"""What is said of a text that has no translation, such as one of a foreign library."""


def language_of(request: HTTPConnection) -> str:
    """`zh` or `en`."""
    first = request.headers.get("accept-language", "").split(",")[0].strip().lower()
    return "zh" if first.startswith("zh") else "en"


@cache
def chinese() -> Mapping[str, str]:
    """The Chinese of each pattern."""
    found: dict[str, str] = json.loads(_FILE.read_text(encoding="utf-8"))
    return found


def in_words(text: str, language: str) -> str:
    """A sentence of the service in `zh` or `en`; in Chinese, what has no translation is given as the original."""
    if language != "zh" or not _LETTER.search(text):
        return text[:]
    return _said(text) or filled(chinese()[_ORIGINAL], {"text": text})


def part_in_words(text: str, language: str) -> str:
    """A text that may be data: put into words only if it is a sentence of the service's with gaps."""
    return _said(text) or text if language == "zh" and isinstance(text, Sentence) else text[:]


def fault_in_words(fault: FieldError, language: str) -> dict[str, str]:
    """One fault as the caller reads it."""
    return {
        "field": part_in_words(fault.field, language),
        "value": part_in_words(fault.value, language),
        "fix": in_words(fault.fix, language),
    }


def _said(text: str) -> str | None:
    """The Chinese of a sentence, None if there is none. A pattern without letters of its own is the same in both."""
    pattern = text.pattern if isinstance(text, Sentence) else text
    found = chinese().get(pattern)
    if found is None and not _LETTER.search(GAP.sub("", pattern)):
        found = pattern
    if found is None or not isinstance(text, Sentence):
        return found
    return filled(found, {name: _given(name, one) for name, one in text.given.items()})


def _given(name: str, one: str) -> str:
    return (_said(one) or one) if name in SAID or isinstance(one, Sentence) else one
