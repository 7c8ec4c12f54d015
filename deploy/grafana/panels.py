"""Shapes of panels, variables and annotations that the dashboards share. Sizes are in Grafana's grid of 24 columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from grafana_foundation_sdk.builders import (
    barchart,
    common,
    dashboard,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as c
from grafana_foundation_sdk.models import dashboard as d

from deploy.grafana.sql import SOURCE, Query

METRICS: Final = c.DataSourceRef(type_val="prometheus", uid="stemma-prometheus")
GREEN: Final = "green"
RED: Final = "red"
AMBER: Final = "orange"
_BUCKETS: Final = "hour,day,week"
P = TypeVar("P", bound=Any)


def _panel(made: P, title: str, about: str, width: int, height: int) -> P:
    return made.title(title).description(about).span(width).height(height)  # type: ignore[no-any-return]


def bars(title: str, about: str, sql: str, *, width: int = 24, height: int = 8) -> timeseries.Panel:
    """Stacked bars over time: columns `time`, `metric`, `value`."""
    made = _panel(timeseries.Panel(), title, about, width, height).datasource(SOURCE)
    stacked = common.StackingConfig().mode(c.StackingMode.NORMAL).group("A")
    made.draw_style(c.GraphDrawStyle.BARS).fill_opacity(80).line_width(0).stacking(stacked).bar_alignment(
        c.BarAlignment.AFTER
    )
    return made.min(0).decimals(0).legend(_legend()).tooltip(_tooltip()).with_target(Query(sql, "time_series"))


def line(title: str, about: str, sql: str, *, unit: str, width: int = 12, height: int = 8) -> timeseries.Panel:
    """Lines over time: columns `time`, `metric`, `value`."""
    made = _panel(timeseries.Panel(), title, about, width, height).datasource(SOURCE).unit(unit)
    made.draw_style(c.GraphDrawStyle.LINE).show_points(c.VisibilityMode.ALWAYS).legend(_legend()).tooltip(_tooltip())
    return made.with_target(Query(sql, "time_series"))


def lanes(title: str, about: str, sql: str, *, height: int = 14) -> statetimeline.Panel:
    """A lane for each `lane`: columns `time`, `lane`, `state`. In table format, since the time-series format would make
    a label of the state; the rows are parted into lanes by a transformation."""
    made = _panel(statetimeline.Panel(), title, about, 24, height).datasource(SOURCE)
    parted = {"fields": ["lane"], "keepFields": False, "naming": {"asLabels": True}}
    made.with_transformation(d.DataTransformerConfig("partitionByValues", options=parted))
    made.merge_values(True).show_value(c.VisibilityMode.AUTO).row_height(0.9).per_page(50).span_nulls(False)
    colour = dashboard.FieldColor().mode(d.FieldColorModeId.PALETTE_CLASSIC)
    made.color_scheme(colour).display_name("${__field.labels.lane}").legend(_legend()).tooltip(_tooltip())
    return made.with_target(Query(sql, "table"))


def rows(
    title: str, about: str, sql: str, *, coloured: Sequence[str] = (), width: int = 24, height: int = 10
) -> table.Panel:
    """A table of the query's columns as they are; `coloured` columns of results show pass and fail in colour."""
    made = _panel(table.Panel(), title, about, width, height).datasource(SOURCE).filterable(True)
    marks = {
        "pass": d.ValueMappingResult(color=GREEN),
        "fail": d.ValueMappingResult(color=RED),
        "conditional": d.ValueMappingResult(color=AMBER),
    }
    for column in coloured:
        mapped = d.DynamicConfigValue("mappings", [d.ValueMap(options=marks)])
        made.override_by_name(column, [mapped, d.DynamicConfigValue("custom.cellOptions", {"type": "color-text"})])
    return made.with_target(Query(sql, "table"))


def figure(
    title: str, about: str, sql: str, *, bad: bool = False, unit: str = "none", width: int = 6, height: int = 4
) -> stat.Panel:
    """One number: the column `value` of one row; `bad` turns red above 0."""
    made = _panel(stat.Panel(), title, about, width, height).datasource(SOURCE).unit(unit)
    steps = [d.Threshold(None, GREEN), *([d.Threshold(1, RED)] if bad else [])]
    made.thresholds(dashboard.ThresholdsConfig().mode(d.ThresholdsMode.ABSOLUTE).steps(steps))
    return made.color_mode(c.BigValueColorMode.VALUE).graph_mode(c.BigValueGraphMode.NONE).with_target(Query(sql))


