"""Which record of an eventID counts (trace.md L2, section 7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.settle import Candidate, Declared, settle


def candidate(record_us: int, content: str = "a", source: str = "plant", offset: int | None = None) -> Candidate:
    return Candidate(record_us, content.encode(), source, 0, record_us if offset is None else offset)


def declared(record_us: int, source: str = "plant", *, may_correct: bool = False, content: str = "d") -> Declared:
    return Declared(record_us, content.encode(), source, may_correct, 0, record_us)


def test_nothing_known_stands_for_nothing() -> None:
    assert settle([], []).standing is None


def test_the_earliest_of_equal_contents_stands_and_the_others_are_duplicates() -> None:
    settled = settle([candidate(9), candidate(4), candidate(7)], [])
    assert settled.standing == candidate(4)
    assert settled.duplicates == (candidate(7), candidate(9))
    assert settled.losers == ()


def test_other_contents_lose_to_the_least_and_each_is_told_once() -> None:
    settled = settle([candidate(9, "b"), candidate(4, "a"), candidate(6, "b"), candidate(8, "c")], [])
    assert settled.standing == candidate(4, "a")
    assert settled.losers == (candidate(6, "b"), candidate(8, "c"))
    assert settled.duplicates == (candidate(9, "b"),)


def test_equal_record_times_are_decided_by_content_not_by_source() -> None:
    settled = settle([candidate(4, "b", "aaa", 1), candidate(4, "a", "zzz", 2)], [])
    assert settled.standing == candidate(4, "a", "zzz", 2)


def test_a_conflict_stays_one_after_the_first_was_withdrawn() -> None:
    settled = settle([candidate(4, "a"), candidate(9, "b")], [declared(6)])
    assert settled.standing == candidate(4, "a")
    assert settled.withdrawn_us == 6
    assert settled.losers == (candidate(9, "b"),)


@pytest.mark.parametrize(
    ("declarations", "withdrawn_us"),
    [
        ([declared(6), declared(8)], 6),
        ([declared(6, "stranger"), declared(8)], 8),
        ([declared(6, "stranger")], None),
        ([declared(6, "auditor", may_correct=True)], 6),
        ([declared(2)], 2),
    ],
)
def test_the_earliest_declaration_that_counts_withdraws(declarations: list[Declared], withdrawn_us: int | None) -> None:
    settled = settle([candidate(4)], declarations)
    assert settled.withdrawn_us == withdrawn_us
    assert len(settled.idle) == len(declarations) - (withdrawn_us is not None)


def test_a_declaration_counts_for_the_source_of_the_record_that_stands() -> None:
    late = [candidate(9, source="plant"), candidate(4, source="other")]
    assert settle(late, [declared(10, "plant")]).withdrawn_us is None
    assert settle(late, [declared(10, "other")]).withdrawn_us == 10


def test_an_event_is_in_force_from_its_record_time_to_its_withdrawal_both_included_in_their_own() -> None:
    settled = settle([candidate(4)], [declared(6)])
    assert [settled.in_force(us) for us in (3, 4, 5, 6)] == [False, True, True, False]
    assert not settle([candidate(4)], [declared(2)]).in_force(4)


records = st.lists(
    st.builds(candidate, st.integers(0, 5), st.sampled_from("ab"), st.sampled_from("pq"), st.integers(0, 9)), max_size=6
)
declarations = st.lists(st.builds(declared, st.integers(0, 5), st.sampled_from("pq")), max_size=4)


@given(records, declarations, st.randoms())
def test_order_and_repetition_change_nothing(candidates: list[Candidate], told: list[Declared], dice: object) -> None:
    settled = settle(candidates, told)
    dice.shuffle(candidates)  # type: ignore[attr-defined]
    dice.shuffle(told)  # type: ignore[attr-defined]
    assert settle(candidates * 2, told * 2) == settled
    everyone = {*settled.losers, *settled.duplicates, *([settled.standing] if settled.standing else [])}
    assert everyone == set(candidates)
