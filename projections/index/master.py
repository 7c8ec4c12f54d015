"""Names and master data of the log to rows: the newest entry of a key replaces the older one whole (epcis.md M1).

An entry is an object with an `id` and any of `type`, `zh`, `en`, `unit`, `contact`, `own`, `attributes`, `children`.
A body holds entries under `names` or `master_data`, or is one entry itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

NAMES_TYPE: Final = ""
"""The type of an entry that is no EPCIS vocabulary element but came by `PUT /api/v1/names`."""
_LISTS: Final = ("names", "master_data")
_NAME_ATTRIBUTES: Final = ("name", "urn:epcglobal:cbv:mda#name", "cbvmda:name", "urn:epcglobal:cbv:mda:name")


def entries(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries of a body, in its order."""
    found: list[Mapping[str, Any]] = [one for name in _LISTS for one in body.get(name) or () if isinstance(one, dict)]
    if not found and isinstance(body.get("id"), str):
        found = [body]
    return [one for one in found if isinstance(one.get("id"), str)]


def master_rows(row: int, record_us: int, body: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Rows of `master_data`, in the order of its columns."""
    return [
        (
            *(one["id"], _text(one.get("type")) or NAMES_TYPE, record_us, row, n, _text(one.get("zh")), _english(one)),
            *(_text(one.get("unit")), _text(one.get("contact")), _flag(one.get("own")), orjson.dumps(one)),
        )
        for n, one in enumerate(entries(body))
    ]


def own_keys(body: Mapping[str, Any]) -> list[str]:
    """The places and parties of an `own` record: its list under `own`."""
    listed = body.get("own")
    return [key for key in listed if isinstance(key, str)] if isinstance(listed, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _english(entry: Mapping[str, Any]) -> str | None:
    """The English name, or the name that a vocabulary element has without a language."""
    told = _text(entry.get("en"))
    attributes = entry.get("attributes")
    if told is None and isinstance(attributes, dict):
        told = next((text for name in _NAME_ATTRIBUTES if (text := _text(attributes.get(name)))), None)
    return told
