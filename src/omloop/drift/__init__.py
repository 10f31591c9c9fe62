"""Whether live data still looks like the data that the model was trained on."""

from omloop.drift.chi_squared import chi_squared
from omloop.drift.detect import LEAST_DISTANCE, LEAST_ROWS, compare, count_live, detect
from omloop.drift.fisher import fisher, newly_common
from omloop.drift.holm import holm
from omloop.drift.kolmogorov_smirnov import kolmogorov_smirnov
from omloop.drift.pool import pooled, scarce
from omloop.drift.psi import psi

__all__ = [
    "LEAST_DISTANCE",
    "LEAST_ROWS",
    "chi_squared",
    "compare",
    "count_live",
    "detect",
    "fisher",
    "holm",
    "kolmogorov_smirnov",
    "newly_common",
    "pooled",
    "psi",
    "scarce",
]
