"""The table of exporters."""

import subprocess
import sys

import pytest

from omloop.core import UnknownNameError
from omloop.package import EXPORTERS


def test_an_unknown_family_names_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="No export backend is called 'tourch'. Did you mean 'torch'"):
        EXPORTERS.load("tourch")


def test_importing_the_room_imports_no_library_that_exports() -> None:
    code = "import sys, omloop.optimise; print({'sklearn', 'skl2onnx', 'onnx', 'torch'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"
