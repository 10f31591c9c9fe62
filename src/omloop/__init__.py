"""omloop takes one machine-learning project round its whole circuit, and round again.

>>> from omloop import Column, Table
>>> Table((Column("age", "integer", low=14, high=24),)).parse([{"age": 19}])
array([[19.]], dtype=float32)
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omloop.api import Workspace
    from omloop.bundle import Bundle, Session
    from omloop.core import (
        BundleError,
        ConfigError,
        ConflictError,
        DataError,
        ExportError,
        Fitted,
        InputError,
        Job,
        Metric,
        MissingExtraError,
        Model,
        OmloopError,
        Project,
        PromotionError,
        ServeError,
        SettingError,
        SourceError,
        StoreError,
        TrainError,
        UnknownNameError,
        higher_is_better,
        lower_is_better,
    )
    from omloop.kinds import Classes, Column, Image, Number, Table, Text

# ONNX Runtime's wheels from 1.29 on report their use to Microsoft, and decide on it once, when they are first imported.
# Nothing of omloop's imports them before this line. Who wants the reports sets 0.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__version__ = "0.1.0"

__all__ = [
    "Bundle",
    "BundleError",
    "Classes",
    "Column",
    "ConfigError",
    "ConflictError",
    "DataError",
    "ExportError",
    "Fitted",
    "Image",
    "InputError",
    "Job",
    "Metric",
    "MissingExtraError",
    "Model",
    "Number",
    "OmloopError",
    "Project",
    "PromotionError",
    "ServeError",
    "Session",
    "SettingError",
    "SourceError",
    "StoreError",
    "Table",
    "Text",
    "TrainError",
    "UnknownNameError",
    "Workspace",
    "__version__",
    "higher_is_better",
    "lower_is_better",
]

_ROOM = {
    "Workspace": "api",
    **dict.fromkeys(("Bundle", "Session"), "bundle"),
    **dict.fromkeys(("Classes", "Column", "Image", "Number", "Table", "Text"), "kinds"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: `import omloop` itself loads nothing."""
    if name not in __all__:
        raise AttributeError(f"module 'omloop' has no attribute '{name}'")
    return getattr(import_module(f"omloop.{_ROOM.get(name, 'core')}"), name)
