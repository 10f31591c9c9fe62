"""Words that every floor above speaks: values, protocols, errors, settings, the table of backends."""

from omloop.core._backends import Backends
from omloop.core._cpu import cpu_quota
from omloop.core._data import Dataset, Finding, Fitted, Job, Origin, Part, PartUse
from omloop.core._drift import Alarm, Drift, Movement
from omloop.core._durations import seconds_of
from omloop.core._errors import (
    MOST_FAULTS,
    BundleError,
    ConfigError,
    ConflictError,
    DataError,
    ExportError,
    Fault,
    InputError,
    MissingExtraError,
    OmloopError,
    PromotionError,
    ServeError,
    SettingError,
    SourceError,
    StoreError,
    TrainError,
    UnknownNameError,
    did_you_mean,
    first_line,
    some,
)
from omloop.core._extras import EXTRAS, missing_extra
from omloop.core._facts import Facts
from omloop.core._files import as_store_error, leftovers, sync_folder, write_new, write_whole
from omloop.core._install import install_command
from omloop.core._kept import as_kept
from omloop.core._kinds import Columns, Demand, Kind, Output, Reader
from omloop.core._logging import LEVELS, JsonLines, configure_logging
from omloop.core._memories import Annotation, Blobs, Predictions, Run, Tracker
from omloop.core._memory_quota import memory_quota
from omloop.core._metric import Metric, Score, higher_is_better, lower_is_better
from omloop.core._predictions import BODY, PROBE_KEY, Label, Position, Prediction, Receipt, RefusalCount, Shadow, Window
from omloop.core._project import Model, Project
from omloop.core._remember import memoise
from omloop.core._scores import Decision, Estimate, Parity, Report, Verdict
from omloop.core._secrets import without_secrets
from omloop.core._settings import Settings, load_settings
from omloop.core._user import user_name
from omloop.core._versions import Event, EventKind, Lineup, Trial, TrialMode

__all__ = [
    "BODY",
    "EXTRAS",
    "LEVELS",
    "MOST_FAULTS",
    "PROBE_KEY",
    "Alarm",
    "Annotation",
    "Backends",
    "Blobs",
    "BundleError",
    "Columns",
    "ConfigError",
    "ConflictError",
    "DataError",
    "Dataset",
    "Decision",
    "Demand",
    "Drift",
    "Estimate",
    "Event",
    "EventKind",
    "ExportError",
    "Facts",
    "Fault",
    "Finding",
    "Fitted",
    "InputError",
    "Job",
    "JsonLines",
    "Kind",
    "Label",
    "Lineup",
    "Metric",
    "MissingExtraError",
    "Model",
    "Movement",
    "OmloopError",
    "Origin",
    "Output",
    "Parity",
    "Part",
    "PartUse",
    "Position",
    "Prediction",
    "Predictions",
    "Project",
    "PromotionError",
    "Reader",
    "Receipt",
    "RefusalCount",
    "Report",
    "Run",
    "Score",
    "ServeError",
    "SettingError",
    "Settings",
    "Shadow",
    "SourceError",
    "StoreError",
    "Tracker",
    "TrainError",
    "Trial",
    "TrialMode",
    "UnknownNameError",
    "Verdict",
    "Window",
    "as_kept",
    "as_store_error",
    "configure_logging",
    "cpu_quota",
    "did_you_mean",
    "first_line",
    "higher_is_better",
    "install_command",
    "leftovers",
    "load_settings",
    "lower_is_better",
    "memoise",
    "memory_quota",
    "missing_extra",
    "seconds_of",
    "some",
    "sync_folder",
    "user_name",
    "without_secrets",
    "write_new",
    "write_whole",
]
