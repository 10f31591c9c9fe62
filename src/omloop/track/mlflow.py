"""MLflow as a mirror: runs, plots and files, and versions in its model registry with the alias `champion`."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qsl, urlsplit

from omloop.core import Annotation, LoggedStep, SettingError, VersionLine, first_line, is_there, this_process, user_name
from omloop.track.final import final_metrics, final_texts
from omloop.track.flat import flat_settings

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Metric
    from mlflow.entities.model_registry import ModelVersion, RegisteredModel

RUN, PROCESS, VERSION, CHAMPION = "omloop.run", "omloop.process", "omloop_version", "champion"
BUNDLES = "bundles"
AT_ONCE, PARAMS_AT_ONCE, LONGEST_KEY = 1000, 100, 250
"""What MLflow's server takes in one request: numbers, parameters, characters of a name."""
MOST_MISSING = 50
"""Versions that MLflow lacks are sent so many at a time, the newest first."""
STATUS = {"finished": "FINISHED", "failed": "FAILED", "killed": "KILLED"}
NOT_THERE = ("RESOURCE_DOES_NOT_EXIST", "NOT_FOUND")
AWAY = (429, 502, 503, 504, "TEMPORARILY_UNAVAILABLE")
"""HTTP statuses, and MLflow's word for them, of a server that is not there for the moment."""
CHATTY = ("mlflow.store.db.utils", "alembic")


