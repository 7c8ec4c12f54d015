"""The one error tree of Stemma, drawn here and nowhere else.

    StemmaError
    ├── BadInput            the caller's document or field is wrong (400; 422 for a body's field)
    │   └── BadIdentifier   an identifier breaks its standard
    ├── TooLarge            a bounded size, depth or count is exceeded (413)
    ├── NotFound            what was named is not known (404)
    ├── Conflict            same identity, other content (409)
    ├── Forbidden           the caller's key lacks the scope (403); Unauthenticated (401)
    ├── Busy                back-pressure, try again (429)
    ├── Unavailable         a store cannot answer now; retryable (503)
    │   ├── OutcomeUnknown  a write may or may not have happened; retry under the same identity
    │   └── Fenced          another process has moved a projection's position; re-read it
    └── Damaged             stored data fails its own check; not retryable (500)

Adapters translate their driver's errors into these at their edge; nobody above catches a driver's error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from schemas.sentences import in_row, say


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault of an input: `field` a dotted path (`inputs[0].id`), `value` as received, `fix` what to do."""

    field: str
    value: str
    fix: str


def told_by(faults: Sequence[FieldError]) -> str:
    """The first three faults in a line."""
    return in_row([say("{field}: {fix}", field=one.field, fix=one.fix) for one in faults[:3]])


class StemmaError(Exception):
    """Base of all. `status` is the HTTP status, `retryable` whether the same call may succeed later."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)


class BadInput(StemmaError):
    status, title = 400, "Bad input"

    @classmethod
    def field(cls, field: str, value: object, fix: str) -> BadInput:
        """One faulty field. `value` is shown cut to 200 characters."""
        shown = value if isinstance(value, str) else repr(value)
        fault = FieldError(field, shown[:200], fix)
        return cls(told_by([fault]), errors=[fault])


class BadIdentifier(BadInput):
    title = "Bad identifier"


class TooLarge(StemmaError):
    status, title = 413, "Too large"


class NotFound(StemmaError):
    status, title = 404, "Not found"


class Conflict(StemmaError):
    status, title = 409, "Conflict"


class Unauthenticated(StemmaError):
    status, title = 401, "Key required"


class Forbidden(StemmaError):
    status, title = 403, "Not allowed"


class Busy(StemmaError):
    status, title, retryable = 429, "Too many requests", True


class Unavailable(StemmaError):
    status, title, retryable = 503, "Unavailable", True


class OutcomeUnknown(Unavailable):
    title = "Outcome unknown"


class Fenced(Unavailable):
    title = "Fenced"


class Damaged(StemmaError):
    status, title = 500, "Stored data is damaged"
