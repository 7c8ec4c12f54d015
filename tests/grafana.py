"""What a Grafana server does with a query of the PostgreSQL data source before it runs, written from its manual.

The browser puts in variables: quoted and separated by commas where several may be chosen, else as they are with single
quotes doubled; a custom value of *All* as it is. Then the server replaces macros, by the pattern that is Grafana's own:
what stands between `$name(` and the first `)` is split at commas.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "deploy" / "grafana"
DASHBOARDS = {path.stem: json.loads(path.read_text()) for path in sorted((FOLDER / "dashboards").glob("*.json"))}
MACRO = re.compile(r"\$([_a-zA-Z0-9]+)\(([^\)]*)\)")
VARIABLE = re.compile(r"\$(\w+)|\$\{(\w+)\}")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
Values = Mapping[str, str | Sequence[str] | None]
"""What is chosen by variable: one text, several, or None for *All*."""


class NoMacro(Exception):
    """The server knows no macro of this name, or not with these arguments."""


@dataclass(frozen=True)
class View:
    """What the user looks at: a time range (both ends included), a zone, an interval, and variables."""

    start: datetime
    end: datetime
    zone: str = "UTC"
    interval: str = "1h"
    values: Values = field(default_factory=dict)


def expanded(sql: str, view: View, board: Mapping[str, Any]) -> str:
    """The statement as it reaches the database. Errors: `NoMacro`; KeyError for a variable that there is not."""
    return MACRO.sub(lambda found: _macro(found[1], found[2], view), interpolated(sql, view, board))


def interpolated(sql: str, view: View, board: Mapping[str, Any]) -> str:
    """The statement with its variables put in; a name that is a macro's stays."""
    models = {one["name"]: one for one in board["templating"]["list"]}
    built_in = {"__timezone": view.zone, "__interval": view.interval}

    def put(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name in built_in:
            return built_in[name]
        if name.startswith("__"):
            return found[0]
        return _value(models[name], view.values.get(name, _default(models[name])))

    return VARIABLE.sub(put, sql)


def _default(model: Mapping[str, Any]) -> str | None:
    if model.get("includeAll"):
        return None
    if "current" in model:
        return str(model["current"]["value"])
    return "" if model["type"] == "query" else str(model["query"])


def _value(model: Mapping[str, Any], value: str | Sequence[str] | None) -> str:
    several = model.get("multi") or model.get("includeAll")
    if value is None:
        return str(model["allValue"])
    if isinstance(value, str):
        return _quoted(value) if several else value.replace("'", "''")
    return ",".join(_quoted(one) for one in value)


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _macro(name: str, inner: str, view: View) -> str:
    arguments = [one.strip() for one in inner.split(",")]
    start, end = (_rfc3339(one) for one in (view.start, view.end))
    first, last = (_ns(one) for one in (view.start, view.end))
    match name, arguments:
        case "__time", [column]:
            return f'{column} AS "time"'
        case "__timeFilter", [column]:
            return f"{column} BETWEEN '{start}' AND '{end}'"
        case "__timeFrom", [""]:
            return f"'{start}'"
        case "__timeTo", [""]:
            return f"'{end}'"
        case "__timeGroup" | "__timeGroupAlias", [column, interval]:
            length = _seconds(interval)
            alias = ' AS "time"' if name.endswith("Alias") else ""
            return f"floor(extract(epoch from {column})/{length})*{length}{alias}"
        case "__unixEpochFilter", [column]:
            return f"{column} >= {first // 10**9} AND {column} <= {last // 10**9}"
        case "__unixEpochFrom", [""]:
            return str(first // 10**9)
        case "__unixEpochTo", [""]:
            return str(last // 10**9)
        case "__unixEpochNanoFilter", [column]:
            return f"{column} >= {first} AND {column} <= {last}"
        case "__unixEpochNanoFrom", [""]:
            return str(first)
        case "__unixEpochNanoTo", [""]:
            return str(last)
    raise NoMacro(f"${name}({inner})")


def _seconds(interval: str) -> int:
    found = re.fullmatch(r"'?(\d+)([smhd])'?", interval)
    if found is None:
        raise NoMacro(f"interval {interval}")
    return int(found[1]) * _SECONDS[found[2]]


def _ns(time: datetime) -> int:
    return (time - EPOCH) // timedelta(microseconds=1) * 1000


def _rfc3339(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True)
class Statement:
    """A query of a dashboard: what it is for (`panel`, `annotation` or `variable`), its format and text."""

    board: str
    kind: str
    title: str
    format: str
    sql: str
    shape: str = ""

    def __str__(self) -> str:
        return f"{self.board}: {self.title}"


def statements() -> Iterator[Statement]:
    """Every statement of every dashboard; `shape` is the type of its panel."""
    for name, board in DASHBOARDS.items():
        for panel in board["panels"]:
            for target in panel["targets"]:
                if "rawSql" in target:
                    yield Statement(name, "panel", panel["title"], target["format"], target["rawSql"], panel["type"])
        for one in board["annotations"].get("list", ()):
            yield Statement(name, "annotation", one["name"], one["target"]["format"], one["target"]["rawSql"])
        for one in board.get("templating", {}).get("list", ()):
            if one["type"] == "query":
                yield Statement(name, "variable", f"${one['name']}", "table", one["query"])
