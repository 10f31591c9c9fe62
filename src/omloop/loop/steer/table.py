"""The table of all routes: a new one is a line here and a function in the file of its subject."""

from __future__ import annotations

from omloop.loop.steer import compare_versions, history, projects, promotions, run_files, runs, versions
from omloop.loop.steer.about import about
from omloop.loop.steer.drift import drift_columns, newest_drift
from omloop.loop.steer.drift_history import drift_history
from omloop.loop.steer.live import live
from omloop.loop.steer.predictions import list_predictions, one_prediction
from omloop.loop.steer.projects import list_projects
from omloop.loop.steer.request import SteerRoute

_PROJECT = "/projects/{project}"


def routes() -> list[SteerRoute]:
    """Every route, in the order in which addresses are compared with them: fixed words before what a path names."""
    return [
        SteerRoute("GET", "", about),
        SteerRoute("GET", "/", about),
        SteerRoute("GET", "/projects", list_projects),
        SteerRoute("GET", "/projects/{project}/drift", newest_drift),
        SteerRoute("GET", "/projects/{project}/drift/columns", drift_columns),
        SteerRoute("GET", "/projects/{project}/drift/history", drift_history),
        SteerRoute("GET", "/projects/{project}/live", live),
        SteerRoute("GET", "/projects/{project}/predictions", list_predictions),
        SteerRoute("GET", "/projects/{project}/predictions/{id}", one_prediction),
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
    ]
