"""The table of all routes: a new one is a line here and a function in the file of its subject."""

from __future__ import annotations

from omloop.loop.steer import (
    alerts,
    compare_versions,
    drift,
    drift_history,
    history,
    live,
    pages,
    predictions,
    projects,
    promotions,
    run_files,
    runs,
    trials,
    versions,
)
from omloop.loop.steer.about import about
from omloop.loop.steer.request import SteerRoute

_PROJECT = "/projects/{project}"


def routes() -> list[SteerRoute]:
    """Every route, in the order in which addresses are compared with them: fixed words before what a path names."""
    return [
        SteerRoute("GET", "", about),
        SteerRoute("GET", "/", about),
        SteerRoute("GET", "/projects", projects.list_projects),
        SteerRoute("GET", _PROJECT, projects.get_project),
        SteerRoute("GET", f"{_PROJECT}/examples", projects.get_examples),
        SteerRoute("GET", f"{_PROJECT}/versions", versions.list_versions),
        SteerRoute("GET", f"{_PROJECT}/versions/compare", compare_versions.compare),
        SteerRoute("GET", f"{_PROJECT}/versions/{{version}}", versions.get_version),
        SteerRoute("GET", f"{_PROJECT}/history", history.get_history),
        SteerRoute("GET", f"{_PROJECT}/champions", history.get_champions),
        SteerRoute("GET", f"{_PROJECT}/runs", runs.list_runs),
        SteerRoute("GET", f"{_PROJECT}/runs/compare", runs.compare),
        SteerRoute("GET", f"{_PROJECT}/runs/{{run}}", runs.get_run),
        SteerRoute("GET", f"{_PROJECT}/runs/{{run}}/files/{{name:path}}", run_files.get_file),
        SteerRoute("POST", f"{_PROJECT}/promote", promotions.promote),
        SteerRoute("POST", f"{_PROJECT}/rollback", promotions.rollback),
        SteerRoute("GET", f"{_PROJECT}/drift", drift.newest_drift),
        SteerRoute("GET", f"{_PROJECT}/drift/columns", drift.drift_columns),
        SteerRoute("GET", f"{_PROJECT}/drift/history", drift_history.drift_history),
        SteerRoute("GET", f"{_PROJECT}/live", live.live),
        SteerRoute("GET", f"{_PROJECT}/predictions", predictions.list_predictions),
        SteerRoute("GET", f"{_PROJECT}/predictions/{{id}}", predictions.one_prediction),
        SteerRoute("GET", f"{_PROJECT}/alerts", alerts.alerts),
        SteerRoute("POST", f"{_PROJECT}/alerts/silence", alerts.silence_alerts),
        SteerRoute("GET", f"{_PROJECT}/trial", trials.trial),
        SteerRoute("POST", f"{_PROJECT}/trial", trials.begin),
        SteerRoute("POST", f"{_PROJECT}/trial/end", trials.end),
        SteerRoute("GET", f"{_PROJECT}/policy", trials.policy),
        SteerRoute("GET", f"{_PROJECT}/pages", pages.list_pages),
        SteerRoute("GET", f"{_PROJECT}/pages/{{name}}", pages.get_page),
    ]
