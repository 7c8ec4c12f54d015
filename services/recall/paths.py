"""`POST /api/v1/path`: how an object is reached from a question's seeds."""

from __future__ import annotations

from typing import Any

from projections.genealogy.port import Limits
from projections.trace.affected import WORDS
from projections.trace.answer import Answer
from projections.trace.paths import Paths, Step
from projections.trace.question import Question
from projections.trace.showing import end_of
from projections.trace.trace import trace
from schemas.errors import BadInput
from schemas.sentences import say
from services.recall.asking import Recall
from services.recall.reading import keys_of


async def path_answer(recall: Recall, question: Question, to: str) -> dict[str, Any]:
    """A shortest and, if there is one, a certain path. Errors: `BadInput` for an ambiguous short number."""
    house = recall.house
    keys, _ = await keys_of(to, house.index, house.settings.base, "to")
    if len(keys) != 1:
        fix = (
            say("name one of {known}", known=", ".join(keys[:10])) if keys else "name an object that was ever recorded"
        )
        raise BadInput.field("to", to, fix)
    own = sorted(await house.index.own_places(question.known_us))

    async def work() -> dict[str, Any]:
        async with house.genealogy.reader(Limits(question.known_us, question.happened_by)) as reader:
            traced = await trace(reader, question, own)
            answer = await Answer.of(traced, house.settings.base)
            return await _found(answer, keys[0])

    return {"to": keys[0], "basis": await recall.basis(question), **await recall.run(work)}


async def _found(answer: Answer, key: str) -> dict[str, Any]:
    graph = answer.traced.graph
    number = int(graph.numbers(await graph.reader.find([key]))[0])
    if number < 0:
        return {"reached": False, "shortest": None, "certain": None}
    paths = Paths(answer.traced, answer.relations)
    found = {}
    for name, certain in (("shortest", False), ("certain", True)):
        steps = paths.shortest(number, certain=certain)
        found[name] = None if steps is None else [await _step(answer, step) for step in steps]
    return {"reached": found["shortest"] is not None, **found}


async def _step(answer: Answer, step: Step) -> dict[str, Any]:
    events = dict.fromkeys(event for relation in step.relations for event in sorted(relation.events))
    known = answer.known
    await known.learn([step.source, step.target])
    await known.learn_events(events)
    if step.process is not None:
        await known.learn_names(answer.traced.graph.processes[[step.process]])
    return {
        "from": known.key(step.source),
        "to": known.key(step.target),
        "kind": step.kind,
        "process": None if step.process is None else end_of(answer.traced, known, ~step.process),
        "events": [known.event(event) for event in events],
        "certain": step.certain,
        "rule": step.rule,
        **await _made(answer, step.process),
    }


async def _made(answer: Answer, process: int | None) -> dict[str, Any]:
    """The order that a process belongs to, how many things it put out, and of which kind they all are."""
    if process is None:
        return {"order": None, "outputs": None, "outputs_kind": None}
    graph = answer.traced.graph
    outputs = answer.relations.outputs(process)
    kinds = set((await graph.reader.kinds(outputs)).tolist())
    kind = kinds.pop() if len(kinds) == 1 else -1
    name = end_of(answer.traced, answer.known, ~process)
    return {
        "order": name.removeprefix("t:") if name.startswith("t:") else None,
        "outputs": int(outputs.size),
        "outputs_kind": None if kind < 0 else WORDS[kind],
    }
