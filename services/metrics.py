"""Prometheus figures of one process, in a registry of its own so that two applications can live side by side."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """Counts calls as they end; lag and poison are set when asked for."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.calls = Counter("stemma_calls", "Calls answered", ["method", "route", "status"], registry=self.registry)
        self.seconds = Histogram(
            "stemma_call_seconds", "Seconds to the first byte", ["route"], buckets=_SECONDS, registry=self.registry
        )
        self.refused = Counter(
            "stemma_refused_calls",
            "Calls refused before any route: 401, 403, 413, 415",
            ["status"],
            registry=self.registry,
        )
        for status in ("401", "403", "413", "415"):
            # from 0 on, or Prometheus would take the first of them for no increase
            self.refused.labels(status)
        self.lag_events = Gauge(
            "stemma_lag_events", "Events in the log that no answer shows yet", registry=self.registry
        )
        self.lag_seconds = Gauge(
            "stemma_lag_seconds", "Age of the oldest event that no answer shows yet", registry=self.registry
        )
        self.damaged = Gauge(
            "stemma_damaged_tables", "Tables whose rows are not as they were written", registry=self.registry
        )
        self.scrubbed = Gauge("stemma_scrubbed_rows", "Rows read by the last whole scrub", registry=self.registry)
        self.not_projected = Gauge("stemma_not_projected_events", "Events set aside as poison", registry=self.registry)
        self.subscriptions = Gauge("stemma_subscriptions", "Webhook subscriptions", ["state"], registry=self.registry)
        self.pending = Gauge(
            "stemma_deliveries_pending", "Deliveries that their targets have not taken yet", registry=self.registry
        )
        self.oldest = Gauge("stemma_deliveries_oldest_seconds", "Age of the oldest of them", registry=self.registry)
        self.sockets = Gauge("stemma_sockets", "Open WebSockets of this process", registry=self.registry)

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self.registry)
