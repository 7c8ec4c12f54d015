"""`python -m services.system.filling`: fills new projections beside, in a process that yields to the one that serves.

It reads the settings from its standard input and writes lines of JSON: `{"done", "of"}` records so far, one `{"event",
"partition", "offset", "reason", "said"}` for each event set aside, and at last `{"position"}` or `{"fault"}`. It ends
with its standard input, also when its parent is killed.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import subprocess
import sys
from typing import Any, Final

from events.position import Position
from projections.port import Poison
from projections.processes import same_environment
from schemas.errors import StemmaError, Unavailable
from services import bootstrap, rebuilding
from services.rebuilding import Filled, Tell
from services.settings import Settings
from services.system.child import begun

_NICE: Final = 10
_LINE: Final = 16 * 1024 * 1024
_COMMAND: Final = (sys.executable, "-m", "services.system.filling")


async def fill_beside(settings: Settings, tell: Tell) -> Filled:
    """Fill new embedded projections in a process of its own, which ends when this is cancelled.

    Errors: `Unavailable` with the reason when it came to no end.
    """
    process = await asyncio.create_subprocess_exec(
        *_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, limit=_LINE,
        env=same_environment(),
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    poison: list[Poison] = []
    try:
        process.stdin.write(pickle.dumps(settings))
        await process.stdin.drain()
        async for line in process.stdout:
            match json.loads(line):
                case {"done": int(done), "of": int(total)}:
                    tell(done, total)
                case {
                    "event": str(event),
                    "partition": int(partition),
                    "offset": int(offset),
                    "reason": str(reason),
                    "said": str(said),
                }:
                    poison.append(Poison(partition, offset, event, reason, said))
                case {"position": list(offsets)}:
                    return Filled(Position(tuple(offsets)), poison)
                case {"fault": str(fault)}:
                    raise Unavailable(fault)
        raise Unavailable("the process that fills the new projections ended: the log of the service says why")
    except (BrokenPipeError, ConnectionResetError):
        raise Unavailable("the process that fills the new projections ended at once") from None
    finally:
        # It has closed its files by the time it tells the position.
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _fill(settings: Settings) -> Filled:
    log = await bootstrap.open_log(settings, read_only=True)
    helper = bootstrap.beside_for(settings)
    try:
        return await rebuilding.fill(settings, log, lambda done, total: _say({"done": done, "of": total}), helper)
    finally:
        if helper is not None:
            helper.close()
        await log.close()


def _say(told: dict[str, Any]) -> None:
    print(json.dumps(told), flush=True)


def main() -> None:
    settings = begun(_NICE)
    try:
        filled = asyncio.run(_fill(settings))
    except StemmaError as fault:
        _say({"fault": fault.detail})
        return
    for one in filled.poison:
        _say(
            {
                "event": one.event_id,
                "partition": one.partition,
                "offset": one.offset,
                "reason": one.reason,
                "said": one.said,
            }
        )
    _say({"position": filled.position.offsets})


if __name__ == "__main__":
    main()
