"""What Triton's clients ask beside predictions: a server's models, their configuration, and its statistics."""

from collections.abc import Iterable, Mapping, Sequence

from omloop.serve.http.asgi import Front
from omloop.serve.metrics import Samples
from omloop.serve.version.serving import Serving

STAGES = {"compute_input": "parse", "compute_infer": "compute", "compute_output": "encode"}
"""Triton's words for the stages of a run, and those of `/metrics`."""


def repository_index(serving: Serving | None) -> list[dict[str, str]]:
    """The repository's index: the version that serves."""
    if serving is None:
        return []
    return [{"name": serving.manifest.project, "version": serving.version, "state": "READY", "reason": ""}]


def model_configuration(
    serving: Serving, inputs: Iterable[Mapping[str, object]], outputs: Iterable[Mapping[str, object]]
) -> object:
    """The configuration as Triton tells it; `max_batch_size` 0 says that shapes have the rows in them."""
    return {
        "name": serving.manifest.project,
        "platform": "onnxruntime_onnx",
        "backend": "onnxruntime",
        "max_batch_size": 0,
        "input": [_tensor(one) for one in inputs],
        "output": [_tensor(one) for one in outputs],
    }


def model_statistics(front: Front, serving: Serving, routes: Sequence[str]) -> dict[str, object]:
    """Triton's statistics of the version, from what `/metrics` counts in this process; times in nanoseconds.

    Successes and failures are those at `routes`. omloop does not separate their times, so all are with the successes.
    Queue and stages count the requests and runs of all addresses and versions.
    """
    families: dict[str, Samples] = {one.name: one.samples() for one in front.metrics.families(front.champion)}
    requests, seconds = families["omloop_requests_total"], families["omloop_request_seconds"]
    asked = {key: count for key, (count,) in requests.items() if key[0] in routes}
    good = sum(count for (_, status), count in asked.items() if status == "200")
    spent = sum(seconds[key][-1] for key in seconds if key[0] in routes)
    stages = {ours: _duration(families["omloop_stage_seconds"].get((stage,))) for ours, stage in STAGES.items()}
    return {
        "name": serving.manifest.project,
        "version": serving.version,
        "inference_count": int(front.metrics.predictions.value(serving.version)),
        "execution_count": stages["compute_infer"]["count"],
        "inference_stats": {
            "success": {"count": int(good), "ns": int(spent * 1e9)},
            "fail": {"count": int(sum(asked.values()) - good), "ns": 0},
            "queue": _duration(families["omloop_queue_seconds"].get(())),
            **stages,
        },
        "batch_stats": [],
    }


def _duration(sample: Sequence[float] | None) -> dict[str, int]:
    """How many, and their time: a histogram's sample holds the counts of its buckets, and the sum behind them."""
    *counts, total = sample or (0, 0)
    return {"count": int(sum(counts)), "ns": int(total * 1e9)}


def _tensor(one: Mapping[str, object]) -> dict[str, object]:
    kind = "STRING" if one["datatype"] == "BYTES" else one["datatype"]
    return {"name": one["name"], "data_type": f"TYPE_{kind}", "dims": one["shape"]}
