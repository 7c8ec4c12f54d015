"""EPCIS-B2: whatever the values, a span that crosses a point lies in one of the ranges that are looked through."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.index.attributes import in_base, span_text, spans

VALUES = st.tuples(
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1000, max_value=1000)
    | st.decimals(allow_nan=False, allow_infinity=False).filter(lambda one: abs(one.adjusted()) < 90),
    st.sampled_from(("CEL", "KEL", "FAH")),
)


@settings(deadline=None)
@given(st.lists(VALUES, min_size=2, max_size=5), VALUES)
def test_a_span_is_found_from_any_point_within(values: list[tuple[Decimal, str]], point: tuple[Decimal, str]) -> None:
    """EPCIS-B2: also over units and signs, with digits beyond those that spans are told apart by."""
    texts = sorted(in_base("value", unit, value) for value, unit in values)
    sought = in_base("value", point[1], point[0])
    told = span_text(texts[0], texts[-1])
    found = any(low <= told < high for _, low, high in spans(1, sought))
    assert found or not texts[0] <= sought <= texts[-1]  # one found in vain is left to the condition itself
