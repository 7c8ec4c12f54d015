"""`POST /api/v1/path`: how an object is reached from a question's seeds."""

from __future__ import annotations

from typing import Any

from projections.genealogy.port import Limits
from projections.trace.answer import Answer
from projections.trace.paths import Paths, Step
from projections.trace.question import Question
from projections.trace.relations import Relations
from projections.trace.trace import trace
from schemas.errors import BadInput
from services.recall.asking import Recall
from services.recall.reading import keys_of


async def path_answer(recall: Recall, question: Question, to: str) -> dict[str, Any]:
    """A shortest and, if there is one, a certain path. Errors: `BadInput` for an ambiguous short number."""
    house = recall.house
    keys, _ = await keys_of(to, house.index, house.settings.base, "to")
    if len(keys) != 1:
        fix = "name one of " + ", ".join(keys[:10]) if keys else "name an object that was ever recorded"
        raise BadInput.field("to", to, fix)
    own = sorted(await house.index.own_places(question.known_us))

    async def work() -> dict[str, Any]:
        async with house.genealogy.reader(Limits(question.known_us, question.happened_by)) as reader:
            traced = await trace(reader, question, own)
            answer = await Answer.of(traced, house.settings.base)
            return await _found(answer, keys[0])

    return {"to": keys[0], "basis": await recall.basis(question), **await recall.run(work)}


async def _found(answer: Answer, key: str) -> dict[str, Any]:
    if key not in answer.keys:
        return {"reached": False, "shortest": None, "certain": None}
    number = answer.keys.index(key)
    relations: Relations = answer.relations_found
    paths = Paths(answer.traced, relations)
    found = {}
    for name, certain in (("shortest", False), ("certain", True)):
        steps = paths.shortest(number, certain=certain)
        found[name] = None if steps is None else [_step(answer, step) for step in steps]
    return {"reached": found["shortest"] is not None, **found}


def _step(answer: Answer, step: Step) -> dict[str, Any]:
    events = dict.fromkeys(event for relation in step.relations for event in sorted(relation.events))
    return {
        "from": answer.keys[step.source],
        "to": answer.keys[step.target],
        "kind": step.kind,
        "process": None if step.process is None else answer.end(~step.process),
        "events": [answer.event_id(event) for event in events],
        "certain": step.certain,
        "rule": step.rule,
    }
