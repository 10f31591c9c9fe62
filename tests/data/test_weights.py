"""How much each record counts: read, checked and handed to training."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from omloop.core import Columns, DataError, Project
from omloop.data import prepare, record_weights
from omloop.data.check import check_names
from tests.data.conftest import TABLE

