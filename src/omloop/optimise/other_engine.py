"""Forms that are the packaged graph itself, run by another engine."""

from collections.abc import Sequence

from omloop.optimise.variants import Feeds, Form


def _itself(graph: bytes, calibration: Sequence[Feeds]) -> bytes:
    return graph


PLAIN = Form(_itself)
OPENVINO = Form(_itself, "openvino")
BF16_OPENVINO = Form(_itself, "openvino", "bfloat16")
