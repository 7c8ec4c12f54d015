"""Subscriptions to named queries: webhooks by stream or schedule, and WebSockets. Source: EPCIS 2.0 section 8.2.5."""
