"""Two repositories as texts: one that has every item of the check-list, and one that has each of them half."""

# ruff: noqa: E501  files of others stand here as they are

FOUND = {
    "README.md": "# Faces\n\n"
    + "This project tells who is on a picture, for a course. " * 20
    + "\n\n![how](docs/architecture.png)\n",
    "docs/architecture.png": "no picture, but there",
    "docs/index.md": "# Faces\n\n" + "Here is how to train, to serve and to watch it in words. " * 12,
    "mkdocs.yml": "site_name: faces\nnav:\n  - Home: index.md\n",
    ".gitignore": "data/raw/\n",
    "pyproject.toml": """[project]
name = "faces"
requires-python = ">=3.11"
dependencies = ["torch", "lightning", "pandas", "hydra-core", "wandb", "fastapi", "prometheus-client", "streamlit",
  "requests", "evidently", "onnxruntime", "optuna", "typer"]
[dependency-groups]
dev = ["pytest", "locust"]
[tool.ruff]
line-length = 120
[tool.coverage.report]
fail_under = 70
""",
    "src/faces/__init__.py": "",
    "src/faces/data.py": '''"""Data."""
import pandas as pd
from torch.utils.data import DataLoader


def load(path: str) -> pd.DataFrame:
    """Read it."""
    return pd.read_csv(path)


def loader(rows: pd.DataFrame, workers: int) -> DataLoader:
    """In batches."""
    return DataLoader(rows, num_workers=workers)
''',
    "src/faces/model.py": '''"""Model."""
import lightning as L
import torch


class Net(L.LightningModule):
    """A network."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Answer."""
        return x


def export(net: Net) -> None:
    """To ONNX, and compiled."""
    torch.onnx.export(net, "net.onnx")
    torch.compile(net)
''',
    "src/faces/train.py": '''"""Training."""
import logging
import cProfile

import hydra
import lightning as L
import optuna
import typer
import wandb
from lightning.pytorch.loggers import WandbLogger
from omegaconf import DictConfig

from faces.data import load
from faces.model import Net

LOG = logging.getLogger(__name__)
app = typer.Typer()


@hydra.main(config_path="../../configs", config_name="config", version_base=None)
def main(config: DictConfig) -> None:
    """Train."""
    rows = load(config.path)
    trainer = L.Trainer(strategy="ddp", devices=2, logger=WandbLogger())
    trainer.fit(Net(), rows)
    LOG.info("trained on %d rows", len(rows))
    study = optuna.create_study()
    cProfile.run("main()")
''',
    "src/faces/api.py": '''"""API."""
import onnxruntime
from fastapi import BackgroundTasks, FastAPI
from prometheus_client import Counter, make_asgi_app

from faces.model import Net

app = FastAPI()
net = onnxruntime.InferenceSession("net.onnx")
asked = Counter("asked", "how often")
app.mount("/metrics", make_asgi_app())


def keep(row: dict[str, float]) -> None:
    """Write it down."""
    with open("log.csv", "a") as file:
        file.write(str(row))


@app.post("/predict")
def predict(row: dict[str, float], later: BackgroundTasks) -> dict[str, float]:
    """Answer."""
    later.add_task(keep, row)
    return row
''',
    "src/faces/drift.py": '''"""Drift."""
from evidently import Report
from evidently.presets import DataDriftPreset


def look(reference: object, current: object) -> object:
    """Compare."""
    return Report([DataDriftPreset()]).run(reference_data=reference, current_data=current)
''',
    "src/faces/page.py": '''"""Page."""
import requests
import streamlit as st

st.title("Faces")
file = st.file_uploader("a face")
if st.button("ask"):
    st.write(requests.post("http://localhost:8000/predict", files={"file": file}).json())
''',
    "configs/config.yaml": "defaults:\n  - _self_\npath: data/a.csv\n",
    "tests/test_data.py": "from faces.data import load\n\n\ndef test_data_has_rows():\n    assert len(load('a.csv'))\n",
    "tests/test_model.py": "from faces.model import Net\n\n\ndef test_model_answers():\n    assert Net()(1) == 1\n",
    "tests/test_api.py": (
        "from fastapi.testclient import TestClient\nfrom faces.api import app\n\n\n"
        "def test_predict():\n    assert TestClient(app).post('/predict', json={}).status_code == 200\n"
    ),
    "tests/locustfile.py": (
        "from locust import HttpUser, task\n\n\nclass User(HttpUser):\n    @task\n    def ask(self):\n"
        "        self.client.post('/predict')\n"
    ),
    "Makefile": "check:\n\truff check .\n\nsweep:\n\twandb sweep configs/sweep.yaml\n",
    "data.dvc": "outs:\n- path: data\n",
    ".dvc/config": "[core]\n    remote = store\n['remote \"store\"']\n    url = gs://bucket/data\n",
    ".pre-commit-config.yaml": "repos:\n- repo: https://github.com/astral-sh/ruff-pre-commit\n  hooks:\n  - id: ruff\n",
    "train.dockerfile": 'FROM python:3.12-slim\nCOPY src/ src/\nCOPY pyproject.toml .\nRUN pip install .\nCMD ["python", "-m", "faces.train"]\n',
    ".github/workflows/tests.yml": """name: tests
on: [push, pull_request]
jobs:
  tests:
    runs-on: ${{ matrix.os }}
    strategy:
      matrix:
        os: [ubuntu-latest, macos-latest]
        python: ["3.11", "3.12"]
    steps:
      - uses: actions/checkout@v6
      - uses: actions/setup-python@v6
        with: {python-version: "${{ matrix.python }}", cache: pip}
      - run: |
          pip install -e .
          coverage run -m pytest
      - run: make check
""",
    ".github/workflows/data.yml": (
        "on:\n  push:\n    paths:\n      - data.dvc\njobs:\n  look:\n    runs-on: x\n    steps:\n      - run: dvc pull\n"
    ),
    ".github/workflows/model.yml": (
        "on:\n  repository_dispatch:\n    types: [model-promoted]\njobs:\n  look:\n    runs-on: x\n    steps:\n      - run: dvc pull\n"
    ),
    ".github/workflows/images.yml": (
        "on:\n  push:\n    branches: [main]\njobs:\n  build:\n    runs-on: x\n    steps:\n      - run: docker build -f train.dockerfile .\n"
        "      - run: gcloud run deploy faces --image x\n      - run: gcloud ai custom-jobs create --config job.yaml\n"
    ),
    ".github/workflows/drift.yml": (
        "on:\n  schedule: [{cron: '0 3 * * *'}]\njobs:\n  look:\n    runs-on: x\n    steps:\n      - run: python src/faces/drift.py\n"
    ),
    ".github/workflows/docs.yml": "on: [push]\njobs:\n  docs:\n    runs-on: x\n    steps:\n      - run: mkdocs gh-deploy --force\n",
    "cloud/alerts.tf": 'resource "google_monitoring_alert_policy" "errors" {\n}\n',
}

