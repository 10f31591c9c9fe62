"""What becomes of pipelines when they are packaged: python benchmarks/pipelines.py PROJECT [NAME ...]

PROJECT is a folder with a project over a table and a `zoo.py`, whose dictionaries `C` (classes) and `R` (a number, in
the record column `score`) map a name to a function that makes an unfitted estimator. Each is trained as a turn trains
it and packaged as a turn packages it, on records with absent values and with words that training did not know. Printed
are a row a pipeline, and the counts.
"""

import argparse
import sys
import tempfile
import time
import warnings
from collections import Counter
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from omloop.core import Job, OmloopError, Project, Settings
from omloop.data import prepare
from omloop.kinds import Number
from omloop.loop import find_project
from omloop.loop.turn.packaging import package
from omloop.train import fit_estimator

ROWS = 1500


def tried(project: Project, dataset: Any, estimator: Any) -> tuple[str, str]:
    """What came of one pipeline, and in which words."""
    try:
        job = Job(
            config=None,
            inputs=project.inputs,
            outputs=project.outputs,
            train=dataset.train,
            validation=dataset.validation,
            seed=1,
            log=lambda step, metrics: None,
            folder=Path(tempfile.mkdtemp()),
        )
        packaged = package(project, project.inputs, dataset, fit_estimator(estimator(), job))
    except ModuleNotFoundError as error:
        return "absent", str(error)
    except OmloopError as error:
        return "refused", f"{type(error).__name__}: {error}"
    except Exception as error:
        return "INTERNAL", f"{type(error).__name__}: {error}"
    return "packaged", f"{packaged.parity.relative:.1e}"


def main() -> None:
    """Try each, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    project = find_project(str(given.project.resolve()), Settings())
    zoo = import_module(f"omloop_projects.{given.project.resolve().name}.zoo")
    counts: Counter[str] = Counter()
    warnings.simplefilter("ignore")
    for kind, estimators in (("classes", zoo.C), ("number", zoo.R)):
        one = project if kind == "classes" else replace(project, outputs=Number("score"), target="score", ignored={})
        records = one.simulate(ROWS, 1, 0.0)
        dataset = prepare(one, records, one.inputs, seed=1)
        for name, make in estimators.items():
            if given.names and name not in given.names:
                continue
            begun = time.perf_counter()
            came, words = tried(one, dataset, make)
            counts[came] += 1
            sys.stdout.write(f"{kind} | {name} | {came} | {time.perf_counter() - begun:.1f} s | {words}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{dict(counts)}\n")


if __name__ == "__main__":
    main()
