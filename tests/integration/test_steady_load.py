"""A steady load and one beyond capacity, in small: counts only; `python -m tests.bench steady` has the times."""

from __future__ import annotations

import pytest

from tests.bench.steady import overload, steady
from tests.e2e.conftest import Server, make_server, server

__all__ = ["make_server", "server"]
pytestmark = pytest.mark.slow


def test_a_steady_load_from_many_sources_is_taken_whole_with_recalls_beside(server: Server) -> None:
    told = steady(server, seconds=3, rate=50, sources=10)
    assert told.errors == 0
    assert told.acknowledged == 150
    assert told.waited


def test_more_than_can_be_taken_is_slowed_or_told_to_come_again_and_nothing_acknowledged_is_lost(
    server: Server,
) -> None:
    _, told, _ = overload(server, seconds=3)
    assert told.errors == 0
    assert told.acknowledged
