"""Speaking Bolt: a driver from a URL, and the one table that turns the driver's errors into ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit, urlunsplit

from neo4j import AsyncDriver, AsyncGraphDatabase, NotificationMinimumSeverity, TrustCustomCAs
from neo4j.exceptions import (
    AuthError,
    ConfigurationError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from schemas.errors import BadInput, OutcomeUnknown, StemmaError, Unavailable

_ERRORS: Final[tuple[tuple[type[Exception], type[StemmaError], str], ...]] = (
    (IncompleteCommit, OutcomeUnknown, "the graph database went away while it committed"),
    (AuthError, Unavailable, "the graph database refuses user or password: check STEMMA_GRAPH_URL"),
    (ServiceUnavailable, Unavailable, "the graph database does not answer"),
    (SessionExpired, Unavailable, "the connection to the graph database was lost"),
    (TransientError, Unavailable, "the graph database cannot do this now"),
    (Neo4jError, Unavailable, "the graph database refused a statement"),
    (DriverError, Unavailable, "the graph database's driver failed"),
    (OSError, Unavailable, "the graph database cannot be reached"),
)
"""The first match counts; the driver's own text follows for the log."""


def translated(error: Exception) -> StemmaError:
    """Our error for one of the driver's."""
    for theirs, ours, says in _ERRORS:
        if isinstance(error, theirs):
            code = getattr(error, "code", None) or type(error).__name__
            return ours(f"{says} ({code})")
    raise error


@asynccontextmanager
async def translating() -> AsyncIterator[None]:
    """Driver errors leave as ours; cancellation passes untouched."""
    try:
        yield
    except (Neo4jError, DriverError, OSError) as error:
        raise translated(error) from error


def _is_port(parts: SplitResult) -> bool:
    """Whether the port, if one is given, can be one."""
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False


def connect(url: str) -> tuple[AsyncDriver, str | None]:
    """A driver for `scheme://user:password@host:port?database=…&ca=FILE`, and the database named.

    Nothing is sent yet. Errors: `BadInput`.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    database, authority = options.pop("database", None), options.pop("ca", None)
    if options or not parts.hostname or not _is_port(parts):
        raise BadInput.field("graph_url", parts.scheme, "write scheme://user:password@host:port[?database=…&ca=FILE]")
    more: dict[str, Any] = {}
    if parts.username is not None:
        more["auth"] = (unquote(parts.username), unquote(parts.password or ""))
    if authority is not None:
        more |= {"encrypted": True, "trusted_certificates": TrustCustomCAs(authority)}
    try:
        driver = AsyncGraphDatabase.driver(
            urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "", "", "")),
            notifications_min_severity=NotificationMinimumSeverity.OFF,
            connection_timeout=5.0,
            connection_acquisition_timeout=15.0,
            max_transaction_retry_time=4.0,
            initial_retry_delay=0.05,
            telemetry_disabled=True,
            user_agent="stemma",
            **more,
        )
    except (ValueError, ConfigurationError, OSError) as error:
        raise BadInput.field("graph_url", parts.scheme, f"cannot be used: {error}") from error
    return driver, database
