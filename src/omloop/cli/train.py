"""`omloop train`."""

import argparse

from omloop.cli.models import models_json, models_table
from omloop.cli.overrides import asked, project_arguments
from omloop.cli.show import progress, show
from omloop.loop.turn import train_only

EXAMPLE = "omloop train student_performance model=mlp model.lr=3e-3"
arguments = project_arguments


def run(args: argparse.Namespace) -> int:
    """Train the models and print how they compare; no version comes of it."""
    wanted = asked(args)
    compared = train_only(wanted.project, wanted.config, wanted.workspace, tell=progress(args))
    value = {"run": compared.run, "models": models_json(compared.models), "best": compared.best}
    show(args, value, models_table(compared.models, compared.best), f"run {compared.run}; no version was made")
    return 0
