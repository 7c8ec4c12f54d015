"""Service health: Prometheus' figures of the service, and what it refused or could not project."""

from __future__ import annotations

from typing import Final

from grafana_foundation_sdk.builders import dashboard

from deploy.grafana import panels
from deploy.grafana.sql import window

_REFUSED: Final = f"""
SELECT r.received, r.status, r.reason, r.call, r.actor, r.source, r.resubmits, r.id
FROM grafana_refused r
WHERE {window("r.received_us")}
ORDER BY r.received_us DESC, r.id DESC
LIMIT 1000"""

_REFUSED_OVER_TIME: Final = """
SELECT $__timeGroupAlias(r.received, $__interval), r.reason AS metric, count(*) AS value
FROM grafana_refused r
WHERE $__timeFilter(r.received)
GROUP BY 1, 2
ORDER BY 1, 2"""

_NOT_PROJECTED: Final = "SELECT p.event, p.reason FROM grafana_not_projected p ORDER BY p.row LIMIT 1000"

_KNOWN: Final = "SELECT m.known_us / 1000 AS value FROM grafana_moment m WHERE m.known_us > 0"
"""In milliseconds, as Grafana's units of time are; no row before the first event is recorded."""

_CONFLICTS: Final = """
SELECT count(*) AS value
FROM grafana_conflict c
WHERE $__timeFilter(c.recorded)"""


def health() -> dashboard.Dashboard:
    """The same figures as the alerting rules in deploy/prometheus/rules.yaml."""
    made = panels.board("Stemma: service health", "stemma-health", "Is it up, level and unburdened?", "now-6h")
    shown = (
        panels.metric("Up", "1 while Prometheus can read the service's figures.", ('up{job="stemma"}', "{{instance}}")),
        panels.metric("Events not yet projected", "In the log, not yet in answers.", ("stemma_lag_events", "events")),
        panels.metric("Age of the oldest of them", "Lag.", ("stemma_lag_seconds", "lag"), unit="s"),
        panels.metric("Events set aside", "Could not be projected.", ("stemma_not_projected_events", "not projected")),
        panels.metric(
            "Calls per second",
            "By status.",
            ("sum by (status) (rate(stemma_calls_total[$__rate_interval]))", "{{status}}"),
            unit="reqps",
        ),
        panels.metric(
            "Seconds to the first byte",
            "What 95 and 50 of 100 calls stay below.",
            ("histogram_quantile(0.95, sum by (le) (rate(stemma_call_seconds_bucket[$__rate_interval])))", "95 %"),
            ("histogram_quantile(0.5, sum by (le) (rate(stemma_call_seconds_bucket[$__rate_interval])))", "50 %"),
            unit="s",
        ),
        panels.metric(
            "Refused at the door, per second",
            "Without a right or key, too large, or of a wrong kind.",
            ("sum by (status) (rate(stemma_refused_calls_total[$__rate_interval]))", "{{status}}"),
            unit="reqps",
        ),
        panels.bars("Refused captures", "Kept, by reason.", _REFUSED_OVER_TIME, width=12),
        panels.figure("Known up to", "What these dashboards show was recorded by then.", _KNOWN, unit="dateTimeAsIso"),
        panels.figure("Conflicts", "Records that lost to another of the same eventID.", _CONFLICTS, bad=True),
        panels.rows("Could not be projected", "Set aside with the reason.", _NOT_PROJECTED, width=12, height=4),
        panels.rows("Refused captures, the latest 1,000", "As kept; mend and send again.", _REFUSED),
    )
    return panels.filled(made, shown)
