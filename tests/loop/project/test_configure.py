import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from omloop.core import ConfigError, OmloopError, Project, Settings
from omloop.loop import find_project
from omloop.loop.project.configure import configure, overrides_in, overrides_with


def test_the_default_trains_the_baseline_first_and_then_every_model(student: Project) -> None:
    assert list(configure(student).models) == ["mean", "linear", "boosting", "mlp"]


def test_one_model_is_trained_beside_the_baseline(student: Project) -> None:
    config = configure(student, ["model=mlp", "model.lr=3e-3"])
    assert list(config.models) == ["mean", "mlp"]
    assert config.models["mlp"].lr == 3e-3


@pytest.mark.parametrize(
    ("file", "chosen", "leaves", "rounds"),
    [
        (None, "boosting", 3, 600),
        ("boosting", "boosting", 31, 600),
        ("deep", "deep", 31, 600),
    ],
    ids=["no file", "other defaults", "an option of its own"],
)
def test_the_defaults_of_a_model_stand_in_its_dataclass_and_a_file_tells_what_differs(
    student: Project, tmp_path: Path, file: str | None, chosen: str, leaves: int, rounds: int
) -> None:
    assert student.folder is not None
    shutil.copytree(student.folder / "conf", tmp_path / "conf")
    if file:
        (tmp_path / "conf" / "model" / f"{file}.yaml").write_text("defaults: [base_boosting, _self_]\nleaves: 31\n")
    model = configure(replace(student, folder=tmp_path), [f"model={chosen}"]).models["boosting"]
    assert (model.leaves, model.rounds) == (leaves, rounds)
    with pytest.raises(ConfigError, match=r"Did you mean 'model.rounds'"):
        configure(replace(student, folder=tmp_path), [f"model={chosen}", "model.round=3"])


def test_a_model_of_a_project_that_was_configured_before_is_no_option_of_the_next(
    student: Project, settings: Settings
) -> None:
    configure(find_project("faces", settings), ["model=nearest"])
    with pytest.raises(ConfigError, match=r"model=nearest is not known. .*There are: best, boosting, linear, mean"):
        configure(student, ["model=nearest"])


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
    ("before", "given", "kept"),
    [
        (["data.rows=700", "model=linear"], ["data=file", "data.path=new.csv"], ["model=linear"]),
        (
            ["data=file", "data.path=old.csv", "data.past=none", "seed=3"],
            ["data=simulated", "data.drift=1"],
            ["data.past=none", "seed=3"],
        ),
        (["data=file", "data.path=old.csv", "data.fraction=0.5"], ["data=file", "data.path=new.csv"], None),
        (["data.rows=700"], ["data.rows=500", "gate.metric=mae"], None),
    ],
)
def test_another_source_takes_no_keys_of_the_one_before(
    student: Project, before: list[str], given: list[str], kept: list[str] | None
) -> None:
    """What every source has stays, and so does all where the source is the same."""
    words = overrides_with(configure(student, before).yaml, given)
    assert words == [*(before if kept is None else kept), *given]
    assert configure(student, words).data.source == ("file" if "data=file" in words else "simulated")


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
        (["seed=many"], "'seed' must be a whole number, but it is 'many'"),
        (["model=mlp", "model.lr=[1"], "cannot be read"),
        (["metrics=[recall[x]]"], r"a value with special characters in quotes of its own: \"name='a\[b\]'\""),
        (["promote=maybe"], "auto or ask"),
        (["experiment=quik"], "experiment=quik is not known. Did you mean 'quick'"),
        (["experimnt=quick"], "no configuration key 'experimnt'. Did you mean 'experiment'"),
        (["gate.floors=3"], "'gate.floors' must be keys of its own with a number each, but it is 3"),
        (["most_epochs=many"], "'most_epochs' must be a whole number, or null, but it is 'many'"),
        (["most_epochs=0"], "most_epochs=0 leaves nothing to train"),
        (["data.fraction=0"], "data.fraction=0 is not a share of the records"),
        (["data.fraction=1.5"], "give more than 0 and at most 1"),
        (["data.fracton=0.5"], "Did you mean 'data.fraction'"),
        (["data.on_problem=ignore"], "block or drop"),
        (["map=umap"], "map=umap is not known; it is pca or tsne"),
        (["model=best", "model.among=[linear,forest]"], "No model is called 'forest'"),
    ],
)
def test_what_does_not_compose_is_explained_in_one_line(student: Project, words: list[str], reason: str) -> None:
    with pytest.raises(OmloopError, match=reason) as refused:
        configure(student, words)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["emotion", "faces", "imdb", "skin_lesion", "student_performance"])
