"""Metrics with their uncertainty, by slice, on the packaged model's own answers."""

from omloop.evaluate.evaluate import estimate, evaluate
from omloop.evaluate.importance import permutation_importance
from omloop.evaluate.metrics import METRICS, Metric, metric
from omloop.evaluate.stress import STRENGTHS, Stressed, stress

__all__ = [
    "METRICS",
    "STRENGTHS",
    "Metric",
    "Stressed",
    "estimate",
    "evaluate",
    "metric",
    "permutation_importance",
    "stress",
]
