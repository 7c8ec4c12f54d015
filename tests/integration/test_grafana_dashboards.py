"""Grafana's dashboards and provisioning, without a Grafana server: what can be known from the files alone."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import dashboard as models

from deploy.grafana import build
from deploy.grafana.sql import POSTGRES, SqlQuery, register
from services.metrics import Metrics
from tests.grafana import DASHBOARDS, FOLDER, NoMacro, View, expanded, statements

COMPOSE = yaml.safe_load((FOLDER.parent / "compose.yaml").read_text())["services"]
SOURCES = {
    one["uid"]: one
    for one in yaml.safe_load((FOLDER / "provisioning" / "datasources" / "stemma.yaml").read_text())["datasources"]
}
PANELS = [
    pytest.param(board, panel, id=f"{name}: {panel['title']}")
    for name, board in DASHBOARDS.items()
    for panel in board["panels"]
]
WHOLE = View(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC), values={"sensor": "Temperature"})
KINDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "dashboard": {
        "uid": str, "title": str, "description": str, "tags": list, "timezone": str, "schemaVersion": int,
        "editable": bool, "refresh": str, "graphTooltip": int, "panels": list, "templating": dict, "annotations": dict,
        "links": list, "time": dict, "fiscalYearStartMonth": int,
    },
    "panel": {
        "id": int, "type": str, "title": str, "description": str, "datasource": dict, "gridPos": dict, "targets": list,
        "options": dict, "fieldConfig": dict, "transparent": bool, "transformations": list, "repeatDirection": str,
    },
    "target": {
        "refId": str, "datasource": dict, "rawSql": str, "rawQuery": bool, "editorMode": str, "format": str,
        "expr": str, "legendFormat": str, "range": bool, "instant": bool,
    },
    "annotation": {
        "name": str, "datasource": dict, "enable": bool, "hide": bool, "iconColor": str, "target": dict,
        "builtIn": int, "placement": str,
    },
    "variable": {
        "name": str, "label": str, "type": str, "query": str, "datasource": dict, "multi": bool, "includeAll": bool,
        "allValue": str, "allowCustomValue": bool, "refresh": int, "sort": int, "skipUrlSync": bool, "current": dict,
        "description": str, "auto": bool, "auto_min": str, "auto_count": int,
    },
}  # fmt: skip
"""The keys that our dashboards use, and the types that Grafana's dashboard JSON has for them."""
NEEDED = {
    "dashboard": {"uid", "title", "schemaVersion", "panels", "templating", "annotations", "time"},
    "panel": {"id", "type", "title", "datasource", "gridPos", "targets"},
    "target": {"refId", "datasource"},
    "annotation": {"name", "datasource", "enable", "iconColor", "target"},
    "variable": {"name", "label", "type", "query"},
}