def test_every_project_has_a_quick_and_a_full_preset(settings: Settings, name: str) -> None:
    project = find_project(name, settings)
    plain, quick, full = (configure(project, words) for words in ([], ["experiment=quick"], ["experiment=full"]))
    assert plain.data.fraction == full.data.fraction == 1.0 and quick.data.fraction <= 0.5
    assert (plain.promote, quick.promote, full.promote) == ("auto", "ask", "auto")
    assert 2 <= len(quick.models) <= len(project.models)
    assert all(getattr(model, "epochs", 1) <= 10 for model in quick.models.values())


def test_what_is_given_beside_a_preset_goes_before_it(student: Project) -> None:
    words = ["experiment=quick", "model=mlp", "model.lr=3e-3", "data.fraction=0.75", "most_epochs=2", "promote=auto"]
    config = configure(student, words)
    assert list(config.models) == ["mean", "mlp"]
    assert (config.models["mlp"].lr, config.models["mlp"].epochs) == (3e-3, 2)
    assert (config.data.fraction, config.promote) == (0.75, "auto")
    assert overrides_in(config.yaml) == words


def test_no_limit_of_epochs_raises_what_a_model_asks_for(student: Project) -> None:
    own = configure(student, ["model=mlp"]).models["mlp"].epochs
    assert configure(student, ["model=mlp", "most_epochs=100000"]).models["mlp"].epochs == own


def test_composing_leaves_the_working_directory_and_its_content_alone(
    student: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    configure(student)
    assert Path.cwd() == tmp_path and not list(tmp_path.iterdir())


def test_a_project_without_configuration_is_told(student: Project, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has no conf/config.yaml"):
        configure(replace(student, folder=tmp_path))


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        (
            "config.yaml",
            "most_epoch: 3",
            r"config.yaml, line 13: there is no key 'most_epoch'. Did you mean",
        ),
        (
            "config.yaml",
            "split:\n  test: half",
            "config.yaml, line 14: 'split.test' must be a number, but",
        ),
        (
            "config.yaml",
            "split:\n  seed:",
            "config.yaml, line 14: 'split.seed' must be a whole number, but",
        ),
        ("config.yaml", "split: 3", "config.yaml: a number or a text stands where keys belong. .* split, gate"),
        ("config.yaml", "seed: 5", "config.yaml, line 13: there are two 'seed' in the file; the other is in line 8"),
        ("config.yaml", "\t- a: [", "config.yaml, line 13: this is no YAML: found character"),
        ("config.yaml", "optimise: {variants: 7}", "config.yaml, line 13: 'optimise.variants' must be a list of texts"),
        (
            "model/linear.yaml",
            "defaults: [base_linear, _self_]\nalhpa: 3",
            r"model/linear.yaml, line 3: there is no key 'model.alhpa'. Did you mean",
        ),
        ("experiment/quick.yaml", "split: {by: [a]}", "experiment/quick.yaml, line 11: 'split.by' must be a text"),
        (
            "data/kaggle.yaml",
            "fraction: all",
            r"data/kaggle.yaml, line 9: 'data.fraction' must be a number",
        ),
        (
            "config.yaml",
            "promote: perhaps",
            "config.yaml, line 13: promote=perhaps is not known",
        ),
        ("config.yaml", "optimise: {prune: 2}", "config.yaml, line 13: optimise.prune=2.0 is no share"),
        ("data/kaggle.yaml", "quality: strict", "data/kaggle.yaml, line 9: data.quality=strict is not known"),
        ("experiment/quick.yaml", "metrics: [f9]", "experiment/quick.yaml, line 11: metrics=f9 is no metric"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_line(
    student: Project, tmp_path: Path, file: str, text: str, told: str
) -> None:
    assert student.folder is not None
    shutil.copytree(student.folder / "conf", tmp_path / "conf")
    with (tmp_path / "conf" / file).open("a", encoding="utf-8") as written:
        written.write(f"\n{text}\n")
    group, _, option = file.removesuffix(".yaml").rpartition("/")
    with pytest.raises(ConfigError, match=told) as refused:
        configure(replace(student, folder=tmp_path), [f"{group}={option}"] if group else [])
    assert "\n" not in str(refused.value)
