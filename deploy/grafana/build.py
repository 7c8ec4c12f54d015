"""Writes `dashboards/*.json`: `python -m deploy.grafana.build`. The files are committed; a test rebuilds them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana.activity import activity
from deploy.grafana.health import health
from deploy.grafana.quality import quality
from deploy.grafana.timeline import timeline

FOLDER: Final = Path(__file__).parent / "dashboards"


def built() -> Iterator[tuple[str, str]]:
    """File name and text of each dashboard."""
    for made in (timeline(), activity(), quality(), health()):
        dashboard = made.build()
        text = json.dumps(dashboard, cls=JSONEncoder, indent=2, ensure_ascii=False, sort_keys=True)
        yield f"{str(dashboard.uid).removeprefix('stemma-')}.json", text + "\n"


def main() -> None:
    """Write every dashboard, and take away files that no dashboard is written to any more."""
    FOLDER.mkdir(exist_ok=True)
    written = dict(built())
    for old in FOLDER.glob("*.json"):
        if old.name not in written:
            old.unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
