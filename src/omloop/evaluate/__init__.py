"""Metrics with their uncertainty, by slice, on the packaged model's own answers."""

from omloop.evaluate.calibration import calibration_error, calibration_error_by_chance, reliability, share
from omloop.evaluate.evaluate import estimate, evaluate
from omloop.evaluate.importance import permutation_importance
from omloop.evaluate.named import FOR_CLASSES, FOR_NUMBERS, is_built_in, metric
from omloop.evaluate.stress import STRENGTHS, StressScore, stress
from omloop.evaluate.threshold import Thresholds, scores_by_threshold

__all__ = [
    "FOR_CLASSES",
    "FOR_NUMBERS",
    "STRENGTHS",
    "StressScore",
    "Thresholds",
    "calibration_error",
    "calibration_error_by_chance",
    "estimate",
    "evaluate",
    "is_built_in",
    "metric",
    "permutation_importance",
    "reliability",
    "scores_by_threshold",
    "share",
    "stress",
]
