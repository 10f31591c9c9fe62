"""Whether live data still looks like the training data."""

from omloop.drift.alarm import find_alarms, warn
from omloop.drift.change_point import moved_since
from omloop.drift.chi_squared import chi_squared
from omloop.drift.columns import column_effects, column_p_values, joint_effects, joint_p_values
from omloop.drift.detect import LEAST_DISTANCE, LEAST_ROWS, compare, detect
from omloop.drift.effects import jensen_shannon, psi, wasserstein
from omloop.drift.end import drift_end
from omloop.drift.error_rise import MEAN_RUN, Rise, find_rise, highest_mean
from omloop.drift.estimate import baseline_of, calibrate, estimate_error, mean_with_interval
from omloop.drift.false_alarms import AlarmBudget
from omloop.drift.foresight import Foresight, foresee
from omloop.drift.holm import holm
from omloop.drift.hotelling import hotelling
from omloop.drift.kolmogorov_smirnov import kolmogorov_smirnov
from omloop.drift.outliers import Unusual, differences, find_unusual
from omloop.drift.pool import pool_cells
from omloop.drift.rates import risen
from omloop.drift.shift import shift
from omloop.drift.slices import RowSlice, worst_slices
from omloop.drift.spread import LEARNED, UNKNOWN
from omloop.drift.strata import CountedLabels, choose_labels, errors_of, label_shares, strata_of, stratum_of
from omloop.drift.stuck import stuck_at

__all__ = [
    "LEARNED",
    "LEAST_DISTANCE",
    "LEAST_ROWS",
    "MEAN_RUN",
    "UNKNOWN",
    "AlarmBudget",
    "CountedLabels",
    "Foresight",
    "Rise",
    "RowSlice",
    "Unusual",
    "baseline_of",
    "calibrate",
    "chi_squared",
    "choose_labels",
    "column_effects",
    "column_p_values",
    "compare",
    "detect",
    "differences",
    "drift_end",
    "errors_of",
    "estimate_error",
    "find_alarms",
    "find_rise",
    "find_unusual",
    "foresee",
    "highest_mean",
    "holm",
    "hotelling",
    "jensen_shannon",
    "joint_effects",
    "joint_p_values",
    "kolmogorov_smirnov",
    "label_shares",
    "mean_with_interval",
    "moved_since",
    "pool_cells",
    "psi",
    "risen",
    "shift",
    "strata_of",
    "stratum_of",
    "stuck_at",
    "warn",
    "wasserstein",
    "worst_slices",
]
