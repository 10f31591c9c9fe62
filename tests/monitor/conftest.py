"""A PostgreSQL server for the index of predictions."""

from tests.postgres import postgres

__all__ = ["postgres"]
