"""Custom jobs of Vertex AI: Google's own client and request types, and a stand-in of the service on loopback."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from omloop.core import ComputeError, ComputeJob, Resources, SettingError, Settings
from omloop.testing.compute import ComputeContract

pytest.importorskip("google.cloud.aiplatform_v1", reason="needs omloop[vertex]")

import grpc
from google.api_core.exceptions import NotFound, RequestRangeNotSatisfiable
from google.cloud import aiplatform_v1 as vertex
from google.cloud.aiplatform_v1.services.job_service.transports import JobServiceGrpcTransport
from google.protobuf.empty_pb2 import Empty

from omloop.compute.vertex import VertexCompute

pytestmark = pytest.mark.slow
PLACE = {"project": "lab", "region": "europe-west4", "image": "eu/omloop:1", "bucket": "gs://lab/omloop"}
SETTINGS = Settings(store="gs://lab/versions", track="gs://lab/runs", rooms={"vertex": PLACE})


class Service:
    """Takes jobs as Vertex AI does, and carries them out as processes, with a folder for each bucket."""

    def __init__(self, buckets: Path) -> None:
        self.buckets, self.jobs, self.asked = buckets, {}, []
        self._processes: dict[str, Any] = {}

    def create(self, request: vertex.CreateCustomJobRequest, context: grpc.ServicerContext) -> vertex.CustomJob:
        self.asked.append(request)
        if not request.custom_job.job_spec.worker_pool_specs[0].container_spec.image_uri.startswith("eu/"):
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "The image is not there.")
        name = f"{request.parent}/customJobs/{len(self.asked)}"
        container = request.custom_job.job_spec.worker_pool_specs[0].container_spec
        args = [one.replace("/gcs/", f"{self.buckets}/") for one in container.args]
        self._processes[name] = subprocess.Popen([sys.executable, *container.command[1:], *args])
        self.jobs[name] = vertex.CustomJob(request.custom_job, name=name, state="JOB_STATE_RUNNING")
        return self.jobs[name]

    def get(self, request: vertex.GetCustomJobRequest, context: grpc.ServicerContext) -> vertex.CustomJob:
        if request.name not in self.jobs:
            context.abort(grpc.StatusCode.NOT_FOUND, "no such job")
        job, code = self.jobs[request.name], self._processes[request.name].poll()
        if code is not None and job.state.name in ("JOB_STATE_RUNNING", "JOB_STATE_CANCELLING"):
            cancelled = job.state.name == "JOB_STATE_CANCELLING"
            job.state = "JOB_STATE_CANCELLED" if cancelled else "JOB_STATE_FAILED" if code else "JOB_STATE_SUCCEEDED"
        return job

    def cancel(self, request: vertex.CancelCustomJobRequest, context: grpc.ServicerContext) -> Empty:
        self.jobs[request.name].state = "JOB_STATE_CANCELLING"
        self._processes[request.name].terminate()
        return Empty()

    def handlers(self) -> grpc.GenericRpcHandler:
        verbs = {
            "CreateCustomJob": (self.create, vertex.CreateCustomJobRequest.deserialize, vertex.CustomJob.serialize),
            "GetCustomJob": (self.get, vertex.GetCustomJobRequest.deserialize, vertex.CustomJob.serialize),
            "CancelCustomJob": (
                self.cancel,
                vertex.CancelCustomJobRequest.deserialize,
                Empty.SerializeToString,
            ),
        }
        found = {name: grpc.unary_unary_rpc_method_handler(*three) for name, three in verbs.items()}
        return grpc.method_handlers_generic_handler("google.cloud.aiplatform.v1.JobService", found)


class Buckets:
    """The three calls of google.cloud.storage that are used, over folders."""

    def __init__(self, root: Path) -> None:
        self._path = root

    def bucket(self, name: str) -> "Buckets":
        return Buckets(self._path / name)

    blob = bucket

    def download_as_bytes(self, start: int, timeout: float) -> bytes:
        if not self._path.is_file():
            raise NotFound("no such object")
        content = self._path.read_bytes()[start:]
        if not content:
            raise RequestRangeNotSatisfiable("behind the end")
        return content


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[Service, VertexCompute]]:
    ours = Service(tmp_path / "buckets")
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((ours.handlers(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()

    def connect(place: object) -> vertex.JobServiceClient:
        channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        return vertex.JobServiceClient(transport=JobServiceGrpcTransport(channel=channel))

    compute = VertexCompute.of("", tmp_path, settings=SETTINGS)
    yield ours, replace(compute, connect=connect, storage=lambda place: Buckets(tmp_path / "buckets"))
    server.stop(None)


class TestVertex(ComputeContract):
    @pytest.fixture
    def compute(self, service: tuple[Service, VertexCompute]) -> VertexCompute:
        return service[1]

    @pytest.fixture
    def again(self, compute: VertexCompute) -> VertexCompute:
        return replace(compute)

    def test_the_request_says_what_the_settings_say(
        self, service: tuple[Service, VertexCompute], job: Callable[[str], ComputeJob]
    ) -> None:
        asked = service[1].request(replace(job("pass"), needs=Resources(4, 2, 0, 90), places=("--workspace", "/x")))
        (pool,) = asked.job_spec.worker_pool_specs
        assert pool.container_spec.image_uri == "eu/omloop:1"
        assert [*pool.container_spec.args[:2]] == ["/gcs/lab/omloop/jobs/one", "--"]
        assert "/x" not in pool.container_spec.args
        assert {one.name: one.value for one in pool.container_spec.env} == {
            "OMLOOP_STORE": "gs://lab/versions",
            "OMLOOP_TRACK": "gs://lab/runs",
        }
        assert (pool.machine_spec.accelerator_type.name, pool.machine_spec.accelerator_count) == ("NVIDIA_TESLA_T4", 2)
        assert asked.job_spec.scheduling.timeout.total_seconds() == 5400

    def test_what_the_service_refuses_is_one_line(
        self, compute: VertexCompute, job: Callable[[str], ComputeJob]
    ) -> None:
        refused = replace(compute, place=replace(compute.place, image="other"))
        with pytest.raises(ComputeError, match="Vertex AI cannot take the job: 400 The image is not there"):
            refused.submit(job("pass"))
        assert compute.status(job("pass"), "projects/lab/locations/europe-west4/customJobs/99").state == "lost"
        with pytest.raises(ComputeError, match="would keep the values of MY_TOKEN"):
            compute.submit(replace(job("pass"), variables=("MY_TOKEN",)))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (replace(SETTINGS, store="files"), "store = 'files'. Keep it in a bucket"),
        (replace(SETTINGS, track="files, mlflow"), "track = 'files, mlflow'"),
        (replace(SETTINGS, rooms={"vertex": {**PLACE, "image": ""}}), "needs 'vertex_image'"),
        (replace(SETTINGS, rooms={"vertex": {**PLACE, "bucket": "lab"}}), "must be a bucket"),
    ],
)
def test_a_workspace_that_a_job_could_not_see_is_refused(tmp_path: Path, settings: Settings, told: str) -> None:
    with pytest.raises(SettingError, match=told):
        VertexCompute.of("", tmp_path, settings=settings)