def ranked(title: str, about: str, sql: str, *, width: int = 12, height: int = 10) -> barchart.Panel:
    """Bars side by side: a text column, then numbers."""
    made = _panel(barchart.Panel(), title, about, width, height).datasource(SOURCE).min(0).decimals(0)
    return made.orientation(c.VizOrientation.HORIZONTAL).legend(_legend()).tooltip(_tooltip()).with_target(Query(sql))


def metric(
    title: str, about: str, *told: tuple[str, str], unit: str = "short", width: int = 12, height: int = 8
) -> timeseries.Panel:
    """Lines over time of PromQL expressions, each with its legend."""
    made = _panel(timeseries.Panel(), title, about, width, height).datasource(METRICS).unit(unit).min(0)
    for ref, (expression, legend) in zip("ABCDEF", told, strict=False):
        query = prometheus.Dataquery().expr(expression).legend_format(legend).ref_id(ref).range()
        made.with_target(query.datasource(METRICS))
    return made.legend(_legend()).tooltip(_tooltip())


def chosen(name: str, label: str, sql: str, about: str = "") -> dashboard.QueryVariable:
    """Several values or all, from columns `__value` and `__text` of a query in the dashboard's time range."""
    made = dashboard.QueryVariable(name).label(label).datasource(SOURCE).query(sql.strip()).description(about)
    made.refresh(d.VariableRefresh.ON_TIME_RANGE_CHANGED).sort(d.VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC)
    everything = d.VariableOption(True, ["All"], ["$__all"])
    return made.multi(True).include_all(True).all_value("'__all'").allow_custom_value(True).current(everything)


def listed(name: str, label: str, sql: str) -> dashboard.QueryVariable:
    """One value, from columns `__value` and `__text` of a query in the dashboard's time range."""
    made = dashboard.QueryVariable(name).label(label).datasource(SOURCE).query(sql.strip())
    return made.refresh(d.VariableRefresh.ON_TIME_RANGE_CHANGED).sort(d.VariableSort.ALPHABETICAL_ASC)


def picked(name: str, label: str, values: str, first: str) -> dashboard.CustomVariable:
    """One of some fixed values (`text : value`, separated by commas)."""
    made = dashboard.CustomVariable(name).label(label).values(values).allow_custom_value(False)
    text = next((one.split(" : ")[0] for one in values.split(",") if one.split(" : ")[-1] == first), first)
    return made.current(d.VariableOption(True, text, first))


def bucket_choice(first: str = "day") -> dashboard.CustomVariable:
    """Length of the intervals that are counted in."""
    return picked("bucket", "Interval", _BUCKETS, first)


def language() -> dashboard.CustomVariable:
    """Language of the names that master data give."""
    return picked("lang", "Names", "English : en,中文 : zh", "en")


def annotation(name: str, colour: str, sql: str) -> dashboard.AnnotationQuery:
    """Marks on every panel with a time axis: columns `time`, `text`, `tags`, and `timeend` for regions."""
    made = dashboard.AnnotationQuery().name(name).datasource(SOURCE).enable(True).hide(False).icon_color(colour)
    return made.target(Query(sql, "table", "Anno"))


def board(title: str, uid: str, about: str, since: str) -> dashboard.Dashboard:
    """An empty dashboard: the time range begins at `since`, the crosshair is shared, links lead to the others."""
    others = dashboard.DashboardLink("Stemma").type(d.DashboardLinkType.DASHBOARDS).tags(["stemma"])
    made = dashboard.Dashboard(title).uid(uid).description(about).tags(["stemma"]).time(since, "now").refresh("1m")
    made.timezone("browser").tooltip(d.DashboardCursorSync.CROSSHAIR)
    return made.variables([]).annotations([]).link(others.as_dropdown(True).keep_time(True))


def filled(made: dashboard.Dashboard, panels: Sequence[Builder[d.Panel]]) -> dashboard.Dashboard:
    """The dashboard with its panels, numbered in order."""
    for number, panel in enumerate(panels, 1):
        made.with_panel(panel.id(number))  # type: ignore[attr-defined]
    return made


def _legend() -> common.VizLegendOptions:
    shown = common.VizLegendOptions().show_legend(True).display_mode(c.LegendDisplayMode.LIST)
    return shown.placement(c.LegendPlacement.BOTTOM)


def _tooltip() -> common.VizTooltipOptions:
    return common.VizTooltipOptions().mode(c.TooltipDisplayMode.MULTI).sort(c.SortOrder.DESCENDING)
