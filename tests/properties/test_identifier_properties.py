"""Identifiers as laws: every spelling of a generated object meets in one key, judged by an independent library."""

from __future__ import annotations

import re
from urllib.parse import quote

import biip
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import BadIdentifier
from schemas.identifiers import Kind, check_digit, identify, identify_strict, lot_key, short_numbers

SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
PARTS = st.text(SET_82, min_size=1, max_size=20)
PLAIN = st.text("ABCxyz019-_.", min_size=1, max_size=20)
GS1 = "https://id.gs1.org/"


@st.composite
def split_digits(draw: st.DrawFn, digits: int) -> tuple[str, str]:
    """Company prefix of 6 to 12 digits and the reference that fills it up."""
    number = draw(st.text("0123456789", min_size=digits, max_size=digits))
    at = draw(st.integers(6, 12))
    return number[:at], number[at:]


def gtin_of(prefix: str, item: str) -> str:
    digits = item[0] + prefix + item[1:]
    return digits + check_digit(digits)


@given(split_digits(13), PARTS)
def test_urn_link_and_element_string_of_an_item_are_one_object(number: tuple[str, str], serial: str) -> None:
    prefix, item = number
    gtin = gtin_of(prefix, item)
    escaped = quote(serial, safe="")
    key = f"{GS1}01/{gtin}/21/{escaped}"
    spellings = (
        f"urn:epc:id:sgtin:{prefix}.{item}.{escaped}",
        f"http://any.example/path/01/{gtin}/21/{re.sub('%..', lambda code: code[0].lower(), escaped)}/?x=1",
        f"]d201{gtin}21{serial}",
        f"01{gtin}21{serial}\x1d17261231",
        key,
    )
    assert {identify_strict(text).key for text in spellings} == {key}
    assert serial in short_numbers(key)


@given(split_digits(13), PARTS)
def test_a_key_names_itself(number: tuple[str, str], lot: str) -> None:
    key = identify(f"urn:epc:class:lgtin:{number[0]}.{number[1]}.{quote(lot, safe='')}").key
    assert identify(key).key == key
    assert identify(key) == identify_strict(key)
    assert lot_key(identify(key).product or "", lot) == key


@given(split_digits(13), PLAIN, PLAIN)
def test_element_strings_read_as_an_independent_library_reads_them(
    number: tuple[str, str], lot: str, serial: str
) -> None:
    gtin = gtin_of(*number)
    scan = f"01{gtin}1726123110{lot}\x1d21{serial}"
    judged = biip.parse(f"]C1{scan}").gs1_message
    assert judged is not None
    elements = {element.ai.ai: element.value for element in judged.element_strings}
    found = identify_strict(f"]C1{scan}")
    assert found.key == f"{GS1}01/{elements['01']}/21/{elements['21']}"
    assert found.lot == f"{GS1}01/{elements['01']}/10/{elements['10']}"


@given(split_digits(13), PLAIN)
def test_links_read_as_an_independent_library_reads_them(number: tuple[str, str], serial: str) -> None:
    gtin = gtin_of(*number)
    text = f"https://example.com/a/01/{gtin}/21/{serial}"
    judged = biip.parse(text).gs1_digital_link_uri
    assert judged is not None
    assert identify(text).key == judged.as_canonical_uri()


@given(split_digits(17))
def test_logistic_units_read_as_an_independent_library_reads_them(number: tuple[str, str]) -> None:
    prefix, serial = number
    key = identify(f"urn:epc:id:sscc:{prefix}.{serial}").key
    digits = key.removeprefix(f"{GS1}00/")
    judged = biip.parse(digits).sscc
    assert judged is not None
    assert judged.check_digit == int(digits[-1])
    assert identify(f"(00){digits}").key == key


@given(st.text())
def test_reading_a_document_never_fails(text: str) -> None:
    found = identify(text, "https://stemma.plant.example")
    assert found.key == text or found.kind is not Kind.OTHER


@given(
    st.text(max_size=60),
    st.sampled_from(["", "urn:epc:id:sgtin:", GS1 + "01/", "(01)", "]C101", "https://b.example/product/"]),
)
def test_a_scan_is_read_or_refused_with_one_reason(text: str, head: str) -> None:
    refused: BadIdentifier | None = None
    try:
        found = identify_strict(head + text, "https://b.example")
    except BadIdentifier as error:
        refused = error
    if refused is None:
        assert found.warning is None
        assert identify(found.key, "https://b.example").key == found.key
    else:
        assert [bool(fault.fix) for fault in refused.errors] == [True]


@given(split_digits(13), st.integers(0, 9), PLAIN)
def test_only_the_right_check_digit_is_taken(number: tuple[str, str], digit: int, serial: str) -> None:
    gtin = gtin_of(*number)
    changed = gtin[:-1] + str(digit)
    found = identify(f"{GS1}01/{changed}/21/{serial}")
    assert (found.kind is Kind.ITEM) == (changed == gtin)
    assert (found.warning is None) == (changed == gtin)
