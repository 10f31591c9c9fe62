"""The table of those who carry jobs out."""

from omloop.core import Backends

COMPUTE = Backends(
    "compute",
    {
        "local": "omloop.compute.local:LocalCompute",
        "lsf": "omloop.compute.lsf:LsfCompute",
        "ray": "omloop.compute.ray:RayCompute",
        "slurm": "omloop.compute.slurm:SlurmCompute",
        "vertex": "omloop.compute.vertex:VertexCompute",
    },
)
