"""A PostgreSQL server to read from."""

from tests.postgres import postgres

__all__ = ["postgres"]
