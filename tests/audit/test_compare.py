"""Ticked boxes of reports in several wordings, held against the evidence."""

import re
from pathlib import Path

import pytest
from tests.audit.conftest import write
from tests.audit.samples import FOUND

from omloop.audit import CHECKLIST, audit, compare_report
from omloop.audit.compare import match, read_boxes

COURSE = """### Week 1
* [x] Create a git repository (M5)
* [x] Make sure that all team members have write access to the GitHub repository (M5)
* [x] Create a dedicated environment for you project to keep track of your packages (M2)
* [x] Create the initial file structure using cookiecutter with an appropriate template (M6)
* [x] Fill out the `data.py` file such that it downloads whatever data you need and preprocesses it (if necessary) (M6)
* [x] Add a model to `model.py` and a training procedure to `train.py` and get that running (M6)
* [x] Remember to either fill out the `requirements.txt`/`requirements_dev.txt` files or keeping your
    `pyproject.toml`/`uv.lock` up-to-date with whatever dependencies that you are using (M2+M6)
* [x] Remember to comply with good coding practices (`pep8`) while doing the project (M7)
* [x] Do a bit of code typing and remember to document essential parts of your code (M7)
* [x] Setup version control for your data or part of your data (M8)
* [x] Add command line interfaces and project commands to your code where it makes sense (M9)
* [x] Construct one or multiple docker files for your code (M10)
* [x] Build the docker files locally and make sure they work as intended (M10)
* [x] Write one or multiple configurations files for your experiments (M11)
* [x] Used Hydra to load the configurations and manage your hyperparameters (M11)
* [x] Use profiling to optimize your code (M12)
* [x] Use logging to log important events in your code (M14)
* [x] Use Weights & Biases to log training progress and other important metrics/artifacts in your code (M14)
* [x] Consider running a hyperparameter optimization sweep (M14)
* [x] Use PyTorch-lightning (if applicable) to reduce the amount of boilerplate in your code (M15)

### Week 2
* [ ] Write unit tests related to the data part of your code (M16)
* [ ] Write unit tests related to model construction and or model training (M16)
* [ ] Calculate the code coverage (M16)
* [ ] Get some continuous integration running on the GitHub repository (M17)
* [ ] Add caching and multi-os/python/pytorch testing to your continuous integration (M17)
* [ ] Add a linting step to your continuous integration (M17)
* [ ] Add pre-commit hooks to your version control setup (M18)
* [ ] Add a continues workflow that triggers when data changes (M19)
* [ ] Add a continues workflow that triggers when changes to the model registry is made (M19)
* [ ] Create a data storage in GCP Bucket for your data and link this with your data version control setup (M21)
* [ ] Create a trigger workflow for automatically building your docker images (M21)
* [ ] Get your model training in GCP using either the Engine or Vertex AI (M21)
* [ ] Create a FastAPI application that can do inference using your model (M22)
* [ ] Deploy your model in GCP using either Functions or Run as the backend (M23)
* [ ] Write API tests for your application and setup continues integration for these (M24)
* [ ] Load test your application (M24)
* [ ] Create a more specialized ML-deployment API using either ONNX or BentoML, or both (M25)
* [ ] Create a frontend for your API (M26)

### Week 3
* [ ] Check how robust your model is towards data drifting (M27)
* [ ] Setup collection of input-output data from your deployed application (M27)
* [ ] Deploy to the cloud a drift detection API (M27)
* [ ] Instrument your API with a couple of system metrics (M28)
* [ ] Setup cloud monitoring of your instrumented application (M28)
* [ ] Create one or more alert systems in GCP to alert you if your app is not behaving correctly (M28)
* [ ] If applicable, optimize the performance of your data loading using distributed data loading (M29)
* [ ] If applicable, optimize the performance of your training pipeline by using distributed training (M30)
* [ ] Play around with quantization, compilation and pruning for you trained models to increase inference speed (M31)

### Extra
* [ ] Write some documentation for your application (M32)
* [ ] Publish the documentation to GitHub Pages (M32)
* [ ] Revisit your initial project description. Did the project turn out as you wanted?
* [ ] Create an architectural diagram over your MLOps pipeline
* [ ] Make sure all group members have an understanding about all parts of the project
* [ ] Uploaded all your code to GitHub
"""

