"""Laws of the trace (trace.md section 2), on random histories: small, tangled, and each from a seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.genealogy.embedded import EmbeddedGenealogy
from projections.genealogy.port import Limits
from projections.trace.flags import flags_of, flags_of_one, suspects
from projections.trace.load import Loader
from projections.trace.subgraph import subgraph
from tests.depth import at_most
from tests.model.compare import FOREVER_US, by_product, differences, text_of
from tests.model.compare import given as records_of
from tests.model.histories import BOXES, CONTEXT, ITEMS, LOTS, Maker, questions
from tests.tracing import Given, project

SEEDS = st.integers(0, 2**32)
QUIET = settings(
    max_examples=at_most(25, 300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


async def told(folder: Path, records: list[Given], asked: list[dict[str, Any]], batch: int = 3) -> list[dict[str, Any]]:
    """What a fresh genealogy that was given these records answers."""
    genealogy = await EmbeddedGenealogy.open(folder / f"{uuid4()}.sqlite")
    await project(genealogy, records, batch)
    answers = [await by_product(genealogy, one, []) for one in asked]
    await genealogy.close()
    return answers


@QUIET
@given(SEEDS, st.randoms(use_true_random=False), st.integers(1, 9))
async def test_any_order_and_batching_gives_the_same_answers(
    tmp_path: Path, seed: int, shuffle: Any, batch: int
) -> None:
    history = Maker(seed).history()
    records, asked = records_of(history, None), questions(seed, history)
    shuffled = list(records)
    shuffle.shuffle(shuffled)
    assert await told(tmp_path, shuffled, asked, batch) == await told(tmp_path, records, asked)


@QUIET
@given(SEEDS)
async def test_a_record_that_comes_again_changes_nothing(tmp_path: Path, seed: int) -> None:
    history = Maker(seed).history()
    records, asked = records_of(history, None), questions(seed, history)
    assert await told(tmp_path, [*records, *records], asked) == await told(tmp_path, records, asked)


@QUIET
@given(SEEDS)
async def test_a_withdrawn_event_leaves_the_graph_that_would_have_been_without_it(tmp_path: Path, seed: int) -> None:
    history = Maker(seed).history()
    withdrawn = history[seed % len(history)]["event"]["eventID"]
    plain = next((one for one in history if one["event"]["eventID"] == withdrawn), history[0])
    declared = {**plain["event"], "errorDeclaration": {"declarationTime": "2026-04-20T00:00:00Z"}}
    record = Given(declared, text_of(history[-1]["record_us"] + 1), len(history), may_correct=True)
    asked = [{**one, "known_us": None} for one in questions(seed, history)]
    without = [one for one in records_of(history, None) if one.event["eventID"] != withdrawn]
    assert await told(tmp_path, [*records_of(history, None), record], asked) == await told(tmp_path, without, asked)


@QUIET
@given(SEEDS)
async def test_what_was_known_then_is_answered_as_it_was_then(tmp_path: Path, seed: int) -> None:
    history = Maker(seed).history()
    cut = history[len(history) // 2]["record_us"]
    records = records_of(history, None)
    asked = [{**one, "known_us": cut} for one in questions(seed, history)]
    then = [one for one, record in zip(records, history, strict=True) if record["record_us"] <= cut]
    assert await told(tmp_path, records, asked) == await told(tmp_path, then, asked)


@QUIET
@given(SEEDS)
async def test_forward_and_backward_mirror_each_other_where_the_law_says_so(tmp_path: Path, seed: int) -> None:
    """L8, on histories of serialised items alone: no quantities, lots or classes are left to exclude."""
    history = [one for one in Maker(seed).history() if "/10/" not in str(one) and "Quantity" not in str(one)]
    history = [one for one in history if "quantityList" not in one["event"] and "ilmd" not in one["event"]]
    if not history:
        return
    names = ITEMS + BOXES
    forward = [{"direction": "forward", "seeds": [name], "known_us": None, "happened_by": None} for name in names]
    backward = [{**one, "direction": "backward"} for one in forward]
    answers = await told(tmp_path, records_of(history, None), forward + backward)
    there = {(name, far): how for name, one in zip(names, answers, strict=False) for far, how in one["reached"].items()}
    back = {
        (near, name): how
        for name, one in zip(names, answers[len(names) :], strict=False)
        for near, how in one["reached"].items()
    }
    known = set(names)
    assert {pair: how for pair, how in there.items() if set(pair) <= known} == {
        pair: how for pair, how in back.items() if set(pair) <= known
    }


@pytest.mark.parametrize("block", range(6))
async def test_the_product_agrees_with_the_slow_model(tmp_path: Path, block: int) -> None:
    for seed in range(block, at_most(150, 600), 6):
        assert not await differences(seed, tmp_path, EmbeddedGenealogy.open)


def test_the_random_histories_are_as_tangled_as_they_should_be() -> None:
    """A generator that stopped making something would make the laws above hold for nothing."""
    events = [one["event"] for seed in range(300) for one in Maker(seed).history()]
    made = {
        "shared process": any(event.get("transformationID") for event in events),
        "container as input": any(set(event.get("inputEPCList", ())) & set(BOXES) for event in events),
        "box in box": any(set(event.get("childEPCs", ())) & set(BOXES) for event in events),
        "empties": any(
            event.get("action") == "DELETE"
            and "parentID" in event
            and "childEPCs" not in event
            and "childQuantityList" not in event
            for event in events
        ),
        "declaration": any("errorDeclaration" in event for event in events),
        "lot as serialised child": any(set(event.get("childEPCs", ())) & set(LOTS) for event in events),
        "lot by ilmd": any("ilmd" in event for event in events),
        "destroyed": any(event.get("disposition") == "destroyed" for event in events),
    }
    assert all(made.values()), made


@pytest.mark.parametrize(
    ("seed", "why"),
    [
        (2856, "a case emptied by the event that ships: a lot installed in one of its items goes along, with amounts"),
        (100083, "backward from an item, its lot is no seed: what another item of the lot is made of is possible"),
        (100118, "backward from an item, its lot does not lead to what its other items are made of"),
        (100350, "an affected item that is itself an input does not go in by way of its lot"),
        (100741, "a lot installed as an object and by quantity at once has two stays"),
    ],
)
async def test_what_was_once_answered_wrongly(tmp_path: Path, seed: int, why: str) -> None:
    assert not await differences(seed, tmp_path, EmbeddedGenealogy.open), why


async def test_a_window_takes_in_what_a_process_used_in_a_container(tmp_path: Path) -> None:
    """The order began elsewhere, with a tote; it was at the oven while the window was open."""
    tote, item, oven = BOXES[3], ITEMS[0], "urn:plant:machine:1"
    order = {"type": "TransformationEvent", "transformationID": "urn:plant:order:9"}
    events = [
        {"type": "AggregationEvent", "action": "ADD", "bizStep": "packing", "parentID": tote, "childEPCs": [item]},
        {**order, "inputEPCList": [tote]},
        {**order, "outputQuantityList": [{"epcClass": LOTS[0], "quantity": 1}], "stemma:resource": oven},
    ]
    genealogy = await EmbeddedGenealogy.open(tmp_path / "genealogy.sqlite")
    await project(genealogy, [_at(hour, event) for hour, event in enumerate(events, 8)])
    window = {"resource": oven, "from": "2026-03-02T09:30:00Z", "to": "2026-03-02T09:40:00Z"}
    asked = {"direction": "forward", "seeds": [], "others": [window], "known_us": None, "happened_by": None}
    assert set((await by_product(genealogy, asked, []))["reached"]) == {tote, item, LOTS[0]}
    await genealogy.close()


def _at(hour: int, event: dict[str, Any]) -> Given:
    told = {"@context": CONTEXT, "eventID": f"urn:uuid:{hour:08d}-0000-4000-8000-000000000000", **event}
    times = {"eventTime": f"2026-03-02T{hour:02d}:00:00Z", "eventTimeZoneOffset": "+00:00"}
    return Given({**told, **times}, f"2026-03-03T{hour:02d}:00:00Z", hour)


@QUIET
@given(SEEDS, st.integers(1, 9))
async def test_no_flag_stands_on_what_is_not_suspected(tmp_path: Path, seed: int, seconds: int) -> None:
    """Scans stand seconds apart, and two clocks are wrong, so that every kind of flag has its occasion."""
    history = Maker(seed).history()
    for number, one in enumerate(history):
        one["event"]["eventTime"] = text_of(1_772_500_000_000_000 + number * seconds * 1_000_000)
    history[seed % len(history)]["event"]["eventTime"] = "1970-01-01T00:00:00Z"
    history[seed // 7 % len(history)]["event"]["eventTime"] = "2046-03-04T00:00:00Z"
    genealogy = await EmbeddedGenealogy.open(tmp_path / f"{uuid4()}.sqlite")
    await project(genealogy, records_of(history, None), 3)
    async with genealogy.reader(Limits(FOREVER_US)) as reader:
        names = await reader.find([*ITEMS, *LOTS, *BOXES])
        loader = Loader(reader, names[names >= 0])
        await loader.own(names[names >= 0])
        graph = await subgraph(loader, ())
        every = list(range(graph.names.size))
        flagged = {thing for thing in every if await flags_of_one(graph, thing)}
        assert flagged <= set(suspects(graph, every))
        assert flagged == set(await flags_of(graph, every))
    await genealogy.close()
