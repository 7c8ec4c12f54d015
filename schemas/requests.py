"""What all requests share: the strict base of their models, and how findings become `{field, value, fix}`.

Requests are frozen and take no field they do not know. Models hold shapes and lengths; what needs a standard or a
setting (identifiers, times, units) is checked where it is compiled. No I/O.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic_core import PydanticKnownError

from schemas.errors import BadInput, FieldError, told_by
from schemas.sentences import Sentence, say

DECIMAL: Final = r"^[0-9]{1,30}(\.[0-9]{1,30})?$"
SIGNED_DECIMAL: Final = r"^-?[0-9]{1,30}(\.[0-9]{1,30})?$"
TAG: Final = "="
"""Begins the name of a union's branch, which is no part of a field's path."""


class Strict(BaseModel):
    """Base of every request: frozen, unknown fields refused, no silent conversion."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _digits(value: object) -> object:
    """A JSON number as the text of all its digits; its reader gives int or Decimal, never a float."""
    return format(value, "f") if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


Text = Annotated[str, Field(min_length=1, max_length=2048)]
"""An identifier in any spelling."""
Name = Annotated[str, Field(min_length=1, max_length=200)]
"""A name or number that people give: 1 to 200 characters."""
Amount = Annotated[
    str,
    BeforeValidator(_digits),
    Field(pattern=DECIMAL, max_length=61),
    WithJsonSchema({"type": "string", "pattern": DECIMAL, "examples": ["12.5"]}),
]
"""A quantity: plain decimal text, not negative, at most 30 digits before and after the point."""
Figure = Annotated[
    str,
    BeforeValidator(_digits),
    Field(pattern=SIGNED_DECIMAL, max_length=62),
    WithJsonSchema({"type": "string", "pattern": SIGNED_DECIMAL, "examples": ["-0.25"]}),
]
"""A measured figure or limit: plain decimal text, at most 30 digits before and after the point."""

_FIXES: Final = {
    "missing": "this field is required",
    "extra_forbidden": "this field is not known here; remove it or correct its name",
    "string_too_short": "this must not be empty",
    "too_short": "name at least one",
    "model_type": 'write the whole identifier as text, or {"product": "…", "lot" or "serial": "…"}',
}
_PATTERNS: Final = {
    DECIMAL: "write a plain decimal number of 0 or more as text, such as \"12.5\", at most 30 digits on either side",
    SIGNED_DECIMAL: 'write a plain decimal number as text, such as "-0.25", at most 30 digits on either side',
}  # fmt: skip


def field_errors(error: ValidationError, place: str = "") -> list[FieldError]:
    """Pydantic's findings with dotted paths below `place`, values cut to 200 characters, and what to do."""
    return [
        FieldError(joined(place, _parts(found["loc"])), shown(found), _fix(found))
        for found in error.errors(include_url=False)
    ]


def refused(errors: Sequence[FieldError]) -> BadInput:
    """One error that carries all faults; its detail tells the first three."""
    return BadInput(told_by(errors), errors=errors[:100])


def joined(place: str, parts: Iterable[str | int]) -> str:
    """A dotted path: `inputs[0].id`."""
    path = place
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def shown(found: Any) -> str:
    """A finding's value as received, empty for a missing field."""
    value = "" if found["type"] in ("missing", "union_tag_not_found") else found.get("input")
    if found["type"] == "union_tag_invalid" and isinstance(value, dict):
        value = value.get(str(found["ctx"]["discriminator"]).strip("'"))
    return (value if isinstance(value, str) else str(value))[:200]


def _parts(loc: Sequence[str | int]) -> list[str | int]:
    return [part for part in loc if isinstance(part, int) or not part.startswith(TAG)]


def _fix(found: Any) -> str:
    kind, context = found["type"], found.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(context["pattern"], say("must match {form}", form=context["pattern"]))
    if kind in ("string_too_long", "too_long"):
        return say(
            "at most {most} {kind} are taken",
            most=context["max_length"],
            kind="characters" if kind == "string_too_long" else "entries",
        )
    if kind == "literal_error":
        return say("write {known}", known=context["expected"])
    if kind == "value_error":
        return str(context["error"])
    return _FIXES.get(kind) or by_pydantic(found)


def by_pydantic(found: Any) -> str:
    """Pydantic's own words, by the template that they are made of."""
    context = found.get("ctx", {})
    try:
        template = PydanticKnownError(found["type"], context or None).message_template
    except (KeyError, TypeError):
        return str(found["msg"])
    return Sentence(found["msg"], template, {name: str(one) for name, one in context.items()})