def parts() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every part of every dashboard with its kind."""
    for board in DASHBOARDS.values():
        yield "dashboard", board
        for panel in board["panels"]:
            yield "panel", panel
            yield from (("target", one) for one in panel["targets"])
        for one in board["annotations"]["list"]:
            yield "annotation", one
            yield "target", one["target"]
        yield from (("variable", one) for one in board["templating"]["list"])


def test_the_committed_dashboards_are_what_the_code_builds() -> None:
    built = dict(build.built())
    assert built == {path.name: path.read_text() for path in (FOLDER / "dashboards").iterdir()}
    assert set(built) == {"timeline.json", "activity.json", "quality.json", "health.json"}


@pytest.mark.parametrize("name", DASHBOARDS)
def test_the_sdk_reads_a_dashboard_and_writes_the_same(name: str) -> None:
    register_default_plugins()
    register()
    again = models.Dashboard.from_json(DASHBOARDS[name])
    assert json.loads(json.dumps(again, cls=JSONEncoder)) == DASHBOARDS[name]


def test_a_query_with_a_key_that_would_be_lost_is_refused() -> None:
    with pytest.raises(ValueError, match="rawSQL"):
        SqlQuery.from_json({"refId": "A", "format": "table", "rawSql": "SELECT 1", "rawSQL": "SELECT 2"})


def test_every_part_has_what_grafana_needs_and_each_value_its_type() -> None:
    for kind, part in parts():
        assert NEEDED[kind] <= set(part), part
        for key, value in part.items():
            assert key in KINDS[kind], f"{kind}.{key}"
            wanted = KINDS[kind][key]
            assert isinstance(value, wanted), f"{kind}.{key}: {value!r}"
            assert isinstance(value, bool) == (wanted is bool), f"{kind}.{key}: {value!r}"


def test_uids_are_fixed_and_of_their_own() -> None:
    assert {name: board["uid"] for name, board in DASHBOARDS.items()} == {
        "timeline": "stemma-timeline", "activity": "stemma-activity", "quality": "stemma-quality",
        "health": "stemma-health",
    }  # fmt: skip
    assert all("id" not in board and board["schemaVersion"] >= 40 for board in DASHBOARDS.values())


def test_every_data_source_that_is_named_is_provisioned() -> None:
    for kind, part in parts():
        if "datasource" in part:
            assert part["datasource"]["type"] == SOURCES[part["datasource"]["uid"]]["type"], (kind, part)
        assert kind == "dashboard" or kind == "variable" or "datasource" in part


def test_no_dashboard_waits_for_an_import_dialogue() -> None:
    text = json.dumps(DASHBOARDS)
    assert "${DS_" not in text
    assert "__inputs" not in text


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_a_panel_lies_within_the_grid_and_on_no_other(board: dict[str, Any], panel: dict[str, Any]) -> None:
    def cells(one: dict[str, Any]) -> set[tuple[int, int]]:
        at = one["gridPos"]
        return {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}

    others = [one for one in board["panels"] if one is not panel]
    assert all(0 <= x < 24 for x, _ in cells(panel))
    assert not any(cells(panel) & cells(one) for one in others)
    assert panel["id"] not in [one["id"] for one in others]
    assert len({one["refId"] for one in panel["targets"]}) == len(panel["targets"])


def test_names_of_variables_annotations_and_panels_are_told_once() -> None:
    for board in DASHBOARDS.values():
        for names in (
            [one["name"] for one in board["templating"]["list"]],
            [one["name"] for one in board["annotations"]["list"]],
            [one["title"] for one in board["panels"]],
        ):
            assert max(Counter(names).values(), default=1) == 1, names


def test_every_variable_is_used_and_every_used_one_is_there_before_its_first_use() -> None:
    for name, board in DASHBOARDS.items():
        there, used = set(), set()
        for one in board["templating"]["list"]:
            found = set(re.findall(r"\$([a-z]\w*)", one["query"])) if one["type"] == "query" else set()
            assert found <= there, f"{name}: ${one['name']}"
            there.add(one["name"])
            used |= found
        for one in statements():
            if one.board == name and one.kind != "variable":
                used |= set(re.findall(r"\$([a-z]\w*)", one.sql))
        assert used == there, name


def test_all_of_a_variable_is_a_quoted_word_that_is_put_in_as_it_is() -> None:
    several = [one for kind, one in parts() if kind == "variable" and one.get("multi")]
    assert several
    for one in several:
        assert (one["includeAll"], one["allValue"]) == (True, "'__all'")
        assert one["current"]["value"] == ["$__all"]


def test_lanes_are_in_table_format_and_parted_by_lane() -> None:
    found = [panel for _, panel in (one.values for one in PANELS) if panel["type"] == "state-timeline"]
    assert found
    for panel in found:
        assert [one["format"] for one in panel["targets"]] == ["table"]
        (parted,) = panel["transformations"]
        assert (parted["id"], parted["options"]["fields"]) == ("partitionByValues", ["lane"])
        assert panel["fieldConfig"]["defaults"]["displayName"] == "${__field.labels.lane}"


def test_text_series_are_in_time_series_format_and_tables_are_not() -> None:
    formats = {one.shape: one.format for one in statements() if one.kind == "panel"}
    assert formats == {
        "timeseries": "time_series", "table": "table", "stat": "table", "barchart": "table", "state-timeline": "table",
    }  # fmt: skip


def test_every_query_runs_by_views_alone_and_has_every_macro_that_grafana_knows() -> None:
    for one in statements():
        board = DASHBOARDS[one.board]
        sql = expanded(one.sql, WHOLE, board)
        assert "$" not in sql.replace("$__all", ""), one
        read = set(re.findall(r"(?<!DISTINCT )(?:FROM|JOIN) (?!LATERAL)([a-z_]+)", sql))
        own = set(re.findall(r"(\w+) AS (?:MATERIALIZED )?\(", sql))
        assert all(name.startswith("grafana_") or name in own for name in read), read


def test_a_macro_ends_at_its_first_closing_bracket_as_in_grafana() -> None:
    board = DASHBOARDS["timeline"]
    assert expanded("$__timeFilter(time)", WHOLE, board).startswith("time BETWEEN '2026-06-01T00:00:00Z'")
    assert expanded("$__timeFilter(to_timestamp(us))", WHOLE, board).startswith("to_timestamp(us BETWEEN")
    with pytest.raises(NoMacro):
        expanded("$__timeFilterr(time)", WHOLE, board)


def test_the_password_and_every_address_come_from_the_environment_that_compose_gives() -> None:
    text = (FOLDER / "provisioning" / "datasources" / "stemma.yaml").read_text()
    named = set(re.findall(r"\$__env\{(\w+)\}", text))
    assert named <= set(COMPOSE["grafana"]["environment"])
    source = SOURCES["stemma-postgres"]
    assert source["type"] == POSTGRES
    assert source["secureJsonData"] == {"password": "$__env{STEMMA_READER_PASSWORD}"}
    assert source["jsonData"]["database"] == "$__env{STEMMA_POSTGRES_DATABASE}"
    given, made = (COMPOSE[name]["environment"] for name in ("grafana", "reader"))
    assert given["STEMMA_READER_PASSWORD"] == "${STEMMA_READER_PASSWORD}"
    assert made["STEMMA_READER_PASSWORD"].startswith("${STEMMA_READER_PASSWORD:?")
    assert given["STEMMA_POSTGRES_DATABASE"] == made["PGDATABASE"]


def test_the_dashboards_are_provisioned_from_where_compose_puts_them() -> None:
    (provider,) = yaml.safe_load((FOLDER / "provisioning" / "dashboards" / "stemma.yaml").read_text())["providers"]
    mounts = dict(one.removesuffix(":ro").split(":") for one in COMPOSE["grafana"]["volumes"])
    assert mounts["./grafana/dashboards"] == provider["options"]["path"]
    for kind in ("datasources", "dashboards"):
        assert mounts[f"./grafana/provisioning/{kind}"] == f"/etc/grafana/provisioning/{kind}"
    assert provider["allowUiUpdates"] is False


def expressions() -> list[str]:
    """Every PromQL expression of the dashboards."""
    return [one["expr"] for kind, one in parts() if kind == "target" and "expr" in one]


def test_every_figure_asked_of_prometheus_is_one_that_the_service_has() -> None:
    text = Metrics().text().decode()
    has = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE)) | {"stemma_call_seconds_bucket", "up"}
    rules = (FOLDER.parent / "prometheus" / "rules.yaml").read_text()
    asked = set(re.findall(r"\b(stemma_\w+)", " ".join([*expressions(), rules])))
    assert asked - {"stemma_call_seconds_count"} <= has
    assert {"stemma_lag_seconds", "stemma_not_projected_events", "stemma_refused_calls_total"} <= asked


def test_prometheus_can_read_every_expression(tmp_path: Path, promtool: str) -> None:
    rules = [
        {"record": f"panel:{n}", "expr": one.replace("$__rate_interval", "5m")} for n, one in enumerate(expressions())
    ]
    file = tmp_path / "panels.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    done = subprocess.run([promtool, "check", "rules", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
