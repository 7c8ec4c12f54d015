"""A query for Grafana's PostgreSQL data source, which the SDK has no type for, and the conditions that queries share.

Grafana's browser puts in variables (`$place`, quoted if several may be chosen), its server macros: `$__name(…)` up to
the first closing bracket, so no macro here holds brackets. Times are bounded by the number that the views keep beside
them, on which the indexes are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

from grafana_foundation_sdk.cog import builder, runtime, variants
from grafana_foundation_sdk.models.common import DataSourceRef

POSTGRES: Final = "grafana-postgresql-datasource"
SOURCE: Final = DataSourceRef(type_val=POSTGRES, uid="stemma-postgres")
Format = Literal["table", "time_series"]

FROM_US: Final = "$__unixEpochNanoFrom() / 1000"
TO_US: Final = "$__unixEpochNanoTo() / 1000"
ALL: Final = "'__all'"
"""What *All* of a variable stands for in its condition: put in as it is, with its quotes."""
_KEYS: Final = frozenset({"refId", "format", "rawSql", "rawQuery", "editorMode", "datasource"})


@dataclass
class SqlQuery(variants.Dataquery):
    """One statement. `table` gives rows as they are; `time_series` makes a series of each text in `metric`."""

    sql: str
    format: Format
    ref: str = "A"

    def to_json(self) -> dict[str, object]:
        return {
            "refId": self.ref,
            "datasource": SOURCE,
            "editorMode": "code",
            "rawQuery": True,
            "format": self.format,
            "rawSql": self.sql,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Errors: ValueError for a key that would be lost."""
        if strange := set(data) - _KEYS:
            raise ValueError(f"a PostgreSQL query has no {', '.join(sorted(strange))}")
        return cls(data["rawSql"], data["format"], data["refId"])


@dataclass
class Query(builder.Builder[SqlQuery]):
    """As the SDK's builders want it."""

    sql: str
    format: Format = "table"
    ref: str = "A"

    def build(self) -> SqlQuery:
        return SqlQuery(self.sql.strip(), self.format, self.ref)


def register() -> None:
    """Make the SDK read our queries back."""
    runtime.register_dataquery_variant(runtime.DataqueryConfig(POSTGRES, SqlQuery.from_json))


def window(column: str = "e.event_us") -> str:
    """Within the dashboard's time range, both ends included, as in `/api/v1/timeline`."""
    return f"{column} BETWEEN {FROM_US} AND {TO_US}"


def one_of(variable: str, *columns: str) -> str:
    """The variable is at *All*, or one of the columns has one of its values."""
    having = " OR ".join(f"{column} IN (${variable})" for column in columns)
    return f"({ALL} IN (${variable}) OR {having})"


def bucket(column: str = "e.time") -> str:
    """Start of the hour, day or week, as clocks of the dashboard's time zone show it."""
    return f"date_trunc('$bucket', {column}, '$__timezone')"


def name(alias: str, column: str) -> str:
    """Join that gives `alias.name` for a key, in the chosen language; null where no name is known."""
    return f"LEFT JOIN grafana_name {alias} ON {alias}.key = {column} AND {alias}.lang = '$lang'"


PLACE: Final = one_of("place", "e.read_point", "e.location")
ACTIVITY: Final = one_of("activity", "e.activity")
OPERATOR: Final = one_of("operator", "e.operator")
RESOURCE: Final = f"""({ALL} IN ($resource) OR EXISTS (
    SELECT FROM grafana_resource r WHERE r.row = e.row AND r.resource IN ($resource)))"""
OBJECT: Final = """('$object' = '' OR EXISTS (
    SELECT FROM grafana_mention m WHERE m.row = e.row
      AND (m.object = '$object' OR right(m.object, length('$object') + 1) = '/' || '$object')))"""
"""The whole key, or its last part: the number on the label."""
CHOSEN: Final = "\n  AND ".join((ACTIVITY, PLACE, OPERATOR, RESOURCE, OBJECT))
"""The filters of the audit timeline, on `grafana_event e`."""

CAPTURED: Final = "\n  AND ".join((PLACE, OPERATOR, RESOURCE))
"""Those that say where something is captured: what an event is about leaves no gap."""