WEAK = {
    "README.md": "# Faces\n\nA course project.\n",
    "docs/notes.md": "# Notes\n\n" + "Many words that no tool builds to pages for readers. " * 20,
    "docs/architecture.png": "no picture, but there",
    ".gitignore": "/data/\n/models/\n",
    "requirements.txt": "torch\nfastapi\nwandb\noptuna\nonnx\nlocust\nhydra-core\nsnakeviz\npre-commit\nruff\ntorchao\npytest-cov\nevidently\nprometheus-client\ndvc\n",
    "train.py": '''import lightning as L
import sklearn.svm
from torch.utils.data import DataLoader
import pandas as pd


class Config:
    lr = 1


def run(rows):
    """Train."""
    print("begin")
    print(pd.read_csv("a.csv"))
    loader = DataLoader(rows)
    trainer = L.Trainer(devices="auto")
    trainer.fit(1, loader)


def other(rows):
    print(rows)


if __name__ == "__main__":
    run([])
''',
    "api.py": "from fastapi import FastAPI\nfrom prometheus_client import Counter\n\napp = FastAPI()\nasked = Counter('a', 'b')\n\n\n@app.get('/health')\ndef health():\n    return {}\n",
    "page.py": "import streamlit as st\n\nst.title('Faces')\n",
    "drift.py": "from evidently import Report\n\nrows = open('a.csv')\nReport([]).run(reference_data=rows, current_data=rows)\n",
    "test_data.py": "def test_data():\n    assert 1 + 1 == 2\n",
    "test_model.py": "def test_model():\n    pass\n",
    "test_api.py": "from fastapi.testclient import TestClient\nfrom api import app\n\n\ndef test_it():\n    assert TestClient(app).get('/health')\n",
    "Dockerfile": "FROM python:3.12\nCOPY models/ models/\n",
    ".dvc/config": "[core]\n    remote = here\n['remote \"here\"']\n    url = /tmp/store\n",
    ".pre-commit-config.yaml": "repos: []\n",
    ".github/workflows/lint.yml": "on: [push]\njobs:\n  lint:\n    runs-on: x\n    steps:\n      - run: echo ruff check\n",
    ".github/workflows/data.yml": (
        "on:\n  push:\n    paths: ['data/**']\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: dvc pull\n"
    ),
    ".github/workflows/model.yml": (
        "on:\n  push:\n    paths: ['models/**']\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: dvc pull\n"
    ),
    ".github/workflows/tests.yml": (
        "on: [workflow_dispatch]\njobs:\n  a:\n    runs-on: x\n    strategy:\n      matrix:\n        torch: ['2.5', '2.6']\n"
        "    steps:\n      - run: tox\n      - run: bash build.sh\n"
    ),
    ".github/workflows/docs.yml": "on: workflow_dispatch\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: mkdocs gh-deploy\n",
    "tox.ini": "[testenv]\ncommands =\n    pytest\n",
    "build.sh": "docker build .\n",
    "service.yaml": "apiVersion: serving.knative.dev/v1\nkind: Service\n",
    "job.yaml": "workerPoolSpecs:\n  machineSpec: {machineType: n1}\n",
    "prometheus.yml": "scrape_configs:\n- job_name: faces\n",
    "rules.yml": "groups:\n- rules:\n  - alert: Down\n    expr: up == 0\n",
}
