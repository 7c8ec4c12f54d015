"""The audit timeline: who did what, when, where, and what was corrected."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import dashboard

from deploy.grafana import panels
from deploy.grafana.sql import CAPTURED, CHOSEN, FROM_US, TO_US, bucket, name, window

_CARRIED_US: Final = 30 * 86_400 * 1_000_000
"""How long before the range a state that still holds is looked for: 30 days in microseconds."""

_OVER_TIME: Final = f"""
SELECT {bucket()} AS time, e.type AS metric, count(*) AS value
FROM grafana_event e
WHERE {window()}
  AND {CHOSEN}
GROUP BY 1, 2
ORDER BY 1, 2"""

_LANES: Final = f"""
WITH placed AS (
  SELECT e.event_us, e.time, e.recorded, e.event, l.key,
         CASE WHEN e.result = 'fail' THEN 'failed ' || coalesce(e.activity, e.type)
              ELSE coalesce(e.activity, e.disposition, e.type) END AS state
  FROM grafana_event e
  CROSS JOIN LATERAL (
    SELECT e.place WHERE '$lane' = 'place'
    UNION ALL SELECT e.operator WHERE '$lane' = 'operator'
    UNION ALL SELECT e.activity WHERE '$lane' = 'activity'
    UNION ALL SELECT r.resource FROM grafana_resource r WHERE '$lane' = 'resource' AND r.row = e.row
    UNION ALL SELECT DISTINCT m.object FROM grafana_mention m WHERE '$lane' = 'object' AND m.row = e.row) AS l(key)
  WHERE l.key IS NOT NULL AND e.event_us BETWEEN {FROM_US} - {_CARRIED_US} AND {TO_US}
  AND {CHOSEN}),
lanes AS (
  SELECT p.key, coalesce(n.name, p.key) AS lane
  FROM (SELECT key FROM placed GROUP BY key ORDER BY max(event_us) DESC, key LIMIT 50) AS p
  {name("n", "p.key")}),
held AS (
  SELECT DISTINCT ON (key) key, state FROM placed WHERE event_us < {FROM_US}
  ORDER BY key, event_us DESC, recorded DESC, event DESC),
shown AS (
  SELECT $__timeFrom()::timestamptz AS time, key, state, '-infinity'::timestamptz AS recorded, '' AS event FROM held
  UNION ALL SELECT time, key, state, recorded, event FROM placed WHERE event_us >= {FROM_US}
  UNION ALL SELECT now(), key, NULL, 'infinity', '' FROM lanes WHERE now() < $__timeTo()::timestamptz),
changes AS (
  SELECT *, row_number() OVER lane = 1 OR state IS DISTINCT FROM lag(state) OVER lane AS changed
  FROM shown WINDOW lane AS (PARTITION BY key ORDER BY time, recorded, event))
SELECT c.time, l.lane, c.state
FROM changes c JOIN lanes l ON l.key = c.key
WHERE c.changed
ORDER BY c.time, l.lane, c.recorded, c.event"""
"""Only where a lane's state changes, which is all that the panel draws of it."""

_EVENTS: Final = f"""
SELECT e.time, e.type, e.activity, e.result, e.objects, coalesce(p.name, e.place) AS place,
       coalesce(o.name, e.operator) AS operator, e.recorded, e.actor, e.withdrawn, e.event
FROM grafana_event e
{name("p", "e.place")}
{name("o", "e.operator")}
WHERE {window()}
  AND {CHOSEN}
ORDER BY e.event_us DESC, e.recorded DESC, e.event DESC
LIMIT 1000"""

_STANDING: Final = f"""
JOIN grafana_event e ON e.event = c.event
WHERE {window()}
  AND {CHOSEN}"""
"""The filters look at the record that stands."""

_CORRECTIONS: Final = f"""
SELECT c.time, c.event, c.declared, c.recorded, c.reason, c.instead, c.actor, c.effective
FROM grafana_correction c{_STANDING}
ORDER BY c.recorded DESC, c.event
LIMIT 1000"""

_MARKED_CORRECTIONS: Final = f"""
SELECT c.time, 'Declared an error: ' || c.event || coalesce(' (' || c.reason || ')', '') AS text, 'correction' AS tags
FROM grafana_correction c{_STANDING}
ORDER BY c.time, c.event"""

_MARKED_CONFLICTS: Final = f"""
SELECT c.time, 'Lost to another record of the same eventID: ' || c.event AS text, 'conflict' AS tags
FROM grafana_conflict c{_STANDING}
ORDER BY c.time, c.event"""

_MARKED_FAILURES: Final = f"""
SELECT e.time, 'Failed inspection: ' || coalesce(e.objects, e.event) AS text, 'failed inspection' AS tags
FROM grafana_event e
WHERE {window()} AND e.result = 'fail' AND e.withdrawn IS NULL
  AND {CHOSEN}
ORDER BY e.time, text"""

