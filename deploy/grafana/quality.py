"""Quality: what inspections said, by time and product, and what failed. Withdrawn inspections do not count."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import dashboard

from deploy.grafana import panels
from deploy.grafana.sql import ALL, PLACE, bucket, name, window
from deploy.grafana.timeline import PLACES

_PRODUCT: Final = f"""({ALL} IN ($product) OR EXISTS (
    SELECT FROM grafana_mention m WHERE m.row = e.row AND m.product IN ($product)))"""
_INSPECTED: Final = f"""{window()} AND e.result IS NOT NULL AND e.withdrawn IS NULL
  AND {PLACE}
  AND {_PRODUCT}"""

_RESULTS: Final = f"""
SELECT {bucket()} AS time, e.result AS metric, count(*) AS value
FROM grafana_event e
WHERE {_INSPECTED}
GROUP BY 1, 2
ORDER BY 1, 2"""

_YIELD_OVER_TIME: Final = f"""
SELECT {bucket()} AS time, 'passed' AS metric,
       (count(*) FILTER (WHERE e.result = 'pass'))::float8 / count(*) AS value
FROM grafana_event e
WHERE {_INSPECTED}
GROUP BY 1
ORDER BY 1"""

_INSPECTIONS: Final = f"""
SELECT count(*) AS value
FROM grafana_event e
WHERE {_INSPECTED}"""

_FAILED: Final = f"""
SELECT count(*) AS value
FROM grafana_event e
WHERE {_INSPECTED} AND e.result = 'fail'"""

_CONDITIONAL: Final = f"""
SELECT count(*) AS value
FROM grafana_event e
WHERE {_INSPECTED} AND e.result = 'conditional'"""

_YIELD: Final = f"""
SELECT (count(*) FILTER (WHERE e.result = 'pass'))::float8 / nullif(count(*), 0) AS value
FROM grafana_event e
WHERE {_INSPECTED}"""

_BY_PRODUCT: Final = f"""
WITH inspected AS (
  SELECT DISTINCT e.row, e.result, coalesce(m.product, m.object) AS product
  FROM grafana_event e JOIN grafana_mention m ON m.row = e.row
  WHERE {_INSPECTED} AND ({ALL} IN ($product) OR m.product IN ($product)))
SELECT coalesce(n.name, i.product) AS product, count(*) AS inspected,
       count(*) FILTER (WHERE i.result = 'pass') AS passed,
       count(*) FILTER (WHERE i.result = 'conditional') AS conditional,
       count(*) FILTER (WHERE i.result = 'fail') AS failed,
       (count(*) FILTER (WHERE i.result = 'pass'))::float8 / count(*) AS yield
FROM inspected i
{name("n", "i.product")}
GROUP BY i.product, n.name
ORDER BY 6, 5 DESC, 1
LIMIT 1000"""

_FAILURES: Final = f"""
WITH failed AS MATERIALIZED (
  SELECT e.row, e.event_us, e.time, e.recorded, e.result, e.objects, e.place, e.operator, e.disposition, e.event
  FROM grafana_event e
  WHERE {_INSPECTED} AND e.result <> 'pass'
  ORDER BY e.event_us DESC, e.recorded DESC, e.event DESC
  LIMIT 1000),
measured AS MATERIALIZED (
  SELECT s.row, string_agg(s.type || ' ' || s.value || coalesce(' ' || s.unit, ''), ', ' ORDER BY s.n) AS told
  FROM grafana_measurement s WHERE {window("s.event_us")} GROUP BY s.row)
SELECT e.time, e.result, e.objects, coalesce(p.name, e.place) AS place, coalesce(o.name, e.operator) AS operator,
       m.told AS measured, e.disposition, e.event
FROM failed e
LEFT JOIN measured m ON m.row = e.row
{name("p", "e.place")}
{name("o", "e.operator")}
ORDER BY e.event_us DESC, e.recorded DESC, e.event DESC"""

_MARKED_FAILURES: Final = f"""
SELECT e.time, 'Failed inspection: ' || coalesce(e.objects, e.event) AS text, 'failed inspection' AS tags
FROM grafana_event e
WHERE {_INSPECTED} AND e.result = 'fail'
ORDER BY e.time, text"""

_PRODUCTS: Final = f"""
WITH inspected AS MATERIALIZED (
  SELECT DISTINCT m.product FROM grafana_mention m JOIN grafana_event e ON e.row = m.row
  WHERE e.result IS NOT NULL AND {window()})
SELECT coalesce(n.name, i.product) AS __text, i.product AS __value
FROM inspected i
{name("n", "i.product")}
WHERE i.product IS NOT NULL
ORDER BY 1, 2"""
"""The product of an object is looked up one by one: of inspected ones alone, so it is asked for last."""


def quality() -> dashboard.Dashboard:
    """Yield is inspections that passed among all inspections; a conditional one has not passed."""
    made = panels.board("Stemma: quality", "stemma-quality", "Inspection yield and failures.", "now-30d")
    made.with_variable(panels.language()).with_variable(panels.bucket_choice())
    made.with_variable(panels.chosen("place", "Place", PLACES, "read point or business location"))
    made.with_variable(panels.chosen("product", "Product", _PRODUCTS, "product of what was inspected"))
    made.annotation(panels.annotation("Failed inspections", "red", _MARKED_FAILURES))
    counted = "Inspections, not inspected pieces."
    shown = (
        panels.figure("Inspections", counted, _INSPECTIONS),
        panels.figure("Yield", "Passed among all inspections.", _YIELD, unit="percentunit"),
        panels.figure("Failed", counted, _FAILED, bad=True),
        panels.figure("Conditional", counted, _CONDITIONAL),
        panels.bars("Inspections by result", counted, _RESULTS, width=12),
        panels.line("Yield over time", "Passed among all of the interval.", _YIELD_OVER_TIME, unit="percentunit"),
        panels.rows("Yield by product, lowest first", counted, _BY_PRODUCT, height=8),
        panels.rows("Not passed, the latest 1,000", "Failed or conditional.", _FAILURES, coloured=["result"]),
    )
    return panels.filled(made, shown)
