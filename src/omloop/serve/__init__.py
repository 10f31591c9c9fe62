"""Serving the champion over HTTP: predictions that are recorded before they are answered, and hot swaps."""

from omloop.serve.app import create_app
from omloop.serve.champion import Champion, Problem, Serving, Versions
from omloop.serve.limits import Limits
from omloop.serve.metrics import Counter, Gauge, Histogram, Metrics
from omloop.serve.openapi import document
from omloop.serve.refusal import Refusal
from omloop.serve.run import running, serve

__all__ = [
    "Champion",
    "Counter",
    "Gauge",
    "Histogram",
    "Limits",
    "Metrics",
    "Problem",
    "Refusal",
    "Serving",
    "Versions",
    "create_app",
    "document",
    "running",
    "serve",
]
