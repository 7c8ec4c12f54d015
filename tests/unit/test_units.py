"""Units of one dimension convert exactly; others differ."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.units import COUNT, convert, is_code, plain, plain_fraction, to_base, unit_of


@pytest.mark.parametrize(
    ("quantity", "given_unit", "wanted", "expected"),
    [
        ("1", "TNE", "KGM", "1000"),
        ("1", "LBR", "KGM", "0.45359237"),
        ("16", "ONZ", "LBR", "1"),
        ("0.5", "LTR", "MLT", "500"),
        ("1", "MTQ", "LTR", "1000"),
        ("2", "HUR", "MIN", "120"),
        ("1", "DZN", None, "12"),
        ("7", None, "H87", "7"),
        ("7", "EA", "C62", "7"),
        ("20", "CEL", "KEL", "293.15"),
        ("293.15", "KEL", "CEL", "20"),
        ("212", "FAH", "CEL", "100"),
        ("36", "KMH", "MTS", "10"),
        ("1", "A93", "KMQ", "0.001"),
        ("12.5", "P1", "NX", "125"),
        ("180", "DD", "C81", "3.141592653589793238462643383279503"),
        ("1", "KWH", "3B", "3.6"),
    ],
)
def test_units_of_one_dimension_convert_exactly(
    quantity: str, given_unit: str | None, wanted: str | None, expected: str
) -> None:
    assert convert(Decimal(quantity), given_unit, wanted) == Fraction(expected)


@pytest.mark.parametrize(
    ("one", "other"), [("KGM", "LTR"), ("KGM", None), ("P1", "C62"), ("XBX", "EA"), ("XYZ", "KGM")]
)
def test_another_dimension_does_not_convert(one: str, other: str | None) -> None:
    assert convert(Decimal(1), one, other) is None


def test_three_thirds_of_a_lot_are_the_lot() -> None:
    pounds = [to_base(Decimal("33.333"), "LBR")[1]] * 3
    assert sum(pounds) + to_base(Decimal("0.001"), "LBR")[1] == to_base(Decimal(100), "LBR")[1]


def test_an_unlisted_code_equals_only_itself() -> None:
    assert unit_of("XYZ") is None
    assert to_base(Decimal(3), "XYZ")[0] not in (COUNT, to_base(Decimal(3), "XZY")[0])
    assert convert(Decimal(3), "XYZ", "XYZ") == 3


def test_every_unit_of_the_sensor_examples_is_known() -> None:
    codes = (
        "KGM",
        "CEL",
        "A93",
        "LUX",
        "KMH",
        "MTR",
        "C35",
        "MTS",
        "DD",
        "P71",
        "P1",
        "KEL",
        "GRM",
        "LTR",
        "PAL",
        "HTZ",
    )
    assert [code for code in codes if unit_of(code) is None] == []


def test_codes_have_two_or_three_capitals_or_digits() -> None:
    assert [is_code(code) for code in ("KGM", "4H", "kgm", "K", "KGMS", "", "K\nM")] == [True, True, *[False] * 5]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1E+3", "1000"),
        ("1.500", "1.5"),
        ("-0", "0"),
        ("-0.00", "0"),
        ("0E-9", "0"),
        ("1E-7", "0.0000001"),
        ("100", "100"),
    ],
)
def test_plain_decimals_have_no_exponent_and_no_trailing_zeros(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


def test_a_fraction_without_end_has_34_digits() -> None:
    assert plain_fraction(Fraction(1, 3)) == "0." + "3" * 34
    assert plain_fraction(Fraction(-5, 8)) == "-0.625"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**60), max_value=10**60))
def test_a_decimal_keeps_every_digit_as_a_fraction(value: Decimal) -> None:
    assert plain_fraction(Fraction(value)) == plain(value)


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=6), st.sampled_from(["LBR", "FAH", "KMH", "RPM", "DZN"])
)
def test_there_and_back_is_the_same(value: Decimal, unit: str) -> None:
    base = {"LBR": "KGM", "FAH": "KEL", "KMH": "MTS", "RPM": "RPS", "DZN": None}[unit]
    there = convert(value, unit, base)
    assert there is not None
    dimension, _ = to_base(value, unit)
    assert dimension == to_base(value, base)[0]
    assert convert(Decimal(0), unit, unit) == 0
    known = unit_of(unit)
    assert known is not None
    assert (there - known.offset) / known.factor == Fraction(value)
