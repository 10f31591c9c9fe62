"""Whether confidence holds on real data: the coverage of intervals, and calibration before and after, by seed.

    python benchmarks/confidence.py student_performance model=linear data=file data.path=students.csv
    python benchmarks/confidence.py faces model=pca_svm data=file data.path=faces/ --seeds 1 2 3

For each seed the records are dealt anew (where the data set names its test part, the others are), the model is trained,
packaged and calibrated on the validation part, and checked on the test part. Nothing is registered.
"""

import argparse
import tempfile
from pathlib import Path

from omloop.bundle.confidence import Confidence, Sureness
from omloop.core import Job
from omloop.loop import Workspace
from omloop.loop.project.plan import Plan
from omloop.loop.records.records import gather, split
from omloop.loop.turn.confidence import checked, with_confidence
from omloop.loop.turn.packaging import package


def main(words: argparse.Namespace) -> None:
    print("| seed | held out | how | before | as served | by chance |\n|---|---|---|---|---|---|")
    for seed in words.seeds:
        with tempfile.TemporaryDirectory() as folder:
            found = confidence_of(words.project, [*words.overrides, f"seed={seed}", f"split.seed={seed}"], Path(folder))
        if found.coverage is not None:
            print(f"| {seed} | {found.held_out} | ± {found.half:.2f} | | {found.coverage} of {found.rows} | |")
            continue
        how, chance = found.about or found.why, f"{found.by_chance:.3f}"
        print(f"| {seed} | {found.held_out} | {how} | {told(found.before)} | {told(found.after)} | {chance} |")


def told(one: Sureness) -> str:
    """The scores in a line."""
    first = f"ECE {one.calibration_error:.3f}, sure {one.sure:.3f}, right {one.right:.3f}"
    return f"{first}, log loss {one.log_loss:.3f}, Brier {one.brier:.3f}"


def confidence_of(name: str, overrides: list[str], folder: Path) -> Confidence:
    """What a version of this seed would say of its confidence."""
    plan = Plan.of(name, overrides, Workspace.of(workspace=folder), tell=lambda line: None)
    dataset = split(plan, gather(plan))
    project, config = plan.project, plan.config
    model = next(reversed(config.models))
    job = Job(config.models[model], plan.kind, project.outputs, dataset.train, dataset.validation, config.seed,
              lambda step, metrics: None, folder)  # fmt: skip
    fitted = project.models[model].fit(job)
    packaged = package(project, plan.kind, dataset, fitted)
    return checked(with_confidence(plan, dataset, packaged, fitted), dataset.test, seed=config.seed).confidence


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("project")
    parser.add_argument("overrides", nargs="*")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    main(parser.parse_intermixed_args())
