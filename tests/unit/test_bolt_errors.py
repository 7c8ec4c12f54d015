"""Driver errors leave the Neo4j adapter as ours, by one table."""

from __future__ import annotations

import asyncio

import pytest
from neo4j import exceptions

from projections.genealogy.bolt import connect, translated, translating
from schemas.errors import BadInput, OutcomeUnknown, StemmaError, Unavailable


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (exceptions.IncompleteCommit(), OutcomeUnknown),
        (exceptions.ServiceUnavailable(), Unavailable),
        (exceptions.SessionExpired(), Unavailable),
        (exceptions.TransientError(), Unavailable),
        (exceptions.AuthError(), Unavailable),
        (exceptions.CypherSyntaxError(), Unavailable),
        (exceptions.ConfigurationError(), Unavailable),
        (ConnectionResetError(), Unavailable),
    ],
)
def test_each_error_of_the_driver_has_one_of_ours(theirs: Exception, ours: type[StemmaError]) -> None:
    assert type(translated(theirs)) is ours


async def test_cancellation_and_our_own_errors_pass_untouched() -> None:
    for error in (asyncio.CancelledError(), BadInput("x")):
        with pytest.raises(type(error)) as caught:
            async with translating():
                raise error
        assert caught.value is error


@pytest.mark.parametrize("url", ["bolt://", "bolt://h:1?colour=red", "bolt://h:99999", "bolt+s://h:1?ca=missing.pem"])
def test_a_url_that_cannot_be_used_is_refused_with_the_fix(url: str) -> None:
    with pytest.raises(BadInput) as refused:
        connect(url)
    assert refused.value.errors[0].field == "graph_url"


async def test_the_password_is_in_no_message() -> None:
    with pytest.raises(BadInput) as refused:
        connect("bolt://neo4j:s3cret@h:1?colour=red")
    assert "s3cret" not in f"{refused.value} {refused.value.errors}"
    driver, database = connect("bolt://neo4j:s3cret%2F@127.0.0.1:1?database=plant")
    assert database == "plant"
    await driver.close()
