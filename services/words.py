"""The one catalogue of words, as files that leave the house need it: the same one that the console reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "console" / "words"


@cache
def _catalogue() -> Mapping[str, Mapping[str, str]]:
    found: dict[str, Mapping[str, str]] = {}
    for file in sorted(_FOLDER.glob("*.json")):
        found.update(json.loads(file.read_text(encoding="utf-8")))
    return found


def word(key: str, language: str) -> str:
    """The word of a key in `zh` or `en`. Errors: KeyError for one that the catalogue has not."""
    return _catalogue()[key][language]


def word_or(key: str, language: str, other: str) -> str:
    """The same, or another text where the catalogue has none: for words put together from data."""
    found = _catalogue().get(key)
    return other if found is None else found[language]