class MlflowMirror:
    """An MLflow server or database; projects are experiments and registered models there.

    `uri` is what MLflow calls a tracking URI. `artifacts` is where files lie, None where the server says so.
    """

    def __init__(self, uri: str, artifacts: Path | None = None) -> None:
        self._uri, self._artifacts = uri, artifacts

    @classmethod
    def of(cls, address: str, folder: Path) -> Self:
        """The store at an address such as `http://127.0.0.1:5000` or `sqlite:////srv/mlflow.db`, or in `folder`.

        Raises SettingError for an address with a password.
        """
        if not address:
            folder = folder.resolve()
            return cls(f"sqlite:///{(folder / 'mlflow.db').as_posix()}", folder / "mlflow-artifacts")
        with contextlib.suppress(ValueError):
            parts = urlsplit(address)
            if parts.password or "password" in dict(parse_qsl(parts.query)):
                told = "Leave it out, and give MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD in the environment"
                raise SettingError(f"'track' holds a password of MLflow. {told}.", key="track")
        return cls(address)

    @cached_property
    def client(self) -> MlflowClient:
        """MLflow's own client, with its telemetry off for this process."""
        os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
        # A server that is away is known at once: the outbox tries again, and MLflow itself would for minutes.
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
        from mlflow import MlflowClient

        for name in CHATTY:  # tell of every table that they make
            logging.getLogger(name).setLevel(logging.WARNING)
        if self._artifacts is not None:
            self._artifacts.parent.mkdir(parents=True, exist_ok=True)
        return MlflowClient(self._uri, self._uri)

    def start(self, project: str, run: str, config: str, facts: Mapping[str, object]) -> MlflowRun:
        """Begin a run of the experiment called as the project, and close runs of dead processes here as killed."""
        with _reaching():
            experiment = self._experiment(project)
            self._close_killed(experiment)
            run_id = self._run_id(experiment, run, facts)
            self._log_params(run_id, config)
        return MlflowRun(self, run_id)

    def annotate(self, project: str, run: str, change: Annotation) -> None:
        """Change the tags and the description of a run, if there is one of that name."""
        with _reaching():
            found = self._find(self._experiment(project), run)
        if found is not None:
            MlflowRun(self, found).annotate(change)

    def register(self, line: VersionLine) -> None:
        """Add the versions that the registered model lacks, each with its bundle, and set the alias `champion`."""
        with _reaching():
            aliases = self._model(line.project).aliases
            there = self._versions(line.project)
            missing = [version for version in line.versions if version not in there]
            for version in missing[-MOST_MISSING:]:
                there[version] = self._add(line, version)
            if line.champion is not None and line.champion not in there:
                there[line.champion] = self._add(line, line.champion)
            wanted = there[line.champion] if line.champion else None
            if wanted is not None and str(aliases.get(CHAMPION)) != wanted:
                self.client.set_registered_model_alias(line.project, CHAMPION, wanted)
            elif wanted is None and CHAMPION in aliases:
                self.client.delete_registered_model_alias(line.project, CHAMPION)

    def _experiment(self, project: str) -> str:
        found = self.client.get_experiment_by_name(project)
        if found is not None:
            return str(found.experiment_id)
        place = None if self._artifacts is None else (self._artifacts / project).as_uri()
        return str(self.client.create_experiment(project, artifact_location=place))

    def _find(self, experiment: str, run: str) -> str | None:
        found = self.client.search_runs([experiment], f"tags.`{RUN}` = '{run}'", max_results=1)
        return str(found[0].info.run_id) if found else None

    def _run_id(self, experiment: str, run: str, facts: Mapping[str, object]) -> str:
        if there := self._find(experiment, run):
            return there
        tags = {
            RUN: run,
            PROCESS: json.dumps(this_process()),
            "mlflow.user": user_name(),
            "mlflow.source.name": "omloop",
            "mlflow.source.type": "LOCAL",
            **{name: str(facts[name]) for name in ("python", "platform", "git_commit", "git_dirty") if facts.get(name)},
        }
        if commit := facts.get("git_commit"):
            tags["mlflow.source.git.commit"] = str(commit)
        return str(self.client.create_run(experiment, tags=tags, run_name=run).info.run_id)

    def _log_params(self, run_id: str, config: str) -> None:
        from mlflow.entities import Param

        named = {_key(key): value for key, value in flat_settings(config).items()}
        params = [Param(key, value) for key, value in named.items()]
        for begin in range(0, len(params), PARAMS_AT_ONCE):
            self.client.log_batch(run_id, params=params[begin : begin + PARAMS_AT_ONCE])

    def _close_killed(self, experiment: str) -> None:
        for one in self.client.search_runs([experiment], "attributes.status = 'RUNNING'", max_results=100):
            with contextlib.suppress(ValueError):
                if is_there(json.loads(one.data.tags.get(PROCESS, "{}"))) is False:
                    self.client.set_terminated(one.info.run_id, "KILLED")

    def _model(self, project: str) -> RegisteredModel:
        try:
            return self.client.get_registered_model(project)
        except Exception as error:
            if getattr(error, "error_code", "") not in NOT_THERE:
                raise
        return self.client.create_registered_model(project, description="The versions of an omloop project.")

    def _versions(self, project: str) -> dict[str, str]:
        """Our versions there, and what MLflow calls them."""
        found: dict[str, str] = {}
        token = None
        while token != "":
            page = self.client.search_model_versions(f"name='{project}'", max_results=200, page_token=token)
            found |= {one.tags[VERSION]: str(one.version) for one in page if VERSION in one.tags}
            token = page.token or ""
        return found

    def _add(self, line: VersionLine, version: str) -> str:
        one = line.read(version)
        experiment = self._experiment(line.project)
        run_id = self._find(experiment, one.run)
        if run_id is None:  # it was made before MLflow was told of runs, or while it was away
            run_id = self._run_id(experiment, one.run, {})
            self.client.set_terminated(run_id, "FINISHED")
        place = f"{BUNDLES}/{version}"
        with tempfile.TemporaryDirectory(prefix="omloop-") as folder:
            for name, content in one.files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            self.client.log_artifacts(run_id, folder, place)
        made: ModelVersion = self.client.create_model_version(
            line.project,
            source=f"{self.client.get_run(run_id).info.artifact_uri}/{place}",
            run_id=run_id,
            tags={VERSION: version, "model": one.model, **{name: f"{at:g}" for name, at in one.metrics.items()}},
            await_creation_for=0,
        )
        return str(made.version)


