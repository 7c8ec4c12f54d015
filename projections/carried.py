"""Events, facts and batches as plain tuples, to be carried between processes by `marshal`.

Both ends are the same program of the same version, so nothing here is kept anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final

from events.envelope import Envelope
from events.reading import Checkpoint, Commit, LoggedEvent
from projections.facts import Declaration, EventFacts, Link, Mention, Party, Role
from projections.port import Batch, Fact, Poison
from schemas.times import Instant

Carried = tuple[Any, ...]
_ENVELOPE: Final = [one.name for one in fields(Envelope) if one.name != "body"]
_envelope_of: Final[Callable[[Envelope], Carried]] = attrgetter(*_ENVELOPE)
_place_of: Final[Callable[[LoggedEvent], Carried]] = attrgetter("partition", "offset", "index", "record_us", "raw")
_FACT: Final = [one.name for one in fields(Fact) if one.name != "facts"]
_fact_of: Final[Callable[[Fact], Carried]] = attrgetter(*_FACT)
_FACTS_AT: Final = [one.name for one in fields(Fact)].index("facts")
_POISON: Final = len(fields(Poison))
_poison_of: Final[Callable[[Poison], Carried]] = attrgetter(*(one.name for one in fields(Poison)))
_COMMIT: Final = [one.name for one in fields(Commit) if one.name not in ("events", "closing")]
_commit_of: Final[Callable[[Commit], Carried]] = attrgetter(*_COMMIT)
_TIME, _LINK, _MENTIONS, _SOURCES, _DESTINATIONS, _DECLARATION = (
    EventFacts._fields.index(name)
    for name in ("event_time", "link", "mentions", "sources", "destinations", "declaration")
)
_ROLES: Final = tuple(Role)
_LINKS: Final = tuple(Link)


def carried_event(event: LoggedEvent) -> Carried:
    """An event with its envelope but for the body, which no event has."""
    return (*_place_of(event), _envelope_of(event.envelope))


def logged_event(told: Carried) -> LoggedEvent:
    """The event again."""
    partition, offset, index, record_us, raw, envelope = told
    return LoggedEvent(partition, offset, index, record_us, Envelope(*(*envelope, None)), raw)


def carried_fact(found: Fact | Poison) -> Carried:
    """A fact, or what could not be projected, which has fewer fields."""
    if isinstance(found, Poison):
        return _poison_of(found)
    return (*_fact_of(found), _facts(found.facts))


def fact(told: Carried) -> Fact | Poison:
    """The fact again."""
    if len(told) == _POISON:
        return Poison(*told)
    return Fact(*(*told[:_FACTS_AT], _event_facts(told[-1]), *told[_FACTS_AT:-1]))


def carried_batch(batch: Batch) -> Carried:
    """A batch without events and facts, which the other end has: of each event its place and recordTime."""
    commits = [
        (_carried_commit(commit), [(one.offset, one.record_us) for one in commit.events]) for commit in batch.commits
    ]
    return (commits, batch.before.to_json(), batch.after.to_json())


def batch(told: Carried, known: Callable[[int, int, int], tuple[LoggedEvent, Fact | Poison]]) -> Batch:
    """The batch again; `known` gives what was read and made of the event of a partition, offset and recordTime."""
    commits: list[Commit] = []
    made: list[Fact | Poison] = []
    for (partition, *rest, envelope), seen in told[0]:
        found = [known(partition, *place) for place in seen]
        made += [one for _, one in found]
        fields_of = dict(zip(_COMMIT, (partition, *rest), strict=True))
        commits.append(Commit(**fields_of, events=tuple(event for event, _ in found), closing=Envelope(*envelope)))
    facts = [one for one in made if isinstance(one, Fact)]
    poison = [one for one in made if isinstance(one, Poison)]
    return Batch(commits, facts, poison, *map(Checkpoint.from_json, told[1:]))


def places(told: Carried) -> Iterable[tuple[int, int, int]]:
    """Partition, offset and recordTime of every event of a carried batch."""
    return ((commit[0], *place) for commit, found in told[0] for place in found)


def _carried_commit(commit: Commit) -> Carried:
    body = commit.closing.body
    return (*_commit_of(commit), (*_envelope_of(commit.closing), None if body is None else dict(body)))


def _facts(facts: EventFacts) -> Carried:
    told: list[Any] = list(facts)
    told[_TIME] = (facts.event_time.us, facts.event_time.sub)
    told[_LINK] = int(facts.link)
    told[_MENTIONS] = [
        (key, int(role), None if quantity is None else str(quantity), unit)
        for key, role, quantity, unit in facts.mentions
    ]
    told[_SOURCES] = [tuple(one) for one in facts.sources]
    told[_DESTINATIONS] = [tuple(one) for one in facts.destinations]
    if (declared := facts.declaration) is not None:
        told[_DECLARATION] = (
            *(declared.declared.us, declared.declared.sub, declared.reason),
            declared.corrective_event_ids,
        )
    return tuple(told)


def _event_facts(told: Sequence[Any]) -> EventFacts:
    made = list(told)
    made[_TIME] = Instant(*told[_TIME])
    made[_LINK] = _LINKS[told[_LINK]]
    made[_MENTIONS] = tuple([_mention(*one) for one in told[_MENTIONS]])
    made[_SOURCES] = tuple([Party._make(one) for one in told[_SOURCES]])
    made[_DESTINATIONS] = tuple([Party._make(one) for one in told[_DESTINATIONS]])
    if (declared := told[_DECLARATION]) is not None:
        made[_DECLARATION] = Declaration(Instant(*declared[:2]), *declared[2:])
    return EventFacts._make(made)


def _mention(key: str, role: int, quantity: str | None, unit: str | None) -> Mention:
    return Mention(key, _ROLES[role], None if quantity is None else Decimal(quantity), unit)
