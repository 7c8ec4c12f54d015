"""What drivers of the event index's databases raise, as our errors."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from projections.index.database import translate
from schemas.errors import Damaged, Unavailable


class StartingUp(Exception):
    """What PostgreSQL's driver says while the server recovers."""

    sqlstate = "57P03"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OperationalError("q", {}, Exception("database is locked")), Unavailable),
        (OperationalError("q", {}, Exception("database disk image is malformed")), Damaged),
        (ConnectionRefusedError(), Unavailable),
        (DBAPIError("q", {}, StartingUp()), Unavailable),
        (ValueError(), None),
    ],
)
def test_driver_errors_become_ours(error: BaseException, expected: type[Exception] | None) -> None:
    found = translate(error)
    assert found is None if expected is None else isinstance(found, expected)
