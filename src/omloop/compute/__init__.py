"""Beyond this process: jobs on this machine, on Ray, on the queues of a cluster, and on Vertex AI."""

from omloop.compute.backends import COMPUTE
from omloop.compute.settings import ComputeSettings

__all__ = ["COMPUTE", "ComputeSettings"]
