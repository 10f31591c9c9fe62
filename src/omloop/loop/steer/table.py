"""The table of all routes: a new one is a line here and a function in the file of its subject."""

from __future__ import annotations

from omloop.loop.steer import (
    alerts,
    compare_runs,
    compare_versions,
    drift,
    drift_columns,
    drift_history,
    history,
    live,
    one_run,
    pages,
    policy,
    predictions,
    projects,
    promotions,
    run_files,
    runs,
    trials,
    versions,
)
from omloop.loop.steer.about import about
from omloop.loop.steer.route import SteerRoute


def routes() -> list[SteerRoute]:
    """Every route, in the order of matching: fixed words before variables of a path."""
    return [
        SteerRoute("GET", "", about),
        SteerRoute("GET", "/", about),
        SteerRoute("GET", "/projects", projects.list_projects),
        SteerRoute("GET", "/projects/{project}", projects.get_project),
        SteerRoute("GET", "/projects/{project}/examples", projects.get_examples),
        SteerRoute("GET", "/projects/{project}/versions", versions.list_versions),
        SteerRoute("GET", "/projects/{project}/versions/compare", compare_versions.compare),
        SteerRoute("GET", "/projects/{project}/versions/{version}", versions.get_version),
        SteerRoute("GET", "/projects/{project}/history", history.get_history),
        SteerRoute("GET", "/projects/{project}/champions", history.get_champions),
        SteerRoute("GET", "/projects/{project}/runs", runs.list_runs),
        SteerRoute("GET", "/projects/{project}/runs/compare", compare_runs.compare),
        SteerRoute("GET", "/projects/{project}/runs/{run}", one_run.get_run),
        SteerRoute("GET", "/projects/{project}/runs/{run}/files/{name:path}", run_files.get_file),
        SteerRoute("POST", "/projects/{project}/promote", promotions.promote),
        SteerRoute("POST", "/projects/{project}/rollback", promotions.rollback),
        SteerRoute("GET", "/projects/{project}/drift", drift.newest_drift),
        SteerRoute("GET", "/projects/{project}/drift/columns", drift_columns.drift_columns),
        SteerRoute("GET", "/projects/{project}/drift/history", drift_history.drift_history),
        SteerRoute("GET", "/projects/{project}/live", live.live),
        SteerRoute("GET", "/projects/{project}/predictions", predictions.list_predictions),
        SteerRoute("GET", "/projects/{project}/predictions/{id}", predictions.one_prediction),
        SteerRoute("GET", "/projects/{project}/alerts", alerts.alerts),
        SteerRoute("POST", "/projects/{project}/alerts/silence", alerts.silence_alerts),
        SteerRoute("GET", "/projects/{project}/trial", trials.trial),
        SteerRoute("POST", "/projects/{project}/trial", trials.begin),
        SteerRoute("POST", "/projects/{project}/trial/end", trials.end),
        SteerRoute("GET", "/projects/{project}/policy", policy.get_policy),
        SteerRoute("GET", "/projects/{project}/pages", pages.list_pages),
        SteerRoute("GET", "/projects/{project}/pages/{name}", pages.get_page),
    ]
