"""`stemma serve --demo`: the demo plant, told once into a log of its own.

`demo.json` beside the log says how far it got, so a start that broke off goes on and a whole one is not told again.
A log that holds events and no such file is somebody else's, and refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import orjson
import structlog

from schemas.errors import Conflict
from services.bootstrap import House
from services.demo.load import load_demo
from services.demo.story import DemoDocument
from services.ingestion.capture import Caller

MARK: Final = "demo.json"
_PATIENCE_SECONDS: Final = 300.0
_log = structlog.get_logger("stemma.demo")


async def tell_demo(house: House) -> None:
    """Capture the demo plant unless it was, and wait until it is projected. Errors: `Conflict`, `Unavailable`."""
    mark = house.settings.folder / MARK
    if not _begun(mark) and any(end >= 0 for end in (await house.position()).offsets):
        raise Conflict("the log holds other events than the demo's: serve the demo on a data folder and log of its own")
    if _told(mark):
        return
    _write(mark, "telling")
    count = await load_demo(lambda document: _capture(house, document))
    await house.runner.wait_for(await house.position(), ("genealogy", "index"), _PATIENCE_SECONDS)
    _write(mark, "told")
    _log.info("demo plant told", events=count)


async def _capture(house: House, document: DemoDocument) -> None:
    caller = Caller("demo", "demo", "demo", False, False, None, house.clock())
    if document.kind == "names":
        await house.ingestion.names(document.body["names"], caller)
    elif document.kind == "own":
        await house.ingestion.own(document.body["own"], caller)
    else:
        await house.ingestion.document(document.to_bytes(), "application/ld+json", "proceed", caller)


def _begun(mark: Path) -> bool:
    return mark.exists()


def _told(mark: Path) -> bool:
    return mark.exists() and orjson.loads(mark.read_bytes()).get("state") == "told"


def _write(mark: Path, state: str) -> None:
    mark.write_bytes(orjson.dumps({"state": state}))
