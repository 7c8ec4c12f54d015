"""What several modules here share."""

from __future__ import annotations

from tests.integration.grafana_support import plant

__all__ = ["plant"]
