"""Every kind of problem that the service can answer has its words in the console's catalogue, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import services.app  # every module that adds an error to the tree
from schemas.errors import StemmaError
from services.epcis import faults
from services.problems import _TITLES, problem_of
from services.words import word

assert services.app.ROUTERS


def tree(kind: type[StemmaError]) -> Iterator[type[StemmaError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from tree(below)


# those of the EPCIS interface, which no page of the console calls by form, are named by its exceptions
TITLES = sorted(
    {kind.title for kind in tree(StemmaError) if kind.__module__ != faults.__name__} | set(_TITLES.values())
)


@pytest.mark.parametrize("title", TITLES)
def test_a_kind_of_problem_has_a_title_and_a_fix_in_both_languages(title: str) -> None:
    kind = title.lower().replace(" ", "-")
    assert word(f"problemTitle.{kind}", "en") == title
    assert word(f"problemFix.{kind}", "en") != word(f"problemFix.{kind}", "zh")


def test_the_type_of_a_problem_is_its_kind() -> None:
    class Odd(StemmaError):
        title = "Not found"

    assert b'"type":"/problems/not-found"' in bytes(problem_of(Odd("gone"), "/api/v1/x", "1").body)
