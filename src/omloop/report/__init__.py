"""Pages about a version for people to read."""

from omloop.report.card import model_card

__all__ = ["model_card"]
