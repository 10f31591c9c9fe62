"""A sweep as Weights & Biases takes it."""

import pytest
import yaml

from omloop.core import ConfigError
from omloop.sweep import SearchRules, read_space
from omloop.sweep.wandb_definition import wandb_definition

WORDS = ["model=mlp", "model.lr=log:1e-4,0.1", "model.batch_size=32,64", "seed=int:1,9", "data.fraction=uniform:0.2,1"]


def test_every_kind_of_parameter_has_its_distribution() -> None:
    found = yaml.safe_load(
        wandb_definition("imdb", read_space(WORDS), SearchRules(), "log_loss", 40, "mlp/validation_loss")
    )
    assert found["parameters"] == {
        "model.lr": {"distribution": "log_uniform_values", "min": 1e-4, "max": 0.1},
        "model.batch_size": {"values": ["32", "64"]},
        "seed": {"distribution": "int_uniform", "min": 1, "max": 9},
        "data.fraction": {"distribution": "uniform", "min": 0.2, "max": 1.0},
    }
    assert found["command"] == ["omloop", "train", "imdb", "model=mlp", "${args_no_hyphens}"]
    assert (found["method"], found["run_cap"]) == ("bayes", 40)
    assert found["early_terminate"] == {"type": "hyperband", "min_iter": 3}
    assert found["metric"] == {"name": "mlp/validation_loss", "goal": "minimize"}


def test_less_is_better_is_said_and_no_pruning_is_none() -> None:
    rules = SearchRules("random", "none", higher_is_better=False)
    found = yaml.safe_load(wandb_definition("imdb", read_space(WORDS), rules, "rmse", 1))
    assert found["metric"] == {"name": "validation/rmse", "goal": "minimize"} and "early_terminate" not in found


def test_parameters_of_one_model_are_refused() -> None:
    space = read_space(["model=mlp,linear", "mlp.lr=log:1e-4,1"]).of_models(["mlp", "linear"])
    with pytest.raises(ConfigError, match=r"mlp\.lr"):
        wandb_definition("imdb", space, SearchRules(), "r2", 1)