class MlflowRun:
    """One run in MLflow."""

    def __init__(self, mirror: MlflowMirror, run_id: str) -> None:
        self._mirror, self._run_id = mirror, run_id

    def log(self, steps: Sequence[LoggedStep]) -> None:
        """Send numbers by step."""
        from mlflow.entities import Metric

        self._send(
            [
                Metric(_key(key), value, int(one.time * 1000), int(one.step))
                for one in steps
                for key, value in one.metrics.items()
            ]
        )

    def keep(self, name: str, content: bytes) -> None:
        """Send a file as an artifact."""
        folder, _, last = name.rpartition("/")
        with tempfile.TemporaryDirectory(prefix="omloop-") as scratch, _reaching():
            path = Path(scratch, last)
            path.write_bytes(content)
            self._mirror.client.log_artifact(self._run_id, str(path), folder or None)

    def annotate(self, change: Annotation) -> None:
        """Set tags, delete those that are empty; the note is the run's description."""
        client = self._mirror.client
        with _reaching():
            for key, value in change.tags.items():
                if value:
                    client.set_tag(self._run_id, _key(key), value)
                else:
                    self._delete_tag(_key(key))
            if change.note is not None:
                client.set_tag(self._run_id, "mlflow.note.content", change.note)

    def _delete_tag(self, key: str) -> None:
        if key in self._mirror.client.get_run(self._run_id).data.tags:
            self._mirror.client.delete_tag(self._run_id, key)

    def finish(self, status: str, summary: Mapping[str, object]) -> None:
        """Send the final metrics and all else of the summary as tags, and close the run."""
        from mlflow.entities import Metric, RunTag

        now = int(time.time() * 1000)
        self._send([Metric(_key(key), value, now, 0) for key, value in final_metrics(summary).items()])
        tags = [RunTag(_key(key), value) for key, value in final_texts(summary).items()]
        with _reaching():
            self._mirror.client.log_batch(self._run_id, tags=tags[:100])
            self._mirror.client.set_terminated(self._run_id, STATUS.get(status, "FAILED"))

    def _send(self, metrics: Sequence[Metric]) -> None:
        with _reaching():
            for begin in range(0, len(metrics), AT_ONCE):
                self._mirror.client.log_batch(self._run_id, metrics=metrics[begin : begin + AT_ONCE])


@contextlib.contextmanager
def _reaching() -> Iterator[None]:
    """Turn what MLflow raises while its server is away into a ConnectionError."""
    try:
        yield
    except Exception as error:
        if not _is_away(error):
            raise
        raise ConnectionError(f"it cannot be reached ({_reason(error)})") from error


def _is_away(error: Exception) -> bool:
    """Whether a later attempt may succeed: the server or the disk refuses only for now."""
    if code := getattr(error, "error_code", None):  # MLflow's own
        return isinstance(error.__context__, OSError) or code in AWAY or _status(error) in AWAY
    return isinstance(error, OSError) and _status(error) in (None, *AWAY)


def _status(error: Exception) -> int | None:
    """The HTTP status of a server's refusal; None for an error without one."""
    found = getattr(getattr(error, "response", None), "status_code", None)
    return found if isinstance(found, int) else None


def _reason(error: BaseException) -> str:
    """The first line of the innermost error: requests wraps "Connection refused" five times."""
    while (deeper := error.__cause__ or error.__context__) is not None:
        error = deeper
    return first_line(error)


def _key(name: str) -> str:
    """A name as MLflow takes it: letters, digits, `_`, `-`, `.`, spaces, and `/` between parts.

    >>> _key("mlp/train loss (log)"), _key("../x")
    ('mlp/train loss _log_', 'x')
    """
    parts = re.sub(r"[^\w./ -]", "_", name).split("/")
    return "/".join(part for part in parts if part not in ("", ".", ".."))[:LONGEST_KEY] or "_"
