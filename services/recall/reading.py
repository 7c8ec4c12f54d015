"""Reading a caller's question: spellings and short numbers to canonical keys, times to instants."""

from __future__ import annotations

from typing import Final, Protocol

from projections.trace.question import Direction, Filter, Question, Seed, SeedKind
from schemas.errors import BadInput
from schemas.identifiers import class_key, identify, identify_strict
from schemas.questions import FilterRequest, QuestionRequest, SeedRequest
from schemas.times import Instant
from services.recall.tokens import After

_WINDOWS: Final = (SeedKind.PLACE, SeedKind.RESOURCE)
_SCANNED: Final = ("(", "]", "\x1d")


class ShortNumbers(Protocol):
    """Finds the keys a short number may mean."""

    async def find_short(self, number: str) -> list[str]: ...


async def keys_of(text: str, numbers: ShortNumbers, base: str | None, field: str) -> tuple[tuple[str, ...], bool]:
    """Canonical keys of a text, and whether it was a full identifier; several keys only for a short number.

    Errors: `BadIdentifier` for an element string that breaks its rules.
    """
    given = text.strip()
    if given.startswith(_SCANNED):
        return (identify_strict(given, base, field).key,), True
    if ":" in given:
        return (identify(given, base).key,), True
    return tuple(sorted(await numbers.find_short(given))), False


async def read_question(
    request: QuestionRequest, direction: Direction, numbers: ShortNumbers, base: str | None, watermark_us: int
) -> Question:
    """The question as the rules take it; `known_at` lowered to the watermark. Errors: `BadInput`."""
    after = None if request.after is None else After.parse(request.after)
    known_us = watermark_us
    if request.known_at is not None:
        known_us = min(known_us, Instant.parse(request.known_at, "known_at").us)
    if after is not None:
        known_us = min(known_us, after.known_us)
    happened_by = None if request.happened_by is None else Instant.parse(request.happened_by, "happened_by")
    seeds = [await _seed(seed, number, numbers, base) for number, seed in enumerate(request.seeds)]
    return Question(
        direction=direction,
        seeds=tuple(seeds),
        known_us=known_us,
        happened_by=happened_by,
        limit=request.limit,
        after=None if after is None else (after.depth, after.key),
        filter=_filter(request.filter),
    )


def _filter(request: FilterRequest | None) -> Filter:
    if request is None:
        return Filter()
    return Filter(**{name: frozenset(values) for name, values in request.model_dump().items()})


async def _seed(request: SeedRequest, number: int, numbers: ShortNumbers, base: str | None) -> Seed:
    place = f"seeds[{number}]"
    given = [(kind, text) for kind in SeedKind if (text := getattr(request, kind.value)) is not None]
    if len(given) != 1:
        raise BadInput.field(place, str(len(given)), "give exactly one of object, product, container, place, resource")
    kind, text = given[0]
    field = f"{place}.{kind.value}"
    since, until, at = _times(request, kind, place)
    if kind is SeedKind.PRODUCT and ":" not in text and not text.startswith(_SCANNED):
        return Seed(kind, text, (class_key(text, base, field),))
    if kind is SeedKind.RESOURCE and ":" not in text:
        return Seed(kind, text, (text,), True, None, since, until)
    keys, full = await keys_of(text, numbers, base, field)
    return Seed(kind, text, keys, full, at, since, until)


def _times(request: SeedRequest, kind: SeedKind, place: str) -> tuple[Instant | None, Instant | None, Instant | None]:
    if kind in _WINDOWS:
        if request.since is None or request.until is None:
            raise BadInput.field(place, kind.value, "a place or resource needs `from` and `to`")
        since, until = Instant.parse(request.since, f"{place}.from"), Instant.parse(request.until, f"{place}.to")
        if until < since:
            raise BadInput.field(f"{place}.to", request.until, "an instant not before `from`")
        return since, until, None
    if request.since is not None or request.until is not None:
        raise BadInput.field(place, kind.value, "`from` and `to` belong to a place or resource")
    at = None if request.at is None else Instant.parse(request.at, f"{place}.at")
    if at is not None and kind is not SeedKind.CONTAINER:
        raise BadInput.field(f"{place}.at", str(request.at), "`at` belongs to a container")
    return None, None, at
