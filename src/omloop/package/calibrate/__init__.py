"""Probabilities that come true as often as they say, inside the graph; and intervals around numbers."""

from omloop.package.calibrate.calibrator import Calibrator, calibrated_graph
from omloop.package.calibrate.choose import LEAST_FOR_CURVES, LEAST_ROWS, Choice, choose_calibration
from omloop.package.calibrate.conformal import half_width, least_rows
from omloop.package.calibrate.isotonic import Isotonic, fit_isotonic
from omloop.package.calibrate.temperature import Temperature, fit_temperature, floor_of

__all__ = [
    "LEAST_FOR_CURVES",
    "LEAST_ROWS",
    "Calibrator",
    "Choice",
    "Isotonic",
    "Temperature",
    "calibrated_graph",
    "choose_calibration",
    "fit_isotonic",
    "fit_temperature",
    "floor_of",
    "half_width",
    "least_rows",
]