_MARKED_GAPS: Final = f"""
WITH told AS (
  SELECT e.source, e.time FROM grafana_event e WHERE {window()}
  AND {CAPTURED}
  UNION SELECT s.source, edge.time
  FROM (SELECT DISTINCT source FROM grafana_capture) AS s
  CROSS JOIN LATERAL (
    (SELECT e.time FROM grafana_event e WHERE e.source = s.source AND e.event_us < {FROM_US}
     AND {CAPTURED} ORDER BY e.event_us DESC LIMIT 1)
    UNION ALL
    (SELECT e.time FROM grafana_event e WHERE e.source = s.source AND e.event_us > {TO_US}
     AND {CAPTURED} ORDER BY e.event_us LIMIT 1)) AS edge),
pairs AS (
  SELECT source, time, lead(time, 1, greatest(time, now())) OVER (PARTITION BY source ORDER BY time) AS timeend
  FROM told)
SELECT time, timeend, 'Nothing that ' || source || ' recorded happened for ' || date_trunc('second', timeend - time)
         AS text, 'gap' AS tags
FROM pairs
WHERE timeend - time >= interval '$gap' AND time <= $__timeTo()::timestamptz
ORDER BY time, source"""
"""Gaps of each capturing source, as in `/api/v1/timeline/marks`. Regions are found by both their ends: one that began
before the range reaches into it."""

_ACTIVITIES: Final = f"""
SELECT DISTINCT e.activity AS __text, e.activity AS __value
FROM grafana_event e WHERE e.activity IS NOT NULL AND {window()}
ORDER BY 1"""
_OPERATORS: Final = f"""
SELECT DISTINCT coalesce(n.name, e.operator) AS __text, e.operator AS __value
FROM grafana_event e {name("n", "e.operator")}
WHERE e.operator IS NOT NULL AND {window()}
ORDER BY 1, 2"""
_RESOURCES: Final = f"""
SELECT DISTINCT coalesce(n.name, r.resource) AS __text, r.resource AS __value
FROM grafana_resource r {name("n", "r.resource")}
WHERE {window("r.event_us")}
ORDER BY 1, 2"""
PLACES: Final = f"""
SELECT DISTINCT coalesce(n.name, p.key) AS __text, p.key AS __value
FROM grafana_event e
CROSS JOIN LATERAL (VALUES (e.location), (e.read_point)) AS p(key)
{name("n", "p.key")}
WHERE p.key IS NOT NULL AND {window()}
ORDER BY 1, 2"""


def timeline() -> dashboard.Dashboard:
    """Density above, lanes, then the events and corrections themselves; marks for what an auditor looks for."""
    made = panels.board(
        "Stemma: audit timeline",
        "stemma-timeline",
        "Events by the time they happened. What happened to an object in its container is on Stemma's own timeline.",
        "now-30d",
    )
    lane = panels.picked("lane", "Lanes", "place,resource,operator,activity,object", "place")
    # before the variables that show names
    made.with_variable(panels.language()).with_variable(panels.bucket_choice()).with_variable(lane)
    made.with_variable(panels.chosen("activity", "Activity", _ACTIVITIES))
    made.with_variable(panels.chosen("place", "Place", PLACES, "read point or business location"))
    made.with_variable(panels.chosen("operator", "Operator", _OPERATORS))
    made.with_variable(panels.chosen("resource", "Resource", _RESOURCES, "machine, tool or gauge"))
    typed = dashboard.TextBoxVariable("object").label("Object").default_value("")
    made.with_variable(typed.description("key as GS1 Digital Link, or the number on the label"))
    made.with_variable(panels.picked("gap", "Gaps of at least", "4 hours,8 hours,1 day,3 days", "1 day"))
    made.annotation(panels.annotation("Corrections", "orange", _MARKED_CORRECTIONS))
    made.annotation(panels.annotation("Conflicts", "purple", _MARKED_CONFLICTS))
    made.annotation(panels.annotation("Failed inspections", "red", _MARKED_FAILURES))
    made.annotation(panels.annotation("Gaps", "#808080", _MARKED_GAPS))
    shown = (
        panels.bars("Events", "How many, by type. Withdrawn events count: they stay in the record.", _OVER_TIME),
        panels.lanes(
            "Lanes",
            "What was last done, until the next event of the lane; carried in from up to 30 days before the range. "
            "The 50 lanes with the latest events.",
            _LANES,
        ),
        panels.rows("Events, the latest 1,000", "Quantities as recorded.", _EVENTS, coloured=["result"], height=14),
        panels.rows("Corrections, the latest 1,000", "Declarations that an event is an error.", _CORRECTIONS),
    )
    return panels.filled(made, shown)
