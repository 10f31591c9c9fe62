"""Variants that are the packaged graph itself, run by another engine."""

from collections.abc import Sequence

from omloop.optimise.variants import Feeds, VariantSpec


def _itself(graph: bytes, calibration: Sequence[Feeds]) -> bytes:
    return graph


PLAIN = VariantSpec(_itself)
OPENVINO = VariantSpec(_itself, "openvino")
BF16_OPENVINO = VariantSpec(_itself, "openvino", "bfloat16")
