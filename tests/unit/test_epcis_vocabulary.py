"""CBV words in their three spellings, and which member names are CBV master data."""

from __future__ import annotations

import pytest

from schemas.epcis import vocabulary as cbv


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("shipping", "shipping"),
        ("urn:epcglobal:cbv:bizstep:shipping", "shipping"),
        ("https://ref.gs1.org/cbv/BizStep-shipping", "shipping"),
        ("cbv:BizStep-shipping", "shipping"),
        ("https://mine.example/BizStep-shipping", "https://mine.example/BizStep-shipping"),
        ("https://mine.example/shipping", "https://mine.example/shipping"),
        ("urn:epcglobal:cbv:disp:in_transit", "urn:epcglobal:cbv:disp:in_transit"),
        ("https://ref.gs1.org/cbv/BizStep-teleporting", "https://ref.gs1.org/cbv/BizStep-teleporting"),
        ("Shipping", "Shipping"),
        ("", ""),
    ],
)
def test_a_business_step_is_a_bare_word_or_stays_private(text: str, word: str) -> None:
    assert cbv.step_word(text) == word


def test_a_curie_is_read_by_the_documents_own_prefixes() -> None:
    assert cbv.step_word("c:BizStep-packing", {"c": "https://ref.gs1.org/cbv/"}) == "packing"
    assert cbv.step_word("cbv:BizStep-packing", {"cbv": "https://other.example/"}) == "cbv:BizStep-packing"


def test_the_other_lists_know_their_spellings() -> None:
    assert cbv.disposition_word("urn:epcglobal:cbv:disp:returned") == "returned"
    assert cbv.transaction_word("https://ref.gs1.org/cbv/BTT-po") == "po"
    assert cbv.party_word("urn:epcglobal:cbv:sdt:owning_party") == "owning_party"
    assert [cbv.type_word(text) for text in ("cbv:BTT-po", "cbv:SDT-location", "gs1:Length", "urn:x:y:z")] == [
        *("po", "location", "Length", "urn:x:y:z"),
    ]
    assert cbv.MEASUREMENT.word("https://www.gs1.org/voc/Mass", {}) == "Mass"


def test_a_word_becomes_its_web_uri() -> None:
    assert cbv.STEP.uri("shipping", {}) == "https://ref.gs1.org/cbv/BizStep-shipping"
    assert cbv.STEP.uri("m:own", {"m": "https://m.example/"}) == "https://m.example/own"
    assert cbv.MEASUREMENT.uri("Length", {}) == "https://gs1.org/voc/Length"


@pytest.mark.parametrize(
    ("name", "local"),
    [
        ("cbvmda:lotNumber", "lotNumber"),
        ("mda:lotNumber", "lotNumber"),
        ("old:lotNumber", "lotNumber"),
        ("urn:epcglobal:cbv:mda:lotNumber", "lotNumber"),
        ("other:lotNumber", None),
        ("charge", "lotNumber"),
        ("lotNumber", None),
        ("cbvmda:", None),
    ],
)
def test_lot_numbers_are_found_under_any_prefix_bound_to_cbv_master_data(name: str, local: str | None) -> None:
    bound = {"mda": "urn:epcglobal:cbv:mda:", "old": "urn:epcglobal:cbv:mda", "other": "https://o.example/"}
    bound |= {"cbvmda": "https://rebound.example/", "charge": "urn:epcglobal:cbv:mda:lotNumber"}
    assert cbv.is_cbv_mda(name, bound) == local
