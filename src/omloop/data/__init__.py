"""Records from a source, checked, fingerprinted and split."""

from omloop.data.absent import is_absent
from omloop.data.by_time import Times, times_of
from omloop.data.check import check_records, features_of, of_classes, with_classes
from omloop.data.diff import RecordDiff, diff_records
from omloop.data.folds import folds_of
from omloop.data.fraction import fraction_of, require_fraction
from omloop.data.identity import PREDICTION, Identity, content_keys
from omloop.data.learnable import require_learnable
from omloop.data.prepare import prepare
from omloop.data.quality.quality import POLICIES, inspect_dataset
from omloop.data.resample import Resample, sample_of, write_sample
from omloop.data.rows import take_rows
from omloop.data.sources.archive import zip_members
from omloop.data.sources.kaggle import kaggle_request
from omloop.data.sources.picture_files import read_picture_folder, read_picture_table
from omloop.data.sources.source import SOURCES, Data, Source
from omloop.data.sources.table_files import read_table
from omloop.data.sources.text_column import TextColumn, plain_numbers
from omloop.data.split import Shares, assign, dealt, drawn, fingerprint, record_keys
from omloop.data.times import time_column
from omloop.data.weights import record_weights

__all__ = [
    "POLICIES",
    "PREDICTION",
    "SOURCES",
    "Data",
    "Identity",
    "RecordDiff",
    "Resample",
    "Shares",
    "Source",
    "TextColumn",
    "Times",
    "assign",
    "check_records",
    "content_keys",
    "dealt",
    "diff_records",
    "drawn",
    "features_of",
    "fingerprint",
    "folds_of",
    "fraction_of",
    "inspect_dataset",
    "is_absent",
    "kaggle_request",
    "of_classes",
    "plain_numbers",
    "prepare",
    "read_picture_folder",
    "read_picture_table",
    "read_table",
    "record_keys",
    "record_weights",
    "require_fraction",
    "require_learnable",
    "sample_of",
    "take_rows",
    "time_column",
    "times_of",
    "with_classes",
    "write_sample",
    "zip_members",
]
