"""Plant activity: how much is done, where and by whom; what is made; what is measured; what is captured."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import dashboard

from deploy.grafana import panels
from deploy.grafana.sql import PLACE, bucket, name, window
from deploy.grafana.timeline import PLACES

_BY_ACTIVITY: Final = f"""
SELECT {bucket()} AS time, coalesce(e.activity, e.type) AS metric, count(*) AS value
FROM grafana_event e
WHERE {window()} AND {PLACE}
GROUP BY 1, 2
ORDER BY 1, 2"""

_BY_PLACE: Final = f"""
SELECT coalesce(n.name, e.place) AS place, count(*) AS events
FROM grafana_event e
{name("n", "e.place")}
WHERE {window()} AND {PLACE} AND e.place IS NOT NULL
GROUP BY e.place, n.name
ORDER BY 2 DESC, 1
LIMIT 20"""

_BY_OPERATOR: Final = f"""
SELECT coalesce(n.name, e.operator) AS operator, count(*) AS events
FROM grafana_event e
{name("n", "e.operator")}
WHERE {window()} AND {PLACE} AND e.operator IS NOT NULL
GROUP BY e.operator, n.name
ORDER BY 2 DESC, 1
LIMIT 20"""

_MADE: Final = f"""
SELECT coalesce(n.name, m.product, m.object) AS product, count(DISTINCT m.object) AS lots_and_items,
       trim_scale(sum(m.quantity::numeric))::text AS quantity, m.unit
FROM grafana_mention m JOIN grafana_event e ON e.row = m.row
{name("n", "m.product")}
WHERE {window("m.event_us")} AND {window()} AND {PLACE} AND e.withdrawn IS NULL
  AND m.role IN ('output', 'output_quantity')
GROUP BY 1, m.unit
ORDER BY 1, 4
LIMIT 1000"""

_MEASURED: Final = f"""
SELECT m.time, coalesce(n.name, m.device, e.place, 'measured') || coalesce(' ' || m.unit, '') AS metric,
       m.value::float8 AS value
FROM grafana_measurement m JOIN grafana_event e ON e.row = m.row
{name("n", "m.device")}
WHERE m.type = '$sensor' AND {window("m.time_us")} AND {PLACE} AND m.value IS NOT NULL
ORDER BY m.time, metric
LIMIT 10000"""

_CAPTURED: Final = """
SELECT $__timeGroupAlias(c.received, $__interval), c.source AS metric, sum(c.events) AS value
FROM grafana_capture c
WHERE $__timeFilter(c.received)
GROUP BY 1, 2
ORDER BY 1, 2"""

_SENSORS: Final = f"""
SELECT DISTINCT m.type AS __text, m.type AS __value
FROM grafana_measurement m WHERE {window("m.time_us")}
ORDER BY 1"""


def activity() -> dashboard.Dashboard:
    """By the time things happened, but for the last panel: there, by the time they were received."""
    made = panels.board("Stemma: plant activity", "stemma-activity", "What the plant does.", "now-30d")
    made.with_variable(panels.language()).with_variable(panels.bucket_choice())
    made.with_variable(panels.chosen("place", "Place", PLACES, "read point or business location"))
    made.with_variable(panels.listed("sensor", "Measured", _SENSORS))
    shown = (
        panels.bars("Events by activity", "How many, by business step.", _BY_ACTIVITY),
        panels.ranked("Places", "The twenty with most events.", _BY_PLACE),
        panels.ranked("Operators", "The twenty with most events, as claimed in them.", _BY_OPERATOR),
        panels.rows("Made", "Outputs of processes, without withdrawn events. Exact decimals.", _MADE, width=12),
        panels.line("Measured values", "Values or means of the chosen type.", _MEASURED, unit="none", height=10),
        panels.bars("Events captured", "By the time they were received, by source.", _CAPTURED),
    )
    return panels.filled(made, shown)