SHORT = {
    "- [x] Git repo set up": "git repository",
    "- [x] Dockerfiles for training and API": "dockerfiles",
    "- [-] Profiling": "profiling",
    "- [x] Logging with loguru": "logging",
    "- [x] W&B experiment tracking": "experiment tracking",
    "- [x] Hyperparameter sweep": "hyperparameter sweep",
    "- [x] Pre-commit hooks": "pre-commit",
    "- [x] Linting step in CI": "lint in CI",
    "- [x] Code coverage": "coverage",
    "- [-] Load testing with locust": "load test",
    "- [-] Frontend": "front end",
    "- [x] Alerts": "alerts",
    "- [x] Quantization / pruning": "quantised, pruned or compiled",
    "- [x] Architecture diagram": "architecture diagram",
    "- [x] Docs published on GitHub Pages": "documentation published",
}


def test_every_box_of_the_course_means_its_item() -> None:
    boxes = list(read_boxes(COURSE))
    meant = match(boxes, CHECKLIST)
    told = [(box.text, meant[index].name if index in meant else "") for index, box in enumerate(boxes)]
    assert [name for _, name in told] == [item.name for item in CHECKLIST], told


def test_the_order_of_boxes_does_not_matter() -> None:
    meant = match(list(read_boxes(COURSE))[::-1], CHECKLIST)
    assert [meant[index].name for index in range(53)] == [one.name for one in CHECKLIST][::-1]


def test_other_words_for_an_item_are_known() -> None:
    boxes = list(read_boxes("\n".join(SHORT)))
    meant = match(boxes, CHECKLIST)
    assert [meant[index].name if index in meant else "" for index in range(len(boxes))] == list(SHORT.values())


def test_boxes_without_modules_are_known_too() -> None:
    meant = match(list(read_boxes(re.sub(r" \(M[^)]*\)", "", COURSE))), CHECKLIST)
    assert [meant[index].name for index in range(53)] == [item.name for item in CHECKLIST]


@pytest.mark.parametrize("line", ["- [x] We had pizza every Friday", "- [x] Everyone was happy"])
def test_a_box_about_something_else_means_nothing(line: str) -> None:
    assert match(list(read_boxes(line)), CHECKLIST) == {}


def test_what_was_ticked_and_is_not_there_is_told_apart_from_what_is_there_unticked(tmp_path: Path) -> None:
    code = "src/faces/train.py"
    result = audit(write(tmp_path, {code: FOUND[code], "configs/config.yaml": "a: 1\n"}))
    text = "* [x] Used Hydra (M11)\n* [x] Load test your application (M24)\n* [ ] Use profiling (M12)\n* [ ] Sing\n"
    assert [one.verdict for one in compare_report(text, result)] == [
        "agrees",
        "ticked, not found",
        "found, not ticked",
        "cannot tell",
    ]


def test_a_text_without_boxes_claims_nothing(tmp_path: Path) -> None:
    assert compare_report("# A report\n\n[x](y)\n", audit(tmp_path)) == []


@pytest.mark.parametrize("mark", ["LATER", "half done", "N/A", "?"])
def test_a_box_with_a_short_word_is_not_ticked(mark: str) -> None:
    assert [(one.text, one.ticked) for one in read_boxes(f"- [{mark}] Write alerts")] == [("Write alerts", False)]


@pytest.mark.parametrize("line", ["[docs](a.md) of it", "[docs][1] of it", "[^1] of it", "[12] of it", "[a]: b", "[]"])
def test_links_and_notes_are_no_boxes(line: str) -> None:
    assert list(read_boxes(f"- {line}")) == []


def test_a_box_that_asks_what_no_file_can_tell_is_not_urged(tmp_path: Path) -> None:
    result = audit(write(tmp_path, {"README.md": "# Rides\n\n" + "They cost what they cost. " * 40}))
    line = "Revisit the description of the project that you gave initially"
    assert [one.verdict for one in compare_report(f"- [ ] {line}\n", result)] == ["cannot tell"]
    assert [one.verdict for one in compare_report(f"- [x] {line}\n", result)] == ["agrees"]


@pytest.mark.parametrize("line", ["", "```to do```", "~~~~ `x`\n~~~\n~~~~"])
def test_a_box_in_a_block_of_code_is_an_example(line: str) -> None:
    text = f"* [ ] Use Hydra (M11)\n{line}\n~~~markdown\n* [x] Load test\n~~~\n\n* [x] Write a Dockerfile (M10)\n"
    assert [(one.line, one.ticked) for one in read_boxes(text)] == [(1, False), (7 + line.count("\n"), True)]
