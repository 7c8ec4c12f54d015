"""Why something is flagged, said in both languages: no sentence and no dimension is missing, no gap stays open."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from projections.trace.flags import Because, Sentence
from schemas import units
from services.recall.becauses import because
from services.words import word

GAPS = {
    "dated_early": {"at"},
    "dated_ahead": {"at", "recorded"},
    "absurd_pieces": {"amount"},
    "absurd_amount": {"amount", "unit"},
    "no_unit": {"unit", "dimension"},
    "no_count": {"dimension"},
}
UNITS = Path(__file__).parents[2] / "services" / "console" / "words" / "units.json"
CHINESE = re.compile("[一-鿿]")


@pytest.mark.parametrize("sentence", get_args(Sentence))
def test_every_sentence_is_said_in_both_languages_with_its_gaps(sentence: Sentence) -> None:
    for language in ("zh", "en"):
        assert set(re.findall(r"\{(\w+)\}", word(f"because.{sentence}", language))) == GAPS.get(sentence, set())
        told = because(Because(sentence, tuple((gap, "X9") for gap in GAPS.get(sentence, ()))), language)
        assert "{" not in told
        assert told.count("X9") == len(GAPS.get(sentence, ()))
        assert bool(CHINESE.search(told)) is (language == "zh")


@pytest.mark.parametrize("dimension", sorted({unit.dimension for unit in units._UNITS.values()}))
def test_every_dimension_is_said_in_chinese(dimension: str) -> None:
    told = because(Because("no_count", (("dimension", dimension),)), "zh")
    assert not re.search("[a-z]", told)


def test_a_unit_that_stands_alone_is_named_by_its_code() -> None:
    assert because(Because("no_count", (("dimension", "unit KT"),)), "zh") == "此前用的是KT单位，这次按件计数"


def test_a_unit_is_named_as_a_plant_names_it() -> None:
    why = Because("absurd_amount", (("amount", "1e9"), ("unit", "KGM")))
    assert because(why, "zh").startswith("1e9 千克")
    assert because(why, "en").startswith("1e9 kg")


def test_every_unit_with_a_name_is_one_of_rec_20() -> None:
    named = {key.removeprefix("unit.") for key in json.loads(UNITS.read_text(encoding="utf-8"))}
    assert named <= units._UNITS.keys()
    assert {"KGM", "GRM", "TNE", "LTR", "MTR", "C62", "H87", "EA", "CEL", "P1", "KPA", "HUR"} <= named
