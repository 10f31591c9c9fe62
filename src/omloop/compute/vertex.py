"""The adapter `vertex`: a job is a custom job of Vertex AI, in an image of yours, with everything kept in a bucket.

Vertex AI shows buckets to a job as folders below /gcs. So the job's log and its end lie in such a folder, as they do
elsewhere. The tests run it against a stand-in of the service that takes the client's own requests, never in Google's
cloud.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

if find_spec("vertexai") is None:  # which the package brings too, while many bring parts of `google`
    raise ModuleNotFoundError("No module named 'vertexai'", name="vertexai")

from google.api_core.exceptions import GoogleAPIError, NotFound, RequestRangeNotSatisfiable
from google.auth.exceptions import GoogleAuthError
from google.cloud import aiplatform_v1 as vertex
from google.protobuf.duration_pb2 import Duration

from omloop.compute.folder import LOG
from omloop.compute.settings import VertexSettings
from omloop.core import (
    ComputeError,
    ComputeJob,
    JobState,
    JobStatus,
    SettingError,
    Settings,
    first_line,
    without_secrets,
    write_whole,
)

BUCKET = "gs://"
WAIT_S = 60.0
"""How long the service may take to answer."""
_STATES: Mapping[str, JobState] = {
    **dict.fromkeys(("JOB_STATE_QUEUED", "JOB_STATE_PENDING", "JOB_STATE_UNSPECIFIED"), "waiting"),
    **dict.fromkeys(("JOB_STATE_RUNNING", "JOB_STATE_CANCELLING", "JOB_STATE_PAUSED", "JOB_STATE_UPDATING"), "running"),
    **dict.fromkeys(("JOB_STATE_SUCCEEDED",), "finished"),
    **dict.fromkeys(("JOB_STATE_FAILED", "JOB_STATE_EXPIRED", "JOB_STATE_PARTIALLY_SUCCEEDED"), "failed"),
    "JOB_STATE_CANCELLED": "cancelled",
}


@dataclass(frozen=True)
class VertexCompute:
    """Custom jobs of Vertex AI. Who `connect` gives talks to the service, and who `storage` gives to buckets."""

    place: VertexSettings
    kept: Mapping[str, str]
    connect: Callable[[VertexSettings], Any]
    storage: Callable[[VertexSettings], Any]

    @classmethod
    def of(cls, address: str, folder: Path, *, settings: Settings) -> VertexCompute:
        """The project and region of the settings. Raises SettingError for one that is missing, or keeps things here."""
        place = settings.of(VertexSettings)
        if address:
            raise SettingError(
                f"'vertex' takes no address, but vertex:{address} gives one. Write --on vertex.", key="on"
            )
        for key in ("project", "region", "image", "bucket"):
            if not getattr(place, key):
                raise SettingError(
                    f"--on vertex needs 'vertex_{key}'. Set it in omloop.toml: [vertex], {key} = \"...\"."
                )
        kept = {"store": settings.store, "track": settings.track}
        for key, value in kept.items():
            if not any(one.strip().startswith(BUCKET) for one in value.split(",")):
                raise SettingError(
                    f"A job on Vertex AI sees no folder of this machine, but {key} = '{without_secrets(value)}'. Keep "
                    f'it in a bucket: {key} = "gs://BUCKET/{key}".',
                    key=key,
                )
            if without_secrets(value) != value:
                raise SettingError(f"Vertex AI keeps a job's settings, and '{key}' has a secret in it.", key=key)
        if not place.bucket.startswith(BUCKET):
            raise SettingError(f"'vertex_bucket' must be a bucket, gs://BUCKET/PATH, but is '{place.bucket}'.")
        return cls(place, kept, _client, _storage)

    @cached_property
    def _service(self) -> Any:
        with _as_compute_error("be asked"):
            return self.connect(self.place)

    def submit(self, job: ComputeJob) -> str:
        """As `Compute` says; the handle is the job's resource name."""
        if job.variables:
            raise ComputeError(
                f"Vertex AI would keep the values of {', '.join(job.variables)} with the job. Leave them out of "
                "compute_variables, and let vertex_service_account read them from Secret Manager."
            )
        if job.outputs:
            raise ComputeError(
                "What a job on Vertex AI writes must lie in a bucket, and answers are written into files."
            )
        parent = f"projects/{self.place.project}/locations/{self.place.region}"
        with _as_compute_error("take the job"):
            made = self._service.create_custom_job(parent=parent, custom_job=self.request(job), timeout=WAIT_S)
        return str(made.name)

    def request(self, job: ComputeJob) -> vertex.CustomJob:
        """The request to the service."""
        place, needs = self.place, job.needs
        machine = vertex.MachineSpec(machine_type=place.machine)
        if needs.gpus:
            machine.accelerator_type = vertex.AcceleratorType[place.accelerator]
            machine.accelerator_count = needs.gpus
        env = [vertex.EnvVar(name=f"OMLOOP_{key.upper()}", value=value) for key, value in self.kept.items()]
        container = vertex.ContainerSpec(
            image_uri=place.image,
            command=["python", "-m", "omloop.compute.runner"],
            args=[f"/gcs/{self._folder(job).removeprefix(BUCKET)}", "--", job.module, *job.words],
            env=env,
        )
        pool = vertex.WorkerPoolSpec(machine_spec=machine, replica_count=1, container_spec=container)
        scheduling = vertex.Scheduling(disable_retries=True)
        if needs.minutes:
            scheduling.timeout = Duration(seconds=60 * needs.minutes)
        spec = vertex.CustomJobSpec(
            worker_pool_specs=[pool], scheduling=scheduling, service_account=place.service_account
        )
        return vertex.CustomJob(display_name=job.name, job_spec=spec)

    def status(self, job: ComputeJob, handle: str) -> JobStatus:
        """As `Compute` says."""
        with _as_compute_error("tell of the job"):
            try:
                found = self._service.get_custom_job(name=handle, timeout=WAIT_S)
            except NotFound:
                return JobStatus("lost", reason="Vertex AI does not know it")
        state = _STATES.get(found.state.name, "running")
        reason = first_line(ValueError(found.error.message)) if found.error.message else ""
        code = {"finished": 0, "failed": 1}.get(state)
        return JobStatus(state, code, without_secrets(reason))

    def logs(self, job: ComputeJob, handle: str, begin: int = 0) -> bytes:
        """As `Compute` says; the bucket has it as of some seconds ago."""
        bucket, _, path = self._folder(job).removeprefix(BUCKET).partition("/")
        with _as_compute_error("show its log"):
            try:
                blob = self.storage(self.place).bucket(bucket).blob(f"{path}/{LOG}")
                return bytes(blob.download_as_bytes(start=begin, timeout=WAIT_S))
            except (NotFound, RequestRangeNotSatisfiable):
                return b""

    def fetch(self, job: ComputeJob, handle: str) -> Sequence[Path]:
        """As `Compute` says: its log. Versions and runs lie in their bucket."""
        path = Path(job.kept) / LOG
        write_whole(path, self.logs(job, handle))
        return [path]

    def cancel(self, job: ComputeJob, handle: str) -> None:
        """As `Compute` says."""
        if not self.status(job, handle).over:
            with _as_compute_error("end the job"):
                self._service.cancel_custom_job(name=handle, timeout=WAIT_S)

    def _folder(self, job: ComputeJob) -> str:
        """The job's folder in the bucket, named as the one here is."""
        return f"{self.place.bucket.rstrip('/')}/jobs/{Path(job.kept).name}"


def _client(place: VertexSettings) -> vertex.JobServiceClient:
    return vertex.JobServiceClient(client_options={"api_endpoint": f"{place.region}-aiplatform.googleapis.com"})


def _storage(place: VertexSettings) -> Any:
    from google.cloud import storage

    return storage.Client(project=place.project)


@contextlib.contextmanager
def _as_compute_error(what: str) -> Iterator[None]:
    try:
        yield
    except (GoogleAPIError, GoogleAuthError, OSError) as error:
        raise ComputeError(f"Vertex AI cannot {what}: {without_secrets(first_line(error))}.") from error
