"""`omloop train`."""

import argparse

from omloop.cli.models import models_json, models_table
from omloop.cli.overrides import plan_of, project_arguments
from omloop.cli.show import show
from omloop.cli.tags import annotation_arguments, annotation_of
from omloop.loop.turn.turn import train_only

EXAMPLE = "omloop train student_performance model=mlp model.lr=3e-3"


def arguments(parser: argparse.ArgumentParser) -> None:
    """NAME, the configuration, and what to say of the run."""
    project_arguments(parser)
    annotation_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Train the models and print how they compare; no version comes of it."""
    annotation, plan = annotation_of(args), plan_of(args)
    compared = train_only(plan, annotation=annotation)
    by = compared.compared_by
    value = {"run": compared.run, "models": models_json(compared.models), "best": compared.best, "chosen_by": by}
    show(args, value, models_table(compared.models, compared.best, by), f"run {compared.run}; no version was made")
    return 0
