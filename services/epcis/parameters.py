"""Queries as they are sent, in an address or as JSON, to `Query`. Every fault names its parameter.

Source: epcis.md Q3 to Q12.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from projections.index.attributes import number_of, time_of
from schemas.epcis.context import BUILT_IN, bind
from schemas.epcis.forms import is_uri
from schemas.epcis.vocabulary import (
    ACTIONS,
    DISPOSITION,
    EVENT_TYPES,
    MEASUREMENT,
    REASON,
    STEP,
    Vocabulary,
)
from schemas.errors import BadInput
from schemas.identifiers import Kind, identify
from schemas.times import Instant
from schemas.units import plain
from services.epcis.faults import BadParameter, BadQuery, QueryTooComplex
from services.epcis.names import LISTS, Name, read_name
from services.epcis.query import Query

MOST_VALUES: Final = 1000
_TRUE: Final = ("true", "1", "", "null")
_FALSE: Final = ("false", "0")
_WORDS: Final[Mapping[str, Vocabulary]] = {
    "step": STEP,
    "disposition": DISPOSITION,
    "reason": REASON,
    "measurement": MEASUREMENT,
}
_TYPE_URI: Final = "https://ref.gs1.org/epcis/"
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2})*")
_EXTENSIONS: Final = re.compile(r"\s*([A-Za-z_][\w.-]*)\s*=\s*([^,\s]+)\s*")
_MOST_COUNT: Final = 10**9
"""More events than any answer has; a greater limit says no more."""
_ORDERS: Final = "eventTime, recordTime or an extension field is expected"
_NOT_IN_QUERIES: Final = frozenset(("@context", "perPage", "nextPageToken"))


def prefixes_of(header: str | None) -> dict[str, str]:
    """Prefixes that `GS1-Extensions` binds, beside those of the EPCIS context. What cannot be read is passed over."""
    found = dict(BUILT_IN)
    for part in (header or "").split(","):
        if match := _EXTENSIONS.fullmatch(part):
            found[match[1]] = match[2]
    return found


def query_of_address(pairs: Iterable[tuple[str, str]], prefixes: Mapping[str, str], most: int = MOST_VALUES) -> Query:
    """A query of an address's parameters. Lists are separated by `|`, repeated ones merge.

    Errors: `BadParameter`, `QueryTooComplex` over `most` values.
    """
    given: dict[str, list[str]] = {}
    names: dict[str, Name] = {}
    for name, text in pairs:
        read = names.get(name) or names.setdefault(name, read_name(name, prefixes))
        if read.kind in LISTS:
            given.setdefault(name, []).extend(text.split("|"))
        elif name in given:
            raise BadParameter.field(name, text, "this parameter takes one value: give it once")
        else:
            given[name] = [text]
    return _query(((name, names[name], values) for name, values in given.items()), most, prefixes)


def query_of_json(told: Any, prefixes: Mapping[str, str], most: int = MOST_VALUES) -> Query:
    """A query of a JSON object. Errors: `BadQuery` for its shape, `BadParameter`, `QueryTooComplex`."""
    if not isinstance(told, dict):
        raise BadQuery.field("query", json.dumps(told, default=str), "a query is an object of parameters")
    bound = bound_by(told.get("@context"), prefixes)
    found = []
    for name, value in told.items():
        if name != "@context":
            if name in _NOT_IN_QUERIES:
                raise BadParameter.field(name, str(value), "this stands in the address, not in the query")
            read = read_name(name, bound)
            found.append((name, read, _texts(name, read, value)))
    return _query(found, most, bound)


def bound_by(context: Any, prefixes: Mapping[str, str], place: str = "query.@context") -> Mapping[str, str]:
    """The prefixes with those of a query's own `@context`; the address of the query schema is passed over.

    Errors: `BadQuery` naming the place in it."""
    if context is None:
        return prefixes
    parts = [one for one in (context if isinstance(context, list) else [context]) if not _is_schema(one)]
    bindings = bind(parts, prefixes, place)
    if bindings.faults:
        raise BadQuery(bindings.faults[0].fix, errors=bindings.faults)
    return bindings.namespaces


def _is_schema(part: Any) -> bool:
    return isinstance(part, str) and part.endswith("/query-schema.json")


def _texts(name: str, read: Name, value: Any) -> list[str]:
    """The values of a member as texts. Errors: `BadQuery` for a kind of value that no parameter takes there."""
    if read.kind in LISTS:
        single = read.kind in ("numbers", "any") and not isinstance(value, list)
        if not isinstance(value, list) and not (single and value is not None):
            raise BadQuery.field(name, json.dumps(value, default=str), "a list of values is expected")
        return [_text(name, one) for one in (value if isinstance(value, list) else [value])]
    if value is None and read.kind == "exists":
        return [""]
    return [_text(name, value)]


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return plain(Decimal(value))
    if isinstance(value, str):
        return value
    raise BadQuery.field(name, json.dumps(value, default=str), "a text or a number is expected")


def _query(given: Iterable[tuple[str, Name, list[str]]], most: int, prefixes: Mapping[str, str]) -> Query:
    merged: dict[str, list[str]] = {}
    total = 0
    for name, read, values in given:
        total += len(values)
        if total > most:
            raise QueryTooComplex(f"a query has at most {most} values: ask in several queries")
        if not values:
            raise BadParameter.field(name, "", "give at least one value")
        told = [_value(name, read, one, prefixes) for one in values]
        if read.kind == "exists" and told == [""]:
            continue
        if read.canonical in merged and read.kind not in LISTS:
            raise BadParameter.field(name, values[0], "this parameter is given twice, in two spellings")
        merged.setdefault(read.canonical, []).extend(told)
    query = Query(tuple((name, tuple(sorted(set(merged[name])))) for name in sorted(merged)))
    _check_limits(query)
    return query


def _check_limits(query: Query) -> None:
    if query.count_limit is not None and query.most is not None:
        raise BadParameter.field("eventCountLimit", str(query.count_limit), "give it or maxEventCount, not both")
    if query.count_limit is not None and query.one("orderBy") is None:
        raise BadParameter.field(
            "eventCountLimit", str(query.count_limit), "the first of which order? give orderBy too"
        )


def _value(name: str, read: Name, text: str, prefixes: Mapping[str, str]) -> str:
    """One value in its canonical form. Errors: `BadParameter`."""
    if read.kind == "exists":
        if text.lower() in _TRUE:
            return "true"
        return "" if text.lower() in _FALSE else _refuse(name, text, "true or false is expected")
    if text == "" and read.kind != "text":
        return _refuse(name, text, "a value is missing")
    if "\0" in text or len(text) > 8192:
        return _refuse(name, text, "a shorter text without NUL is expected")
    if read.op in ("MATCH", "WD") or (read.kind == "uri" and name.startswith("EQ_")):
        return text if _is_name(text) else _refuse(name, text, "a URI is expected")
    if read.kind in _WORDS:
        return _word(name, text, _WORDS[read.kind], prefixes)
    return str(_VALUES.get(read.kind, _as_given)(name, text, prefixes))


def _refuse(name: str, text: str, fix: str) -> str:
    raise BadParameter.field(name, text, fix)


def _as_given(name: str, text: str, prefixes: Mapping[str, str]) -> str:
    return text or _refuse(name, text, "a value is missing")


def _is_name(text: str) -> bool:
    return is_uri(text) or identify(text).kind is not Kind.OTHER


def _word(name: str, text: str, vocabulary: Vocabulary, prefixes: Mapping[str, str]) -> str:
    word = vocabulary.word(text, prefixes)
    if word in vocabulary.words or is_uri(word):
        return word
    return _refuse(name, text, f"a {vocabulary.name} is a word of CBV 2.0 or a URI")


def _time(name: str, text: str, prefixes: Mapping[str, str]) -> str:
    """A plus sign that an address did not escape comes as a space."""
    given = text.replace(" ", "+") if "T" in text else text
    try:
        return Instant.parse(given, name).text()
    except BadInput as fault:
        raise BadParameter(fault.detail, errors=fault.errors) from None


def _number(name: str, text: str, prefixes: Mapping[str, str]) -> str:
    number = number_of(text)
    if number is None or abs(number.adjusted()) > 100:
        return _refuse(name, text, "a number of at most 100 digits is expected")
    return plain(number)


def _ordered(name: str, text: str, prefixes: Mapping[str, str]) -> str:
    """A number or a time: what an extension can be greater or less than."""
    if number_of(text) is not None:
        return _number(name, text, prefixes)
    given = text.replace(" ", "+") if "T" in text else text
    if time_of(given) is None:
        return _refuse(name, text, "a number or a time with its offset is expected")
    return Instant.parse(given).text()


def _count(name: str, text: str, prefixes: Mapping[str, str]) -> str:
    number = counted(text, _MOST_COUNT)
    return _refuse(name, text, "a whole number of at least 1 is expected") if number is None else str(number)


def counted(text: str, most: int) -> int | None:
    """A whole number of at least 1, cut at `most`; None for any other text."""
    digits = text.lstrip("0")
    if not digits or not text.isascii() or not text.isdigit():
        return None
    return most if len(digits) > len(str(most)) else min(int(digits), most)


def _one_of(words: Sequence[str]) -> Any:
    def check(name: str, text: str, prefixes: Mapping[str, str]) -> str:
        return text if text in words else _refuse(name, text, f"one of {', '.join(words)} is expected")

    return check


def _event_type(name: str, text: str, prefixes: Mapping[str, str]) -> str:
    word = text.removeprefix(_TYPE_URI).removeprefix("epcis:")
    if word in EVENT_TYPES or is_uri(text):
        return word if word in EVENT_TYPES else text
    return _refuse(name, text, f"one of {', '.join(sorted(EVENT_TYPES))} or a URI is expected")


def _hex(name: str, text: str, prefixes: Mapping[str, str]) -> str:
    return text.upper() if _HEX.fullmatch(text) else _refuse(name, text, "hexadecimal digits are expected")


def _order_by(name: str, text: str, prefixes: Mapping[str, str]) -> str:
    if text in ("eventTime", "recordTime"):
        return text
    try:
        read = read_name(f"EQ_{text}", prefixes)
    except BadParameter as unknown:
        fix = unknown.errors[0].fix if ":" in text else _ORDERS
        return _refuse(name, text, fix)
    return _refuse(name, text, _ORDERS) if read.family is None else read.canonical.removeprefix("EQ_")


_VALUES: Final[Mapping[str, Any]] = {
    "time": _time,
    "number": _number,
    "numbers": _number,
    "ordered": _ordered,
    "count": _count,
    "action": _one_of(sorted(ACTIONS)),
    "direction": _one_of(("ASC", "DESC")),
    "boolean": _one_of(("true", "false")),
    "type": _event_type,
    "hex": _hex,
    "order": _order_by,
    "uri": _as_given,
    "any": _as_given,
}
