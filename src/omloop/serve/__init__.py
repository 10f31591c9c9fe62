"""Serving the champion over HTTP: predictions that are recorded before they are answered, and hot swaps.

A name is imported when it is first asked for: the process that starts several workers needs none of them, and stays
small.
"""

import importlib
import typing

if typing.TYPE_CHECKING:
    from omloop.serve.answer.explaining import Explain
    from omloop.serve.app import create_app
    from omloop.serve.http.openapi import document
    from omloop.serve.limits import Limits
    from omloop.serve.metrics import Counter, Gauge, Histogram, Metrics
    from omloop.serve.options import LastLook, ServerOptions
    from omloop.serve.process.run import running, serve
    from omloop.serve.refusal import Refusal
    from omloop.serve.version.champion import Champion
    from omloop.serve.version.serving import Problem, Serving, Versions

__all__ = [
    "Champion",
    "Counter",
    "Explain",
    "Gauge",
    "Histogram",
    "LastLook",
    "Limits",
    "Metrics",
    "Problem",
    "Refusal",
    "ServerOptions",
    "Serving",
    "Versions",
    "create_app",
    "document",
    "running",
    "serve",
]

_FILES = {
    "answer.explaining": ("Explain",),
    "app": ("create_app",),
    "version.champion": ("Champion",),
    "limits": ("Limits",),
    "metrics": ("Counter", "Gauge", "Histogram", "Metrics"),
    "options": ("LastLook", "ServerOptions"),
    "http.openapi": ("document",),
    "refusal": ("Refusal",),
    "process.run": ("running", "serve"),
    "version.serving": ("Problem", "Serving", "Versions"),
}


def __getattr__(name: str) -> typing.Any:
    for file, names in _FILES.items():
        if name in names:
            return getattr(importlib.import_module(f"omloop.serve.{file}"), name)
    raise AttributeError(f"module 'omloop.serve' has no attribute '{name}'")
