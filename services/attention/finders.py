"""The finders of what needs attention: health and lag, what could not be projected, refused calls, and what of late was
corrected, in conflict or failed. Whoever has more to tell adds a `Watch` to `WATCHES`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from events.port import FACTS
from projections.index.marks import Striking
from schemas.sentences import in_row, say
from schemas.times import utc_text
from services.attention.finding import Asked, Need, Severity, Watch, call
from services.health.routes import look
from services.system.backups import backups

LAG_SECONDS: Final = 60.0
"""Age of what is not projected from which on it is told."""
SEAL_SECONDS: Final = 120.0
"""Age of what is not sealed from which on it is told: seals are made every ten seconds."""
BACKUP_SECONDS: Final = 7 * 86_400
"""Age of the last backup from which on it is told."""
_HEALTH: Final = "/health/ready"
_SEVERITY: Final[dict[Striking, Severity]] = {
    "conflict": "warning",
    "failed_inspection": "warning",
    "correction": "info",
}


async def health(asked: Asked) -> Sequence[Need]:
    """Stores that do not answer, projections that are behind, events that could not be projected."""
    found, needs = await look(asked.house), list[Need]()
    silent = [
        say("{kind}: {what}", kind=name, what=verdict) for name, verdict in found.stores.items() if verdict != "ok"
    ]
    if silent:
        needs.append(Need("unready", "critical", len(silent), _HEALTH, about=in_row(silent)))
    if found.lag_seconds >= LAG_SECONDS:
        since_us = asked.house.clock() - int(found.lag_seconds * 1_000_000)
        needs.append(Need("lag", "warning", found.lag_events, _HEALTH, since_us))
    if found.not_projected:
        needs.append(Need("not_projected", "critical", found.not_projected, "/api/v1/not-projected"))
    return needs


async def refused(asked: Asked) -> Sequence[Need]:
    """Refused calls that nobody has sent again with success: one's own, or with `audit` or `operate` all."""
    mine = None if asked.principal.may("audit", "operate") else asked.principal.source
    told = await asked.house.index.unanswered(mine)
    return (
        [Need("refused", "warning", told.count, "/api/v1/refused", told.first_us, told.last_us)] if told.count else []
    )


async def striking(kind: Striking, asked: Asked) -> Sequence[Need]:
    """What was recorded of late of a kind that the timeline marks."""
    told = await asked.house.index.recorded(kind, asked.late_us)
    if told.from_us is None or told.to_us is None:
        return []
    window = {"from_": utc_text(told.from_us), "to": utc_text(told.to_us + 1)}
    where = call("/api/v1/timeline/marks", kind=kind, **window)
    return [Need(kind, _SEVERITY[kind], told.count, where, told.first_us, told.last_us)]


async def unsealed(asked: Asked) -> Sequence[Need]:
    """Records that should have been sealed long ago."""
    house, oldest, count = asked.house, list[int](), 0
    sealed = house.sealer.reached() if house.sealer else {}
    for (stream, partition), after in sealed.items():
        young = await house.log.read(stream, partition, after, 1)
        if young and house.clock() - young[0].stamp > SEAL_SECONDS * 1_000_000:
            oldest.append(young[0].stamp)
            count += (await house.log.ends(stream))[partition] - after
    return [Need("unsealed", "warning", count, "/api/v1/system", min(oldest))] if oldest else []


async def backup(asked: Asked) -> Sequence[Need]:
    """No backup, or none of late, of a log that holds something; the demo plant needs none."""
    settings, now_us = asked.house.settings, asked.house.clock()
    if settings.demo or all(end < 0 for end in await asked.house.log.ends(FACTS)):
        return []
    kept = await backups(settings)
    if kept and now_us - kept[0].made_us < BACKUP_SECONDS * 1_000_000:
        return []
    return [Need("backup", "warning", len(kept), "/api/v1/backups", kept[0].made_us if kept else None)]


async def broken_seal(asked: Asked) -> Sequence[Need]:
    """The last check of the log found something other than was sealed."""
    last = asked.jobs.last("verify")
    if last is None or last.state != "done" or last.good:
        return []
    where = f"/api/v1/system/jobs/{last.id}"
    return [Need("broken_seal", "critical", len(last.lines) - 1, where, last.ended_us, about=in_row(last.lines))]


WATCHES: Final[Sequence[Watch]] = (
    Watch(("query", "operate", "audit"), health),
    Watch(("capture", "operate", "audit"), refused),
    Watch(("query",), partial(striking, "conflict")),
    Watch(("query",), partial(striking, "failed_inspection")),
    Watch(("query",), partial(striking, "correction")),
    Watch(("operate", "audit"), unsealed),
    Watch(("operate",), backup),
    Watch(("operate",), broken_seal),
)
