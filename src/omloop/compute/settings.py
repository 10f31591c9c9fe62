"""Settings of jobs that run elsewhere."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from omloop.core import Between, Resources, RoomSettings


@dataclass(frozen=True)
class ComputeSettings(RoomSettings):
    """What a job takes, and what a cluster must know of it."""

    SECTION: ClassVar[str] = "compute"

    cpus: Annotated[int, Between(1, 4_096)] = 1
    """CPU cores of a job."""
    gpus: Annotated[int, Between(0, 64)] = 0
    """GPUs of a job."""
    memory_megabytes: Annotated[int, Between(0, 100_000_000)] = 0
    """Memory of a job; 0 asks for what is usual there."""
    minutes: Annotated[int, Between(0, 1_000_000)] = 0
    """Minutes after which a cluster may end a job; 0 asks for what is usual there."""
    queue: str = ""
    """Slurm's partition, or LSF's queue; empty takes the cluster's default."""
    account: str = ""
    """Slurm's account, or LSF's project, that a job is charged to."""
    setup: str = ""
    """A line of shell before a job on a cluster, such as `module load python/3.11`."""
    python: str = ""
    """What begins Python in a job on a cluster, such as `apptainer exec train.sif python`; empty takes this Python."""
    variables: str = ""
    """Names of environment variables that a job gets, divided by commas; those of omloop's settings it gets anyway."""

    def needs(self) -> Resources:
        """What a job takes."""
        return Resources(self.cpus, self.gpus, self.memory_megabytes, self.minutes)


@dataclass(frozen=True)
class VertexSettings(RoomSettings):
    """Where custom jobs of Vertex AI run, and as what."""

    SECTION: ClassVar[str] = "vertex"

    project: str = ""
    """Project of Google Cloud."""
    region: str = ""
    """Region, such as `europe-west4`."""
    image: str = ""
    """Image of the job's container, which holds omloop with its extras and your projects."""
    bucket: str = ""
    """Where a job's log and its end are kept: `gs://BUCKET/PATH`."""
    machine: str = "n1-standard-4"
    """Type of the machine."""
    accelerator: Literal[
        "NVIDIA_TESLA_T4", "NVIDIA_L4", "NVIDIA_TESLA_V100", "NVIDIA_TESLA_A100", "NVIDIA_A100_80GB", "NVIDIA_H100_80GB"
    ] = "NVIDIA_TESLA_T4"
    """Type of its GPUs, where `compute_gpus` asks for some."""
    service_account: str = ""
    """Account that the job acts as; empty takes that of Vertex AI."""
