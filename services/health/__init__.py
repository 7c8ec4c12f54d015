"""Health for those who start and watch the service, and Prometheus' figures."""
