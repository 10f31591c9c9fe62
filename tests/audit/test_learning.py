"""What counts as a script for data, and as profiling."""

import pytest
from tests.audit.conftest import Look


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("from torch_geometric.datasets import Planetoid\nPlanetoid('a')\n", "code that fetches or reads data"),
        ("import tensorflow_datasets as tfds\ntfds.builder('a')\n", "code that fetches or reads data"),
        ("import torch\nrows = torch.load('processed/train.pt')\n", "code that fetches or reads data"),
        ("import torch\nrows = torch.load(data_of_models)\n", "code that fetches or reads data"),
        ("import torch\ntorch.load(CHECKPOINT)\n", "a file is called so, but reads nothing that is known here"),
        (
            "import torch\ndef load(net, at):\n    it = torch.load(at)\n    net.load_state_dict(it)\n",
            "a file is called so",
        ),
        ("print('to do')\n", "a file is called so, but reads nothing that is known here"),
    ],
)
def test_a_script_counts_by_what_it_reads_and_weights_are_no_data(look: Look, code: str, why: str) -> None:
    assert look("data script", {"rides/data.py": code}).why.startswith(why)


def test_a_script_that_reads_nothing_is_told_though_others_read(look: Look) -> None:
    files = {"rides/prepare_rides.py": "def clean(x): ...\n", "train.py": "import polars\npolars.read_csv('a')\n"}
    found = look("data script", files)
    assert found.why.endswith("reads nothing that is known here; other files read data") and len(found.spots) == 1


@pytest.mark.parametrize("path", ["notes/train.prof", "log/a.pt.trace.json", "a.pstats"])
def test_a_profile_without_what_makes_it_is_weak(look: Look, path: str) -> None:
    assert look("profiling", {path: "x"}).state == "weak"
    assert look("profiling", {path: "x", "Makefile": "slow:\n\tpython -m cProfile -o a.prof a.py\n"}).state == "found"


def test_tests_of_a_data_file_are_told_from_tests_of_nothing(look: Look) -> None:
    test = "import polars\n\n\ndef test_data():\n    assert polars.read_csv('a.csv').width == 3\n"
    found = look("data tests", {"tests/test_a.py": test, "tests/test_data.py": "def test_data():\n    assert 1\n"})
    assert found.state == "weak" and found.why.startswith("tests look at a data file; none asserts")
    assert [one.path for one in found.spots] == ["tests/test_a.py"]
