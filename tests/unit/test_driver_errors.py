"""What drivers of the event index's databases raise, as our errors."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from projections.index.database import translate
from schemas.errors import Damaged, Unavailable


def starting_up() -> Exception:
    """What PostgreSQL's driver says while the server recovers."""
    fault = Exception("the database system is starting up")
    fault.sqlstate = "57P03"  # type: ignore[attr-defined]
    return fault


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OperationalError("q", {}, Exception("database is locked")), Unavailable),
        (OperationalError("q", {}, Exception("database disk image is malformed")), Damaged),
        (ConnectionRefusedError(), Unavailable),
        (DBAPIError("q", {}, starting_up()), Unavailable),
        (ValueError(), None),
    ],
)
def test_driver_errors_become_ours(error: BaseException, expected: type[Exception] | None) -> None:
    found = translate(error)
    assert found is None if expected is None else isinstance(found, expected)
