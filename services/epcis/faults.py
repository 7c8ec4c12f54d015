"""The exceptions of EPCIS 2.0 section 8.2.3 that a query or a subscription can end in, as branches of `schemas.errors`.

`exception` is the name that stands behind `epcisException:` in a problem's `type` (epcis.md E2).
"""

from __future__ import annotations

from typing import ClassVar

from schemas.errors import BadInput, StemmaError, TooLarge


class BadParameter(BadInput):
    """A parameter is unknown or its value is bad."""

    title = "Bad query parameter"
    exception: ClassVar[str] = "QueryParameterException"


class BadQuery(BadInput):
    """What was sent has not the shape of a query."""

    title = "Bad query"
    exception: ClassVar[str] = "QueryValidationException"


class BadControls(BadInput):
    """What says when a subscription runs (stream, schedule) is missing, doubled or bad."""

    title = "Bad subscription controls"
    exception: ClassVar[str] = "SubscriptionControlsException"


class QueryTooLarge(TooLarge):
    """The answer has more events than `maxEventCount` allows."""

    title = "Query too large"
    exception: ClassVar[str] = "QueryTooLargeException"


class QueryTooComplex(TooLarge):
    """The query has too many values, or takes too long."""

    title = "Query too complex"
    exception: ClassVar[str] = "QueryTooComplexException"


class UriTooLong(StemmaError):
    """The address of the call is too long."""

    status, title = 414, "Address too long"
    exception: ClassVar[str] = "URITooLongException"
