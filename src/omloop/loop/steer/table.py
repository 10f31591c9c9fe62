"""The table of all routes: a new one is a line here and a function in the file of its subject."""

from __future__ import annotations

from omloop.loop.steer import compare_versions, history, projects, promotions, run_files, runs, versions
from omloop.loop.steer.about import about
from omloop.loop.steer.alerts import alerts, silence_alerts
from omloop.loop.steer.drift import drift_columns, newest_drift
from omloop.loop.steer.drift_history import drift_history
from omloop.loop.steer.live import live
from omloop.loop.steer.predictions import list_predictions, one_prediction
from omloop.loop.steer.request import SteerRoute
from omloop.loop.steer.trials import begin, end, policy, trial


def routes() -> list[SteerRoute]:
    """Every route, in the order in which addresses are compared with them: fixed words before what a path names."""
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
        SteerRoute("GET", "/projects/{project}/runs/compare", runs.compare),
        SteerRoute("GET", "/projects/{project}/runs/{run}", runs.get_run),
        SteerRoute("GET", "/projects/{project}/runs/{run}/files/{name:path}", run_files.get_file),
        SteerRoute("POST", "/projects/{project}/promote", promotions.promote),
        SteerRoute("POST", "/projects/{project}/rollback", promotions.rollback),
        SteerRoute("GET", "/projects/{project}/drift", newest_drift),
        SteerRoute("GET", "/projects/{project}/drift/columns", drift_columns),
        SteerRoute("GET", "/projects/{project}/drift/history", drift_history),
        SteerRoute("GET", "/projects/{project}/live", live),
        SteerRoute("GET", "/projects/{project}/predictions", list_predictions),
        SteerRoute("GET", "/projects/{project}/predictions/{id}", one_prediction),
        SteerRoute("GET", "/projects/{project}/alerts", alerts),
        SteerRoute("POST", "/projects/{project}/alerts/silence", silence_alerts),
        SteerRoute("GET", "/projects/{project}/trial", trial),
        SteerRoute("POST", "/projects/{project}/trial", begin),
        SteerRoute("POST", "/projects/{project}/trial/end", end),
        SteerRoute("GET", "/projects/{project}/policy", policy),
    ]
