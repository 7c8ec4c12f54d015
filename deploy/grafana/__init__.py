"""Dashboards of Stemma for Grafana, built from code: `make dashboards` writes `dashboards/*.json`.

`sql` is the query that Grafana's SDK has no type for and what many queries share; `panels` the shapes of panels and
variables; then a module a dashboard. What the queries read are the views of the event index's migration 0003.
"""
