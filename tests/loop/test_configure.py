from pathlib import Path

import pytest

from omloop.core import ConfigError, OmloopError, Project
from omloop.loop.configure import configure, overrides_in


def test_the_default_trains_the_baseline_first_and_then_every_model(student: Project) -> None:
    assert list(configure(student).models) == ["mean", "linear", "boosting", "mlp"]


def test_one_model_is_trained_beside_the_baseline(student: Project) -> None:
    config = configure(student, ["model=mlp", "model.lr=3e-3"])
    assert list(config.models) == ["mean", "mlp"]
    assert config.models["mlp"].lr == 3e-3


def test_a_source_is_chosen_and_told(student: Project) -> None:
    config = configure(student, ["data=file", "data.path=some/where.csv", "data.on_problem=drop"])
    assert str(config.data) == "file where.csv"
    assert config.data.on_problem == "drop"


@pytest.mark.filterwarnings("error")
def test_a_project_may_say_where_on_kaggle_its_data_is(student: Project) -> None:
    config = configure(student, ["data=kaggle", "data.on_problem=drop"])
    assert "ankushnarwade/ai-impact-on-student-performance" in str(config.data)


def test_the_words_that_were_given_are_stored_with_the_result(student: Project) -> None:
    config = configure(student, ["model=linear", "seed=7"])
    assert config.seed == 7
    assert overrides_in(config.yaml) == ["model=linear", "seed=7"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["model.lrr=1", "model=mlp"], "no configuration key 'model.lrr'. Did you mean 'model.lr'"),
        (["sed=1"], "no configuration key 'sed'. Did you mean 'seed'"),
        (["data.row=1"], "no configuration key 'data.row'. Did you mean 'data.rows'"),
        (["gate.margn=1"], "Did you mean 'gate.margin'"),
        (["model=mpl"], "model=mpl is not known. Did you mean 'mlp'"),
        (["data=fiel"], "data=fiel is not known. Did you mean 'file'"),
        (["data=file"], "data.path has no value"),
        (["seed=many"], "seed: .*many"),
        (["model=mlp", "model.lr=[1"], "cannot be read"),
        (["promote=maybe"], "auto or ask"),
        (["data.on_problem=ignore"], "block or drop"),
        (["model=best", "model.among=[linear,forest]"], "No model is called 'forest'"),
    ],
)
def test_what_does_not_compose_is_explained_in_one_line(student: Project, words: list[str], reason: str) -> None:
    with pytest.raises(OmloopError, match=reason) as refused:
        configure(student, words)
    assert "\n" not in str(refused.value)


def test_composing_leaves_the_working_directory_and_its_content_alone(
    student: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    configure(student)
    assert Path.cwd() == tmp_path and not list(tmp_path.iterdir())


def test_a_project_without_configuration_is_told(student: Project, tmp_path: Path) -> None:
    from dataclasses import replace

    with pytest.raises(ConfigError, match="has no conf/config.yaml"):
        configure(replace(student, folder=tmp_path))
