"""`stemma trace forward|backward OBJECT…`: a recall question answered from the stores, with a server running or not."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final

import orjson
import typer

from projections.trace.question import Direction
from schemas.questions import QuestionRequest
from services.bootstrap import open_to_read
from services.cli.say import out, plainly
from services.recall.asking import Recall
from services.settings import load_settings

SHOWN: Final = 100
trace = typer.Typer(help="What came of these objects, or what went into them.", no_args_is_help=True)

_Objects = Annotated[list[str], typer.Argument(help="identifiers in any spelling, or short numbers")]
_Known = Annotated[str | None, typer.Option("--known-at", help="only what was recorded by then (RFC 3339)")]
_Happened = Annotated[str | None, typer.Option("--happened-by", help="only what happened by then (RFC 3339)")]
_Json = Annotated[bool, typer.Option("--json", help="the whole answer as JSON")]
_Limit = Annotated[int, typer.Option(min=1, max=10_000, help="objects to list")]


@trace.command("forward")
def forward(
    objects: _Objects,
    known_at: _Known = None,
    happened_by: _Happened = None,
    limit: _Limit = SHOWN,
    json: _Json = False,
) -> None:
    """What came of these objects, and who has it."""
    _trace("forward", objects, known_at, happened_by, limit, json)


@trace.command("backward")
def backward(
    objects: _Objects,
    known_at: _Known = None,
    happened_by: _Happened = None,
    limit: _Limit = SHOWN,
    json: _Json = False,
) -> None:
    """What went into these objects."""
    _trace("backward", objects, known_at, happened_by, limit, json)


def _trace(
    direction: Direction, objects: list[str], known_at: str | None, happened_by: str | None, limit: int, json: bool
) -> None:
    asked = {"seeds": [{"object": one} for one in objects], "known_at": known_at, "happened_by": happened_by}
    with plainly():
        answer = asyncio.run(_ask(direction, {**asked, "limit": limit}))
    if json:
        out.print(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())
    else:
        _show(answer)
    if all(seed["finding"] in ("unknown", "ambiguous") for seed in answer["seeds"]):
        raise typer.Exit(1)


async def _ask(direction: Direction, asked: dict[str, Any]) -> dict[str, Any]:
    request = QuestionRequest.model_validate(asked)
    async with open_to_read(load_settings()) as house:
        recall = Recall(house)
        question = await recall.read(request, direction)
        return await recall.answer(question, request.model_dump(by_alias=True, exclude_none=True), "en")


def _show(answer: dict[str, Any]) -> None:
    for seed in answer["seeds"]:
        out.print(f"{seed['given']}: {seed['finding']}  {' '.join(seed['objects'])}")
    totals = answer["totals"]
    out.print(f"{totals['objects']} objects: {totals['certain']} certain, {totals['possible']} possible")
    for consignee in answer["consignees"]:
        sums = ", ".join(f"{q['quantity']} {q['unit'] or ''} {q['product']}" for q in consignee["quantities"])
        out.print(f"  sent to {consignee['party']}: {consignee['objects']} objects; {sums}")
    for found in answer["objects"]:
        where = f"{found['state']} at {found['place']}" if found["place"] else found["state"]
        out.print(f"{found['depth']:>3}  {found['certainty']:8}  {found['object']}  {where}")
    if answer["next"]:
        out.print(f"… {totals['objects'] - len(answer['objects'])} more: --limit, or --json")
    basis = answer["basis"]
    out.print(f"known at {basis['known_at']}, {basis['lag_events']} behind, {basis['not_projected']} not projected")
