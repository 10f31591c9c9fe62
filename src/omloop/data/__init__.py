"""Records from a source, checked, fingerprinted and split."""

from omloop.data.check import checked, features_of
from omloop.data.kaggle import kaggle_request
from omloop.data.prepare import prepare
from omloop.data.quality import POLICIES, inspected
from omloop.data.source import SOURCES, Data, Source
from omloop.data.split import assign, fingerprint, record_keys
from omloop.data.table_files import read_table

__all__ = [
    "POLICIES",
    "SOURCES",
    "Data",
    "Source",
    "assign",
    "checked",
    "features_of",
    "fingerprint",
    "inspected",
    "kaggle_request",
    "prepare",
    "read_table",
    "record_keys",
]
