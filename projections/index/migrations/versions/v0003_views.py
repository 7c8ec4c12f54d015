"""Views for Grafana and others who read by SQL, on PostgreSQL alone; deploy/grafana/reader.sql gives a role these.

They show what `/api/v1/timeline` shows at this moment: standing records up to the watermark. Each keeps `event_us` or
`time_us` (microseconds since 1970 UTC) beside the time, since the indexes are on these. Quantities and measured values
are text, as Grafana would make floats of numbers. What an event names is read from its facts (see `codec`), so that a
window costs what lies in it.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KNOWN: Final = "record_us <= (SELECT known_us FROM grafana_moment)"
_FACTS: Final = "convert_from(e.facts, 'UTF8')::jsonb"

_VIEWS: Final = {
    "grafana_moment": """
SELECT min((point ->> 'last_record_us')::bigint) AS known_us,
       to_timestamp(min((point ->> 'last_record_us')::bigint) / 1e6) AS known_at
FROM index_checkpoint, jsonb_array_elements(body::jsonb) AS point WHERE name = 'index'""",
    "grafana_event": f"""
SELECT e.row, e.event_us, to_timestamp(e.event_us / 1e6) AS time, to_timestamp(e.record_us / 1e6) AS recorded,
       e.event_id AS event, e.type, e.action, e.step AS activity, e.disposition,
       coalesce(e.location, e.read_point) AS place, e.read_point, e.location, e.process, e.operator, e.result,
       e.actor, e.source, e.device, e.capture, to_timestamp(e.received_us / 1e6) AS received,
       to_timestamp(CASE WHEN e.withdrawn_us <= (SELECT known_us FROM grafana_moment) THEN e.withdrawn_us END / 1e6)
         AS withdrawn,
       (SELECT string_agg(m.one ->> 0 || coalesce(' = ' || (m.one ->> 2), '') || coalesce(' ' || (m.one ->> 3), ''),
                          ', ' ORDER BY m.n)
        FROM jsonb_array_elements({_FACTS} -> 'm') WITH ORDINALITY AS m(one, n)) AS objects
FROM event_record e WHERE e.state = 0 AND e.{_KNOWN}""",
    "grafana_mention": f"""
SELECT e.row, e.event_us, to_timestamp(e.event_us / 1e6) AS time, e.event_id AS event, m.n::int AS n,
       m.one ->> 0 AS object,
       (ARRAY['epc', 'quantity', 'parent', 'child', 'child_quantity', 'input', 'input_quantity', 'output',
              'output_quantity'])[(m.one ->> 1)::int + 1] AS role,
       m.one ->> 2 AS quantity, m.one ->> 3 AS unit,
       (SELECT max(k.product) FROM known_name k WHERE k.key = m.one ->> 0) AS product
FROM event_record e, jsonb_array_elements({_FACTS} -> 'm') WITH ORDINALITY AS m(one, n)
WHERE e.state = 0 AND e.{_KNOWN}""",
    "grafana_resource": f"""
SELECT e.row, e.event_us, to_timestamp(e.event_us / 1e6) AS time, e.event_id AS event, r.resource
FROM event_record e, jsonb_array_elements_text({_FACTS} -> 'r') AS r(resource)
WHERE e.state = 0 AND e.{_KNOWN}""",
    "grafana_measurement": f"""
SELECT e.row, e.event_us, s.time_us, to_timestamp(s.time_us / 1e6) AS time, e.event_id AS event, s.type, s.n,
       coalesce(s.value, s.mean) AS value, s.minimum, s.maximum, s.unit, s.device
FROM event_sensor s JOIN event_record e ON e.row = s.row WHERE e.state = 0 AND e.{_KNOWN}""",
    "grafana_correction": f"""
SELECT o.event_us, to_timestamp(o.event_us / 1e6) AS time, to_timestamp(e.record_us / 1e6) AS recorded,
       e.event_id AS event, to_timestamp(({_FACTS} -> 'e' ->> 0)::bigint / 1e6) AS declared,
       {_FACTS} -> 'e' ->> 2 AS reason,
       (SELECT string_agg(id, ', ') FROM jsonb_array_elements_text({_FACTS} -> 'e' -> 3) AS id) AS instead,
       e.actor, e.source, e.may_correct OR e.source = o.source AS effective
FROM event_record e JOIN event_record o ON o.event_id = e.event_id AND o.state = 0
WHERE e.state = 1 AND e.{_KNOWN} AND o.{_KNOWN}""",
    "grafana_conflict": f"""
SELECT e.event_us, to_timestamp(e.event_us / 1e6) AS time, to_timestamp(e.record_us / 1e6) AS recorded,
       e.event_id AS event, e.type, e.step AS activity, coalesce(e.location, e.read_point) AS place, e.actor, e.source
FROM event_record e WHERE e.state = 3 AND e.{_KNOWN}""",
    "grafana_capture": f"""
SELECT j.received_us, to_timestamp(j.received_us / 1e6) AS received, to_timestamp(j.record_us / 1e6) AS recorded,
       j.capture, j.kind, j.events, j.actor, j.source
FROM capture_job j WHERE j.{_KNOWN}""",
    "grafana_refused": """
SELECT r.received_us, to_timestamp(r.received_us / 1e6) AS received, r.id, r.source, r.actor, r.call, r.reason,
       r.status, r.resubmits
FROM refused_call r""",
    "grafana_not_projected": "SELECT p.row, p.event_id AS event, p.reason FROM poison p",
    "grafana_name": """
WITH newest AS (
  SELECT DISTINCT ON (key) key, zh, en FROM master_data ORDER BY key, record_us DESC, row DESC, n DESC),
told AS (
  SELECT key, 'en' AS lang, coalesce(en, zh) AS name FROM newest WHERE coalesce(en, zh) IS NOT NULL
  UNION ALL
  SELECT key, 'zh', coalesce(zh, en) FROM newest WHERE coalesce(zh, en) IS NOT NULL)
SELECT key, lang, CASE WHEN count(*) OVER (PARTITION BY lang, name) > 1 THEN name || ' (' || key || ')' ELSE name END
  AS name
FROM told""",
}
"""In the order of making: those that others read come first. Two things of one name are told apart by their keys."""


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for name, body in _VIEWS.items():
        # exec_driver_sql: a colon is SQL's cast here, no parameter
        op.get_bind().exec_driver_sql(f"CREATE VIEW {name} AS {body}")
