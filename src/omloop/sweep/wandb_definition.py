"""The same sweep as Weights & Biases runs it: the definition that `wandb sweep FILE` takes.

Its form: https://docs.wandb.ai/guides/sweeps/sweep-config-keys
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from omloop.core import ConfigError
from omloop.sweep.space import Choices, Parameter, Space
from omloop.sweep.study import SearchRules

METHODS: Mapping[str, str] = {"tpe": "bayes", "random": "random", "grid": "grid"}
LEAST_STEPS = 3
"""Steps before which Hyperband ends no run."""


def wandb_definition(project: str, space: Space, rules: SearchRules, metric: str, trials: int, loss: str = "") -> str:
    """The definition as YAML; its runs are `omloop train`, with the parameters as words of the configuration.

    Its search is `bayes` where ours is `tpe`. If rules prune any runs and there is a `loss`, Hyperband prunes runs.
    `loss` is the mirror's name for the validation loss of a step. The search then uses that loss, since only it has
    steps. Else it is by the final score. Raises ConfigError for parameters of one model alone, which a definition
    cannot have.
    """
    import yaml

    if space.only:
        told = f"A sweep of Weights & Biases knows no parameters of one model alone: {', '.join(space.only)}."
        raise ConfigError(f"{told} Vary those of one model.")
    command = ["omloop", "train", project, *(shlex.quote(word) for word in space.shared), "${args_no_hyphens}"]
    found: dict[str, Any] = {
        "project": project,
        "command": command,
        "method": METHODS[rules.method],
        "metric": {"name": f"validation/{metric}", "goal": "maximize" if rules.higher_is_better else "minimize"},
        "parameters": {key: _parameter(one) for key, one in space.parameters.items()},
        "run_cap": trials,
    }
    if loss and rules.prune != "none" and rules.method != "grid":
        found["metric"] = {"name": loss, "goal": "minimize"}
        found["early_terminate"] = {"type": "hyperband", "min_iter": LEAST_STEPS}
    return str(yaml.safe_dump(found, sort_keys=False))


def _parameter(one: Parameter) -> dict[str, object]:
    if isinstance(one, Choices):
        return {"values": list(one.values)}
    low, high = (int(one.low), int(one.high)) if one.whole else (one.low, one.high)
    if one.step:
        return {"distribution": "q_uniform", "min": low, "max": high, "q": int(one.step) if one.whole else one.step}
    if one.log:
        kind = "q_log_uniform_values" if one.whole else "log_uniform_values"
        return {"distribution": kind, "min": low, "max": high}
    return {"distribution": "int_uniform" if one.whole else "uniform", "min": low, "max": high}
