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
